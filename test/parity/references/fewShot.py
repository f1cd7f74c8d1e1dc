"""Writes test/parity/fixtures/fewShot.json: linear probes as scikit-learn's LogisticRegression trains them on seeded embeddings.

    python test/parity/references/fewShot.py

Each case: embeddings [N, D] and queries [Q, D] (unit rows, rounded to 5 digits), labels [N], classes, l2 = 1 / C, and of the reference
the loss (sum of -log p, and l2/2 times the squared weights), the classes of the queries, and their probabilities [Q, classes].
Needs: pip install numpy scikit-learn.
"""

import json
from pathlib import Path

import numpy as np
from sklearn.linear_model import LogisticRegression

FILE = Path(__file__).parents[1] / 'fixtures/fewShot.json'


def unit_rows(rng, centres, labels, spread):
    """Around unit centres, and about a common direction: as embeddings of one modality are."""
    rows = centres[labels] + spread * rng.normal(size=(len(labels), centres.shape[1])) / np.sqrt(centres.shape[1]) + 1.5 * centres.mean(0)
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).round(5)


def case(name, seed, classes, columns, shots, l2, spread):
    rng = np.random.default_rng(seed)
    centres = rng.normal(size=(classes, columns))
    centres /= np.linalg.norm(centres, axis=1, keepdims=True)
    labels = np.repeat(np.arange(classes), shots)
    x, queries = unit_rows(rng, centres, labels, spread), unit_rows(rng, centres, rng.integers(0, classes, 40), spread)
    probe = LogisticRegression(C=1 / l2, tol=1e-10, max_iter=100000).fit(x, labels)
    log_p = probe.predict_log_proba(x)[np.arange(len(labels)), labels]
    return {
        'name': name,
        'columns': columns,
        'classes': classes,
        'l2': l2,
        'embeddings': x.ravel().tolist(),
        'labels': labels.tolist(),
        'queries': queries.ravel().tolist(),
        'loss': float(-log_p.sum() + l2 / 2 * (probe.coef_**2).sum()),
        'predictions': probe.predict(queries).tolist(),
        'probabilities': probe.predict_proba(queries).round(6).ravel().tolist(),
    }


cases = [
    case('one shot', 1, 4, 16, 1, 0.1, 0.6),
    case('sixteen shots of many classes', 2, 12, 24, 16, 0.03, 0.9),
    case('classes that overlap', 3, 3, 8, 20, 1.0, 1.5),
    case('hardly a penalty', 4, 5, 32, 8, 0.001, 0.8),
]
FILE.write_text(json.dumps(cases) + '\n')
