"""Scores a CLIP checkpoint zero-shot on the drawing styles that training never saw, through its own tokenizer and transformer.

  python3 evaluate.py build/joint/clip build/corpus [--json build/scores.json]

Two questions: which of the names of its style does a picture get (bare, and within templates: 2103.00020, section 3.1.4), and
which kind of picture is it. calibrate.py asks a third: which coarse labels (labels.py) hold for it.
Where the corpus holds concepts out by word (merge.py --hold-out), a model that was trained on it is scored on those, too;
with --head CHECKPOINT (train.py's) on nothing else, its head on the teacher's embeddings saying what the names mean.
"""

import argparse
import json
import os
from collections import defaultdict

import numpy as np
import torch
import torch.nn.functional as F

import clip
import concepts
from data import Painter, read
from model import mixed

MAX_CLASSES = 1500  # names of one style to tell apart
SEEN_NAMES = 850  # names of the training among which the held-out concepts are looked for
ENSEMBLE = ('{}', '{} icon', 'an icon of a {}', 'a picture of a {}', 'a drawing of a {}', '{} symbol')
KIND_PROMPTS = {
    'icon': ('icon', 'line icon', 'an icon'),
    'emoji': ('emoji', 'an emoji'),
    'logo': ('logo', 'a logo', 'brand logo'),
    'flag': ('country flag', 'a country flag'),
    'sprite': ('game sprite', 'a sprite', 'pixel art'),
    'clipart': ('clip art', 'an illustration', 'cartoon'),
    'photo': ('photo', 'a photograph'),
}


@torch.inference_mode()
def image_vectors(net, images, rows, batch=256, px=64):
    """Unit vectors [rows, embed] of these pictures, plainly painted."""
    net.eval()
    device, out = next(net.parameters()).device, []
    for k in range(0, len(rows), batch):
        u8 = torch.from_numpy(images[rows[k : k + batch]]).to(device)
        x = net.prepare(u8) if hasattr(net, 'prepare') else Painter.plain(u8, None, px)
        with mixed(device.type):
            out.append(F.normalize(net(x).float(), dim=1).cpu())
    return torch.cat(out)


@torch.inference_mode()
def text_vectors(text, tokenizer, names, templates=('{}',)):
    """Unit vectors [names, embed]: of each name the mean over the templates, as in CLIP's ensemble (section 3.1.4)."""
    text.eval()
    device, total = next(text.parameters()).device, 0
    for template in templates:
        texts = [template.format(n) for n in names]
        total = total + torch.cat([F.normalize(text(clip.token_ids(tokenizer, texts[k : k + 512]).to(device)), dim=1).cpu() for k in range(0, len(texts), 512)])
    return F.normalize(total, dim=1)


def held_out(rows):
    """{style: indices of its rows}"""
    styles = defaultdict(list)
    for i, r in enumerate(rows):
        if r['split'] == 'eval':
            styles[r['set']].append(i)
    return dict(sorted(styles.items()))


def by_name(rows, index):
    """Rows of a style and its names, at most MAX_CLASSES of them (drawn with a fixed seed)."""
    names = sorted({rows[i]['name'] for i in index})
    if len(names) > MAX_CLASSES:
        names = sorted(np.random.default_rng(1).choice(names, MAX_CLASSES, replace=False).tolist())
    kept = set(names)
    return [i for i in index if rows[i]['name'] in kept], names


def zero_shot(corpus, net, text, tokenizer, templates=('{}',), vectors=None):
    """[(style, pictures, ways, top-1 %, top-5 %)]; vectors: {row: unit vector} where they are known already."""
    results = []
    for style, index in held_out(corpus.rows).items():
        index, names = by_name(corpus.rows, index)
        column = {n: k for k, n in enumerate(names)}
        pictures = image_vectors(net, corpus.images, index) if vectors is None else torch.stack([vectors[i] for i in index])
        similar = pictures @ text_vectors(text, tokenizer, names, templates).T
        right = torch.tensor([column[corpus.rows[i]['name']] for i in index])
        rank = (similar > similar.gather(1, right[:, None])).sum(1)
        results.append((style, len(index), len(names), *((rank < k).float().mean().item() * 100 for k in (1, 5))))
    return results


