"""The calibration of the model of two branches: that of calibrate.py, with photos in the reference, and with labels that name a kind.

  python3 calibrate_branches.py build/branches build/corpus build/photos calibration.json

The embedding of a picture ends with the probabilities of its kinds, e = (v, k). Labels are compared with v alone: what was tried with k
(similarities relative to the mean of the kind; an intercept of each kind) made the labels of drawings worse. A label that names a
kind ("photo", "screenshot") is told from k instead: R, fitted on texts, tells how much a text is the name of each kind.
Which labels hold for drawings is told from their names; for crops of photos it is what the classifier finds likely, less TRUST, since it
knows 1,000 kinds of things alone.
"""

import argparse
import json

import numpy as np
import torch
import torch.nn.functional as F

import clip
from calibrate import BANK, FLOOR, SAMPLE, encoded, fit, reliability, z_scores
from captions import KIND_NAMES, KINDS
from data import read
from evaluate import frequent_names, held_out, image_vectors, text_vectors
from labels import LABELS, Labeller
from photo_words import PhotoWords
from photos import SIDE as CROP_SIDE
from photos import network_input

TRUST = 0.85
PHOTOS = 2500  # crops
NAMED = ('icon', 'sprite', 'clipart', 'texture', 'photo', 'screenshot')  # kinds that texts name; "flag" and "logo" name what is shown
# near a name of a kind, but what a picture may show
THINGS = 'image images picture pictures camera gallery album flag logo emoji smiley map book card game play art paint brush display monitor'.split()
NAMES = 6000  # names of drawings that name no kind
KIND_SHARE = 0.2  # weight of these texts among all
NAMES_KIND = 0.65, 0.85  # R of a text from which on it names a kind a little, and altogether
PHOTO_WEIGHT = 3  # of photos, in styles


@torch.inference_mode()
def photo_vectors(net, folder, ids, batch=50):
    """Unit vectors of crops on white, as wide or high as they are, and the probabilities of their classes."""
    with open(f'{folder}/crops.json') as f:
        aspects = [aspect for _, aspect in json.load(f)]
    crops = np.memmap(f'{folder}/crops.u8', np.uint8, 'r', shape=(len(aspects), CROP_SIDE, CROP_SIDE, 3))
    out, seen = [], []
    for start in range(0, len(ids), batch):
        x = torch.ones(len(ids[start : start + batch]), 3, net.size, net.size)
        for k, i in enumerate(ids[start : start + batch]):
            h, w = (max(8, round(v * net.size / max(aspects[i], 1))) for v in (1, aspects[i]))
            crop = network_input(np.array(crops[i : i + 1]))
            top, left = (net.size - h) // 2, (net.size - w) // 2
            x[k, :, top : top + h, left : left + w] = F.interpolate(crop, (h, w), mode='bilinear', antialias=True)[0]
        x = x.contiguous(memory_format=torch.channels_last)
        out.append(F.normalize(net(x), dim=1))
        seen.append(F.softmax(net.classify(net.photos(x)), 1))
    return torch.cat(out), torch.cat(seen)


