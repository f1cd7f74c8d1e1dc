"""From similarities to confidences: what an embedding is compared with, and the slope and offset of the logistic.

  python3 calibrate.py build/joint/clip build/corpus calibration.json

A label j with unit text vector t_j has the direction w_j = t_j - t0, where t0 is the mean of the texts of a bank of frequent names
(the modality's mean is taken off, as in Distribution Normalization, 2302.11084). Its score for the picture with unit vector f_i is

    z_ij = (f_i . w_j - w_j . m) / sqrt(w_j' S w_j)          how far above pictures of all kinds, in their standard deviations

with m, S the mean and covariance of a reference sample. The pictures of the collection itself are no part of it: in a folder of
nothing but arrows "arrow" would be the mean, and hold for none.
The confidence is sigmoid(a z + b), each label for itself: a and b are fitted by logistic regression
(Platt 1999) on the held-out styles with the coarse labels of labels.py, as people's own lists are.
"""

import argparse
import base64
import json

import numpy as np
import torch

import clip
from data import read
from evaluate import ENSEMBLE, average_precision, frequent_names, held_out, image_vectors, text_vectors
from labels import LABELS, Labeller

SAMPLE, BANK = 20000, 500
FLOOR = 2.0  # the logistic is fitted to scores above it: below, nothing is shown, and there are so many that they would decide the slope


def encoded(array):
    """Little-endian float32 in base64, with its shape."""
    return {'shape': list(array.shape), 'float32': base64.b64encode(np.ascontiguousarray(array, '<f4').tobytes()).decode()}


def z_scores(f, w, mean, covariance):
    """Pictures f [n, d], directions w [labels, d] -> z [n, labels], against the reference."""
    return (f @ w.T - w @ mean) / np.sqrt(np.einsum('ld,de,le->l', w, covariance, w))


def pairs_of(rows, styles, vectors, say, t0, reference, labeller):
    """z and truth of the (picture, label) pairs of each held-out style: [(style, z [n], true [n])]

    The labels are the coarse ones, as people's own lists are: "animal", "vehicle", "arrow". Which hold is told from the picture's
    name (labels.py). Pairs that may hold (a word of the label is among the picture's name and tags) are left out.
    say: texts -> unit vectors.
    """
    labels = list(LABELS)
    w = say(labels) - t0
    out = []
    for style, index in styles.items():
        z = z_scores(vectors[index].numpy().astype(np.float64), w, *reference)
        holding = [labeller.of(rows[i]['name'], rows[i]['kind']) for i in index]
        words = [set(' '.join([rows[i]['name'], *(rows[i].get('tags') or [])]).split()) for i in index]
        true = np.array([[label in h for label in labels] for h in holding])
        unclear = ~true & np.array([[bool(set(label.split()) & w) for label in labels] for w in words])
        out.append((style, z[~unclear], true[~unclear]))
    return out


def label_table(rows, styles, vectors, say, t0, reference, labeller, ab):
    """How well the coarse labels do on all held-out styles: {label: pictures it holds for, precision, recall, ...}

    Precision and recall in % at confidence 0.5, and at the confidence where F1 is best; average precision over all confidences.
    """
    labels = list(LABELS)
    w = say(labels) - t0
    scores = np.concatenate([z_scores(vectors[index].numpy().astype(np.float64), w, *reference) for index in styles.values()])
    truth = [set(labeller.of(rows[i]['name'], rows[i]['kind'])) for index in styles.values() for i in index]
    out = {}
    for k, label in enumerate(labels):
        true = np.array([label in t for t in truth])
        if not true.any():
            continue
        p = 1 / (1 + np.exp(-(ab[0] * scores[:, k] + ab[1])))
        order = np.argsort(-p)
        hits = np.cumsum(true[order])
        taken = 1 + np.arange(len(order))
        best = int(np.argmax(2 * hits / (taken + true.sum())))
        half = int((p >= 0.5).sum())
        out[label] = {
            'pictures': int(true.sum()),
            'chance': float(true.mean() * 100),
            'precision at 0.5': float(hits[half - 1] / half * 100) if half else None,
            'recall at 0.5': float(hits[half - 1] / true.sum() * 100) if half else 0.0,
            'best confidence': float(p[order[best]]),
            'precision at best': float(hits[best] / (best + 1) * 100),
            'recall at best': float(hits[best] / true.sum() * 100),
            'average precision': average_precision(p, true) * 100,
            'right of the first 20': float(hits[19] * 5),
        }
    return out


def fit(z, true, weight):
    """a, b of sigmoid(a z + b) by Newton's method on the weighted log likelihood. All [n]"""
    x = np.stack([z, np.ones_like(z)], 1)
    ab = np.array([1.0, -3.0])
    for _ in range(50):
        p = 1 / (1 + np.exp(-x @ ab))
        gradient = x.T @ (weight * (true - p))
        hessian = (x * (weight * p * (1 - p))[:, None]).T @ x
        step = np.linalg.solve(hessian, gradient)
        ab = ab + step
        if np.abs(step).max() < 1e-9:
            break
    return ab