def print_zero_shot(results):
    """A line a style, with what guessing would give beside it."""
    for style, n, ways, top1, top5 in results:
        print(f'{style:28s} n {n:5d} ways {ways:5d}  top-1 {top1:5.1f} (chance {100 / ways:4.2f})  top-5 {top5:5.1f} (chance {500 / ways:4.2f})')
    if results:
        mean = np.array([r[3:] for r in results]).mean(0)
        chance = np.mean([100 / r[2] for r in results])
        print(f'MEAN top-1 {mean[0]:.2f} (chance {chance:.2f}) top-5 {mean[1]:.2f} (chance {5 * chance:.2f})', flush=True)


def kinds(rows, vectors, index, text, tokenizer):
    """Which kind is it? {kind: (pictures, recall %)} and the most frequent wrong answers. vectors [index, embed]"""
    present = [k for k in KIND_PROMPTS if sum(rows[i]['kind'] == k for i in index) >= 20]
    prompts = torch.cat([F.normalize(text_vectors(text, tokenizer, KIND_PROMPTS[k]).mean(0, keepdim=True), dim=1) for k in present])
    similar = vectors @ prompts.T
    # each prompt is nearer to all pictures or further: compare what is above its mean over the kinds
    right = np.array([present.index(rows[i]['kind']) if rows[i]['kind'] in present else -1 for i in index])
    mean = torch.stack([similar[torch.from_numpy(right == k)].mean(0) for k in range(len(present))]).mean(0)
    answers = {}
    for way, values in (('bare', similar), ('centred', similar - mean)):
        best = values.argmax(1).numpy()
        answers[way] = {k: (int((right == c).sum()), float((best[right == c] == c).mean() * 100)) for c, k in enumerate(present)}
        answers[way]['balanced'] = float(np.mean([v[1] for v in answers[way].values()]))
        answers[way]['chance'] = 100 / len(present)
    return answers


def frequent_names(rows, n):
    """The n names that most training sets draw, of icons, emoji, clip art and sprites alike, in order of the alphabet."""
    sets = defaultdict(set)
    for r in rows:
        if r['split'] == 'train' and r['kind'] not in ('logo', 'flag') and len(r['name']) > 2:
            sets[r['name']].add(r['set'])
    return sorted(sorted(sets, key=lambda name: (-len(sets[name]), name))[:n])


def head_vectors(corpus_folder, checkpoint, names):
    """What the head of a run of train.py says of names: unit vectors [names, embed]. Words that the training had in no text have no
    vector of their own: of them the head knows what the teacher does."""
    from pretrain import MAX_WORDS, Corpus, TextHead, split_words  # which reads the corpus' texts
    from texts import embed

    corpus = Corpus(corpus_folder)
    state = {k.removeprefix('head.'): v for k, v in torch.load(checkpoint)['average'].items() if k.startswith('head.')}
    head = TextHead(len(corpus.vocab), 'minilm+mlp+words', state['lin.bias'].shape[0])
    head.load_state_dict(state)
    had = {w for i in corpus.train for s in (corpus.names[i], *corpus.captions[i]) for w in split_words(corpus.strings[s])}
    words = torch.zeros(len(names), MAX_WORDS, dtype=torch.long)
    for k, name in enumerate(names):
        ids = [corpus.vocab[w] for w in split_words(name) if w in corpus.vocab and w in had][:MAX_WORDS]
        words[k, : len(ids)] = torch.tensor(ids, dtype=torch.long)
    teacher = F.normalize(torch.from_numpy(embed(names)).float() - corpus.mean, dim=1)
    with torch.inference_mode():
        return F.normalize(head(teacher, words), dim=1)