def kinds_named(text, tokenizer, rows, t0, kinds):
    """R [kinds, embed] by ridge regression on unit directions of texts: 1 for the kind whose name a text is, and 0 for names of drawings,
    also within the templates of labels."""
    words = [(k, word) for k in NAMED for word in KINDS[k][0]]
    said = {word for _, word in words} | set(THINGS)
    names = [n for n in frequent_names(rows, NAMES) if n not in said]
    templates = ('{}', '{} icon', 'an icon of a {}', 'a drawing of a {}', '{} symbol')
    plain = [*THINGS, *(templates[i % len(templates)].format(n) for i, n in enumerate(names))]
    w = (text_vectors(text, tokenizer, [word for _, word in words] + plain).numpy().astype(np.float64) - t0)[:, :-kinds]
    w /= np.linalg.norm(w, axis=1, keepdims=True)
    target = np.zeros((len(w), kinds))
    for i, (k, _) in enumerate(words):
        target[i, KIND_NAMES.index(k)] = 1
    near = len(words) + len(THINGS)
    weight = np.concatenate([np.full(near, KIND_SHARE / near), np.full(len(w) - near, (1 - KIND_SHARE) / (len(w) - near))])
    x = w * weight[:, None]
    named = np.linalg.solve(w.T @ x + 1e-4 * np.eye(w.shape[1]), x.T @ target).T
    # the names of all kinds are equally near to 1
    for k in NAMED:
        row = KIND_NAMES.index(k)
        named[row] /= np.mean([w[i] @ named[row] for i, (kind, _) in enumerate(words) if kind == k])
    seen = w @ named.T
    print('R of a name of a kind is', {word: round(float(seen[i, KIND_NAMES.index(k)]), 2) for i, (k, word) in enumerate(words)})
    print('of other names at most, 99 in 100:', round(float(np.quantile(seen[near:].max(1), 0.99)), 2))
    print({word: round(float(seen[len(words) + i].max()), 2) for i, word in enumerate(THINGS)}, flush=True)
    return named


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument('clip')
    p.add_argument('corpus')
    p.add_argument('photos', help='folder from photos.py')
    p.add_argument('out')
    p.add_argument('--wordnet', default='build/debian/root/wordnet-base', help='the unpacked package (default: %(default)s)')
    p.add_argument('--sample', type=int, default=SAMPLE, help='drawings of the reference (default: %(default)s)')
    p.add_argument('--per-style', type=int, default=1000, help='pictures of a held-out style (default: %(default)s)')
    p.add_argument('--seed', type=int, default=0, help='of all that is drawn (default: %(default)s)')
    a = p.parse_args()
    torch.set_num_threads(1)
    rng = np.random.default_rng(a.seed)
    rows, images = read(a.corpus)
    net, text, tokenizer, _, config = clip.load(a.clip)
    kinds = config['vision_cfg']['kinds']
    labeller = Labeller(a.wordnet)

    train = [i for i, r in enumerate(rows) if r['split'] == 'train']
    plain = np.array([rows[i]['mono'] or rows[i]['kind'] == 'logo' for i in train])
    chance = np.where(plain, 0.5 / max(1, plain.sum()), 0.5 / max(1, (~plain).sum()))
    sample = np.sort(rng.choice(train, min(a.sample, len(train)), replace=False, p=chance / chance.sum()))
    drawn = image_vectors(net, images, sample).numpy().astype(np.float64)
    with open(f'{a.photos}/crops.json') as f:
        crops = rng.permutation(len(json.load(f)))[:PHOTOS]
    shown, seen = (v.numpy().astype(np.float64) for v in photo_vectors(net, a.photos, crops))
    reference = np.concatenate([drawn, shown])
    mean, covariance = reference.mean(0), np.cov(reference.T, bias=True)

    bank = frequent_names(rows, BANK)
    t0 = text_vectors(text, tokenizer, bank).numpy().astype(np.float64).mean(0)
    named = kinds_named(text, tokenizer, rows, t0, kinds)
    labels = list(LABELS)
    w = text_vectors(text, tokenizer, labels).numpy().astype(np.float64) - t0

    groups = []  # (name, z, truth, weight) of pairs of pictures and labels
    styles = {s: [i for i in index if rows[i]['kind'] != 'logo'] for s, index in held_out(rows).items()}
    for style, index in styles.items():
        if len(index) < 50:
            continue
        index = np.sort(rng.permutation(index)[: a.per_style])
        vectors = image_vectors(net, images, index).numpy().astype(np.float64)
        z = z_scores(vectors, w, mean, covariance)
        holding = [labeller.of(rows[i]['name'], rows[i]['kind']) for i in index]
        words = [set(' '.join([rows[i]['name'], *(rows[i].get('tags') or [])]).split()) for i in index]
        true = np.array([[label in h for label in labels] for h in holding])
        unclear = ~true & np.array([[bool(set(label.split()) & ws) for label in labels] for ws in words])
        kept = ~unclear
        groups.append((style, z[kept], true[kept].astype(float), np.full(kept.sum(), 1 / kept.sum())))
    words = PhotoWords(a.wordnet)
    of_class = [labeller.of_sense(synset, name)[0] for synset, name in zip(words.classes, words.names)]
    holds = np.array([[label in found for label in labels] for found in of_class], float)
    likely = (TRUST * seen @ holds).clip(0, 1)
    z = z_scores(shown, w, mean, covariance).ravel()
    groups.append(('photos', z, likely.ravel(), np.full(z.size, PHOTO_WEIGHT / z.size)))

    z, true, weight = (np.concatenate([g[i] for g in groups]) for i in (1, 2, 3))
    weight *= len(z) / weight.sum()
    high = z >= FLOOR
    slope, offset = fit(z[high], true[high], weight[high])
    # honest reliability: each half of the styles judged with the fit of the others
    owner = np.concatenate([np.full(len(g[1]), 2 if g[0] == 'photos' else n % 2) for n, g in enumerate(groups)])
    honest = np.zeros(len(z))
    for half in (0, 1):
        others = high & (owner != half)
        s, b = fit(z[others], true[others], weight[others])
        honest[owner == half] = 1 / (1 + np.exp(-(s * z[owner == half] + b)))
    drawings = int((owner != 2).sum())
    lines, error = reliability(honest[:drawings], true[:drawings])
    print(f'a {slope:.4f} b {offset:.4f}; expected calibration error on drawings {error:.4f}')
    for line in lines:
        print('  {:.1f} to {:.1f}  pairs {:8d}  mean confidence {:.3f}  true {:.3f}'.format(*line))
    for threshold in (0.15, 0.3, 0.5, 0.7):
        chosen = honest[:drawings] >= threshold
        t = true[:drawings]
        print(f'  confidence >= {threshold}: precision {t[chosen].mean() if chosen.any() else float("nan"):.3f} recall {t[chosen].sum() / t.sum():.3f}')
    for name, zs, truths, weights in groups:
        ps = 1 / (1 + np.exp(-(slope * zs + offset)))
        said = ps >= 0.5
        print(f'  {name:28s} true {np.average(truths, weights=weights):.3f} mean confidence {np.average(ps, weights=weights):.3f}; of those >= 0.5 true {np.average(truths[said], weights=weights[said]) if said.any() else float("nan"):.3f}')

    with open(a.out, 'w') as out:
        json.dump(
            {
                'formula': "w = t - t0; z = (e.w - w.m) / sqrt(w' S w); p = 1 / (1 + exp(-(a z + b))), w has zeros for the kinds; R: kinds.named, m, S: imageMean, imageCovariance",
                'a': slope,
                'b': offset,
                'templates': ['{}'],
                'textMean': encoded(t0),
                'imageMean': encoded(mean),
                'imageCovariance': encoded(covariance),
                'kinds': {'names': KIND_NAMES, 'named': encoded(named), 'from': NAMES_KIND[0], 'to': NAMES_KIND[1], 'scale': config['vision_cfg']['kind_scale']},
                'sample': len(sample),
                'photos': len(crops),
                'seed': a.seed,
                'bank': bank,
                'reliability': {'columns': ['from', 'to', 'pairs', 'mean confidence', 'share true'], 'bins': lines, 'expectedCalibrationError': error},
            },
            out,
            indent=1,
        )


if __name__ == '__main__':
    main()