def reliability(p, true, bins=10):
    """[(from, to, pairs, mean confidence, share true)] and the expected calibration error (1706.04599)"""
    at = np.minimum((p * bins).astype(int), bins - 1)
    lines, error = [], 0
    for k in range(bins):
        chosen = at == k
        if chosen.any():
            lines.append([k / bins, (k + 1) / bins, int(chosen.sum()), float(p[chosen].mean()), float(true[chosen].mean())])
            error += chosen.sum() / len(p) * abs(lines[-1][3] - lines[-1][4])
    return lines, float(error)


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument('clip', nargs='?', default='build/joint/clip', help='open_clip checkpoint (default: %(default)s)')
    p.add_argument('corpus', nargs='?', default='build/corpus', help='folder from merge.py (default: %(default)s)')
    p.add_argument('out', nargs='?', default='build/calibration.json', help='file to write (default: %(default)s)')
    p.add_argument('--wordnet', default='build/debian/root/wordnet-base', help='the unpacked package (default: %(default)s)')
    p.add_argument('--sample', type=int, default=SAMPLE, help='pictures of the reference (default: %(default)s)')
    p.add_argument('--ensemble', action='store_true', help='texts are means over the templates of evaluate.py')
    p.add_argument('--labels', help='file to write the table of coarse labels into')
    p.add_argument('--seed', type=int, default=0, help='of all that is drawn (default: %(default)s)')
    a = p.parse_args()
    rng = np.random.default_rng(a.seed)
    rows, images = read(a.corpus)
    net, text, tokenizer, _, _ = clip.load(a.clip)
    labeller = Labeller(a.wordnet)
    if not labeller.wordnet.senses:
        p.error(f'no WordNet in {a.wordnet}: run debian/build.py, or give --wordnet')

    # reference: half of it icons and logos of one colour, the rest all other training rows
    train = [i for i, r in enumerate(rows) if r['split'] == 'train']
    plain = np.array([rows[i]['mono'] or rows[i]['kind'] == 'logo' for i in train])
    chance = np.where(plain, 0.5 / max(1, plain.sum()), 0.5 / max(1, (~plain).sum()))
    sample = np.sort(rng.choice(train, min(a.sample, len(train)), replace=False, p=chance / chance.sum()))
    f = image_vectors(net, images, sample).numpy().astype(np.float64)
    reference = f.mean(0), np.cov(f.T, bias=True)
    bank = frequent_names(rows, BANK)
    templates = ENSEMBLE if a.ensemble else ('{}',)

    said = {}

    def say(texts):
        new = [t for t in dict.fromkeys(texts) if t not in said]
        if new:
            said.update(zip(new, text_vectors(text, tokenizer, new, templates).numpy().astype(np.float64)))
        return np.stack([said[t] for t in texts])

    t0 = say(bank).mean(0)

    styles = {s: [i for i in index if rows[i]['kind'] != 'logo'] for s, index in held_out(rows).items()}
    styles = {s: index for s, index in styles.items() if len(index) >= 50}
    everything = sorted(i for index in styles.values() for i in index)
    vectors = torch.zeros(len(rows), f.shape[1])
    vectors[everything] = image_vectors(net, images, everything)

    pairs = pairs_of(rows, styles, vectors, say, t0, reference, labeller)
    z = np.concatenate([x[1] for x in pairs])
    true = np.concatenate([x[2] for x in pairs]).astype(float)
    weight = np.concatenate([np.full(len(x[1]), 1 / len(x[1])) for x in pairs]) * len(z) / len(pairs)  # each style counts alike
    high = z >= FLOOR
    slope, offset = fit(z[high], true[high], weight[high])

    # honest reliability: each half of the styles judged with the other half's fit
    honest = np.zeros(len(z))
    owner = np.concatenate([np.full(len(x[1]), k) for k, x in enumerate(pairs)])
    for half in (0, 1):
        mine = owner % 2 == half
        ab = fit(z[high & ~mine], true[high & ~mine], weight[high & ~mine])
        honest[mine] = 1 / (1 + np.exp(-(ab[0] * z[mine] + ab[1])))
    lines, error = reliability(honest, true)
    print(f'pairs {len(z)}, true {true.mean():.3%}; p = sigmoid({slope:.4f} z + {offset:.4f}); expected calibration error {error:.4f}')
    for line in lines:
        print('  {:.1f} to {:.1f}  pairs {:8d}  mean confidence {:.3f}  true {:.3f}'.format(*line))
    for threshold in (0.15, 0.3, 0.5, 0.7):
        chosen = honest >= threshold
        print(f'  confidence >= {threshold}: precision {true[chosen].mean() if chosen.any() else float("nan"):.3f} recall {true[chosen].sum() / true.sum():.3f}')
    for style, zs, truths in pairs:
        ps = 1 / (1 + np.exp(-(slope * zs + offset)))
        print(f'  {style:28s} true {truths.mean():.3f} mean confidence {ps.mean():.3f} of the true {ps[truths].mean():.3f}')

    table = label_table(rows, styles, vectors, say, t0, reference, labeller, (slope, offset))
    for label, t in sorted(table.items(), key=lambda x: -x[1]['average precision']):
        print(f"  {label:20s} of {t['pictures']:4d}", *(f'{k} {v:.1f}' for k, v in t.items() if k != 'pictures' and v is not None), sep='  ')
    if a.labels:
        with open(a.labels, 'w') as out:
            json.dump(table, out, indent=1)

    with open(a.out, 'w') as out:
        json.dump(
            {
                'formula': "w = t - t0; z = (f.w - w.m) / sqrt(w' S w); p = 1 / (1 + exp(-(a z + b))); m, S: imageMean, imageCovariance",
                'a': slope,
                'b': offset,
                'templates': list(templates),
                'textMean': encoded(t0),
                'imageMean': encoded(reference[0]),
                'imageCovariance': encoded(reference[1]),
                'sample': len(sample),
                'seed': a.seed,
                'bank': bank,
                'reliability': {'columns': ['from', 'to', 'pairs', 'mean confidence', 'share true'], 'bins': lines, 'expectedCalibrationError': error},
            },
            out,
            indent=1,
        )


if __name__ == '__main__':
    main()