def unseen_concepts(corpus, net, say, nouns, px=64):
    """Pictures called by nothing but a concept that was held out: which concept is it, among them alone and among names that were seen?

    say: names -> unit vectors
    -> [(styles, among, pictures, ways, top-1 %, top-5 %)]; the training's styles, which knew other things, and the held-out ones.
    """
    held = concepts.HeldOut(nouns)
    index = {
        'training styles': [i for i, r in enumerate(corpus.rows) if r['split'] == concepts.SPLIT and held.exactly(r['name'])],
        'held-out styles': [i for i, r in enumerate(corpus.rows) if r['split'] == 'eval' and r['kind'] != 'logo' and held.exactly(r['name'])],
    }
    seen = [n for n in frequent_names(corpus.rows, SEEN_NAMES) if not held.within(n)]
    texts = say(nouns + seen)
    results = []
    for styles, of in index.items():
        if not of:
            continue
        pictures = image_vectors(net, corpus.images, of, px=px)
        right = torch.tensor([nouns.index(held.exactly(corpus.rows[i]['name'])) for i in of])
        for among, ways in (('themselves', len(nouns)), ('seen names too', len(nouns) + len(seen))):
            similar = pictures @ texts[:ways].T
            rank = (similar > similar.gather(1, right[:, None])).sum(1)
            results.append((styles, among, len(of), ways, *((rank < k).float().mean().item() * 100 for k in (1, 5))))
    return results


def print_unseen(results):
    """A line a question, with what guessing would give beside it."""
    for styles, among, n, ways, top1, top5 in results:
        print(f'unseen concepts, {styles}, among {among}: n {n} ways {ways} top-1 {top1:.1f} (chance {100 / ways:.2f}) top-5 {top5:.1f} (chance {500 / ways:.2f})')


def average_precision(score, positive):
    """Area under precision over recall."""
    order = np.argsort(-score)
    hits = positive[order]
    return float((np.cumsum(hits) / (1 + np.arange(len(hits))))[hits].mean()) if hits.any() else float('nan')


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument('clip', nargs='?', default='build/joint/clip', help='open_clip checkpoint (default: %(default)s)')
    p.add_argument('corpus', nargs='?', default='build/corpus', help='folder from merge.py (default: %(default)s)')
    p.add_argument('--concepts', default=os.path.join(os.path.dirname(os.path.abspath(__file__)), 'concepts.txt'), help='the nouns that the corpus holds out (default: concepts.txt here)')
    p.add_argument('--head', help='checkpoint.pt of the run of train.py whose head says what the held-out concepts mean')
    p.add_argument('--px', type=int, default=64, help='pixels a side of the pictures, with --head (default: %(default)s)')
    p.add_argument('--json', help='file to write the figures into')
    a = p.parse_args()
    net, text, tokenizer, _, _ = clip.load(a.clip)

    class Held:
        rows, images = read(a.corpus)

    figures = {}
    if a.head:
        return print_unseen(unseen_concepts(Held, net, lambda names: head_vectors(a.corpus, a.head, names), concepts.read(a.concepts), a.px))
    index = [i for rows in held_out(Held.rows).values() for i in rows]
    vectors = image_vectors(net, Held.images, index)
    known = dict(zip(index, vectors))
    for title, templates in (('bare names', ('{}',)), ('ensemble', ENSEMBLE)):
        print(title)
        figures[title] = zero_shot(Held, net, text, tokenizer, templates, known)
        print_zero_shot(figures[title])

    figures['kinds'] = kinds(Held.rows, vectors, index, text, tokenizer)
    print('kinds (pictures, recall %)', json.dumps(figures['kinds']))

    if any(r['split'] == concepts.SPLIT for r in Held.rows):
        figures['unseen concepts'] = unseen_concepts(Held, net, lambda names: text_vectors(text, tokenizer, names), concepts.read(a.concepts))
        print_unseen(figures['unseen concepts'])

    if a.json:
        with open(a.json, 'w') as f:
            json.dump(figures, f, indent=1)


if __name__ == '__main__':
    main()
