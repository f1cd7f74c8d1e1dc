"""Trains an image encoder against (mostly) fixed text embeddings, then scores it zero-shot on drawing styles never seen.

  python3 pretrain.py build/corpus build/model.pt --minutes 10 --plan 32:.7,64:.3

The encoders, their attention pool and the symmetric contrastive loss with a learned scale are CLIP's (2103.00020, sections
2.3 to 2.5). The text side is a teacher's embedding through a small head, plus learned vectors of the words.
"""

import argparse
import copy
import json
import math
import re
import time
from collections import Counter, defaultdict

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from data import Painter, read
from model import ModifiedResNet, VisionTransformer, mixed
from texts import DIMENSIONS, MAX_DESCRIPTION

SIZE = 64  # pixels a side of the stored pictures, which the encoders are laid out for
MAX_WORDS, MIN_WORD_COUNT = 12, 3
MAX_TAGS = 16
LOGO_SHARE = 0.10  # of the drawn pictures: logos are many and their names say little
MAX_CLASSES = 1500  # in the score: names of one style to tell apart


def arguments():
    """The command line."""
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument('data', nargs='?', default='build/corpus', help='folder from merge.py and texts.py (default: %(default)s)')
    p.add_argument('out', nargs='?', default='build/model.pt', help='checkpoint to write (default: %(default)s)')
    p.add_argument('--arch', default='rn', choices=('rn', 'vit'), help='image encoder: ResNet or vision transformer (default: %(default)s)')
    p.add_argument('--width', type=int, default=32, help='channels of the ResNet, or width of the transformer (default: %(default)s)')
    p.add_argument('--layers', default='2,2,2,2', help='blocks a stage, or one number for the transformer (default: %(default)s)')
    p.add_argument('--embed', type=int, default=256, help='dimensions of the joint space (default: %(default)s)')
    p.add_argument('--text', default='minilm+words', help='text head: minilm, with +mlp and +words as wanted (default: %(default)s)')
    p.add_argument('--minutes', type=float, default=8, help='time to train; the learning rate follows the clock (default: %(default)s)')
    p.add_argument('--plan', default='32:.7,64:.3', help='pixels:share of the time, in order (default: %(default)s)')
    p.add_argument('--batch', type=int, default=1024, help='pictures a step (default: %(default)s)')
    p.add_argument('--lr', type=float, default=2e-3, help='highest learning rate (default: %(default)s)')
    p.add_argument('--wd', type=float, default=0.1, help='weight decay (default: %(default)s)')
    p.add_argument('--scale', type=float, default=14.3, help='logit scale to begin with: 1 / temperature (default: %(default)s)')
    p.add_argument('--soft', type=float, default=0.0, help='target for pairs whose texts are alike to the teacher; 0 is off (default: %(default)s)')
    p.add_argument('--capname', type=float, default=0.6, help='how often a picture is called by its name, not a tag (default: %(default)s)')
    p.add_argument('--rich', type=float, default=0.0, help='weight of names that fewer than 3 sets have; 0 is off (default: %(default)s)')
    p.add_argument('--strong', type=float, default=1.0, help='strength of the augmentation (default: %(default)s)')
    p.add_argument('--init', help='checkpoint to go on from')
    p.add_argument('--seed', type=int, default=0, help='of weights and drawing (default: %(default)s)')
    p.add_argument('--evalpx', type=int, default=64, help='pixels a side in the score (default: %(default)s)')
    p.add_argument('--compile', type=int, default=0, help='1: torch.compile the encoder (default: %(default)s)')
    p.add_argument('--logevery', type=int, default=50, help='steps between lines (default: %(default)s)')
    return p.parse_args()


def split_words(s):
    """The words of a string."""
    return re.findall(r'[a-z0-9]+', s)


class Corpus:
    """Rows, pictures, and the strings and teacher's embeddings they point into."""

    def __init__(self, folder):
        self.rows, self.images = read(folder)
        with open(f'{folder}/strings.json') as f:
            self.strings = json.load(f)
        string_id = {s: i for i, s in enumerate(self.strings)}
        teacher = torch.from_numpy(np.load(f'{folder}/minilm.npy')).float()
        self.mean = teacher.mean(0)  # all texts share it: without it they are further apart
        self.teacher = F.normalize(teacher - self.mean, dim=1)

        counts = Counter(w for s in self.strings for w in split_words(s))
        self.vocab = {w: i + 1 for i, w in enumerate(sorted(w for w, c in counts.items() if c >= MIN_WORD_COUNT))}
        self.words = torch.zeros(len(self.strings), MAX_WORDS, dtype=torch.long)  # 0 pads
        for i, s in enumerate(self.strings):
            ids = [self.vocab[w] for w in split_words(s) if w in self.vocab][:MAX_WORDS]
            self.words[i, : len(ids)] = torch.tensor(ids)

        self.train = np.array([i for i, r in enumerate(self.rows) if r['split'] == 'train'])
        self.names = np.array([string_id[r['name']] for r in self.rows])
        self.mono = torch.tensor([bool(r['mono']) for r in self.rows])
        self.captions = []  # of each row, what else it may be called: its tags and its description
        for r in self.rows:
            ids = [string_id[t] for t in (r.get('tags') or [])[:MAX_TAGS] if t in string_id]
            description = (r.get('description') or '')[:MAX_DESCRIPTION]
            if description in string_id:
                ids.append(string_id[description])
            self.captions.append(np.array(ids, np.int64))
        self.name_counts = Counter(self.names[self.train].tolist())

    def texts(self, ids):
        """What the text head reads of these strings."""
        return self.teacher[ids], self.words[ids]

    def draw_weights(self, rich):
        """Cumulative chances of the training rows: by 1/sqrt of how often their name is there, logos held to their share."""
        rows, names = self.rows, self.names
        w = np.array([1 / math.sqrt(self.name_counts[names[i]]) for i in self.train])
        logo = np.array([rows[i]['kind'] == 'logo' for i in self.train])
        if logo.any():
            w[logo] *= LOGO_SHARE * w[~logo].sum() / (1 - LOGO_SHARE) / w[logo].sum()
        if rich > 0:
            sets = defaultdict(set)
            for i in self.train:
                sets[names[i]].add(rows[i]['set'])
            w *= np.array([1.0 if len(sets[names[i]]) >= 3 else rich for i in self.train])
        return np.cumsum(w / w.sum())


class TextHead(nn.Module):
    """Teacher's embedding [B, 384] and words [B, 12] -> joint space: a small head, plus the sum of the words' own vectors."""

    def __init__(self, vocabulary, parts, embed):
        super().__init__()
        self.mlp = nn.Sequential(nn.Linear(DIMENSIONS, 512), nn.GELU(), nn.Linear(512, embed))
        self.lin = nn.Linear(DIMENSIONS, embed)
        self.words = nn.Embedding(vocabulary + 1, embed, padding_idx=0)
        nn.init.normal_(self.words.weight, std=0.02)
        self.words.weight.data[0] = 0
        self.parts = parts

    def forward(self, teacher, words):
        y = self.lin(teacher)
        if 'mlp' in self.parts:
            y = y + self.mlp(teacher)
        if 'words' in self.parts:
            y = y + self.words(words).sum(1) * 0.5
        return y


def make_encoder(a):
    """The image encoder that the options ask for."""
    if a.arch == 'rn':
        net = ModifiedResNet(tuple(map(int, a.layers.split(','))), a.width, SIZE, a.embed)
    else:
        net = VisionTransformer(8, a.width, int(a.layers), SIZE, a.embed)
    return net.to(memory_format=torch.channels_last)


def make_optimizer(a, net, text, scale):
    """AdamW: no decay on norms, biases and positions, hardly any on words, and a scale that learns eight times as fast."""
    named = list(net.named_parameters())
    decays = [p.ndim > 1 and 'pos' not in n for n, p in named]
    groups = [
        {'params': [p for (_, p), d in zip(named, decays) if d], 'weight_decay': a.wd},
        {'params': [p for (_, p), d in zip(named, decays) if not d], 'weight_decay': 0},
        {'params': list(text.lin.parameters()) + list(text.mlp.parameters()), 'weight_decay': a.wd},
        {'params': text.words.parameters(), 'weight_decay': 1e-4},
        {'params': [scale], 'weight_decay': 0, 'mult': 8.0},
    ]
    return torch.optim.AdamW(groups, a.lr, betas=(0.9, 0.98), fused=True)


def draw_captions(a, corpus, pick, rng):
    """Two texts for each picture: its name or a tag, and a second tag (the name again where there is none)."""
    first = corpus.names[pick].copy()
    second = first.copy()
    for k, i in enumerate(pick):
        others = corpus.captions[i]
        if not len(others):
            continue
        second[k] = others[rng.integers(len(others))]
        if rng.random() > a.capname:
            first[k] = second[k]
            second[k] = others[rng.integers(len(others))]
    return torch.from_numpy(first), torch.from_numpy(second)


def contrastive_loss(logits, match):
    """CLIP's symmetric loss (2103.00020, figure 3), with its targets shared among all pairs that match."""
    by_image = match / match.sum(1, keepdim=True)
    by_text = match / match.sum(0, keepdim=True)
    image_loss = -(by_image * F.log_softmax(logits, 1)).sum(1).mean()
    text_loss = -(by_text * F.log_softmax(logits, 0)).sum(0).mean()
    return (image_loss + text_loss) / 2


def equal(ids):
    """[B] -> [B, B], 1 where two are the same."""
    return (ids[:, None] == ids[None]).float()


def update_average(averages, step):
    """Running averages of weights (and batch statistics): what is scored and saved."""
    decay = min(0.998, (1 + step) / (10 + step))
    with torch.no_grad():
        for average, module in averages:
            old = [v for v in average.state_dict().values() if v.is_floating_point()]
            new = [v for v in module.state_dict().values() if v.is_floating_point()]
            torch._foreach_lerp_(old, new, 1 - decay)


def resolution(plan, done):
    """Pixels a side at this share of the time."""
    until = 0
    for px, share in plan:
        until += share
        if done < until:
            return px
    return plan[-1][0]


def train(a, corpus):
    """Draws batches until the time is over; returns the averaged encoder and text head, and the log of the scale."""
    rng = np.random.default_rng(a.seed)
    chances = corpus.draw_weights(a.rich)
    print('train', len(corpus.train), 'names', len(corpus.name_counts), 'vocab', len(corpus.vocab), flush=True)
    net = make_encoder(a)
    text = TextHead(len(corpus.vocab), a.text, a.embed)
    scale = nn.Parameter(torch.tensor(math.log(a.scale)))
    if a.init:
        checkpoint = torch.load(a.init)
        net.load_state_dict(checkpoint['net'])
        text.load_state_dict(checkpoint['txt'])
        scale.data = checkpoint['scale']
    net_average, text_average = copy.deepcopy(net), copy.deepcopy(text)
    optimizer = make_optimizer(a, net, text, scale)
    forward = torch.compile(net, dynamic=False) if a.compile else net
    plan = [(int(px), float(share)) for px, share in (x.split(':') for x in a.plan.split(','))]
    painter = Painter(a.seed)

    start, total = time.time(), a.minutes * 60
    step, average_loss = 0, None
    while (done := (time.time() - start) / total) < 1:
        warmth = min(1, (step + 1) / 100)
        lr = a.lr * warmth * (0.5 * (1 + math.cos(math.pi * done)) * 0.98 + 0.02)
        for group in optimizer.param_groups:
            group['lr'] = lr * group.get('mult', 1)

        px = resolution(plan, done)
        pick = corpus.train[np.searchsorted(chances, rng.random(a.batch))]
        x = painter.train(torch.from_numpy(corpus.images[pick]), corpus.mono[pick], px, a.strong)
        first, second = draw_captions(a, corpus, pick, rng)
        # half of the texts are mixed with a second one: between two names lie sensible places
        mix = (rng.random(a.batch) < 0.5).astype(np.float32) * rng.random(a.batch).astype(np.float32)
        mix = torch.from_numpy(mix).unsqueeze(1) * 0.8

        with mixed('cpu'):
            image = forward(x)
        image = F.normalize(image.float(), dim=1)  # [B, embed]
        target = F.normalize(text(*corpus.texts(first)), dim=1) + mix * F.normalize(text(*corpus.texts(second)), dim=1)
        logits = scale.exp().clamp(max=100) * image @ F.normalize(target, dim=1).T

        # same name or same text: both are right
        match = torch.maximum(equal(torch.from_numpy(corpus.names[pick])), equal(first))
        if a.soft > 0:
            with torch.no_grad():
                alike = corpus.teacher[first] @ corpus.teacher[first].T
                match = torch.maximum(match, ((alike - 0.6) / 0.4).clamp(0, 1) * a.soft)
        loss = contrastive_loss(logits, match)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        optimizer.step()
        update_average(((net_average, net), (text_average, text)), step)

        step += 1
        average_loss = loss.item() if average_loss is None else 0.95 * average_loss + 0.05 * loss.item()
        if step % a.logevery == 0:
            speed = step * a.batch / (time.time() - start)
            print(f'{step} px{px} loss {average_loss:.3f} scale {scale.exp().item():.1f} {speed:.0f} img/s {done:.0%}', flush=True)
    print('steps', step, 'seen', step * a.batch)
    return net_average, text_average, scale.data


def percent_in_top(rank, chosen, k):
    """Share of the chosen pictures whose own name is among the k best."""
    return (rank[chosen] < k).float().mean().item() * 100 if chosen.any() else float('nan')


@torch.inference_mode()
def score(a, corpus, net, text):
    """Zero-shot, a held-out style at a time: which of the names of this style does each of its pictures get?"""
    net.eval()
    text.eval()
    names, styles, results = corpus.names, defaultdict(list), []
    for i, r in enumerate(corpus.rows):
        if r['split'] == 'eval':
            styles[r['set']].append(i)
    for style, idx in sorted(styles.items()):
        idx = np.array(idx)
        classes = sorted(set(names[idx].tolist()))
        if len(classes) > MAX_CLASSES:
            kept = set(np.random.default_rng(1).choice(classes, MAX_CLASSES, replace=False).tolist())
            idx = np.array([i for i in idx if names[i] in kept])
            classes = sorted(kept)
        column = {n: k for k, n in enumerate(classes)}
        texts = F.normalize(text(*corpus.texts(torch.tensor(classes))), dim=1)
        images = []
        for k in range(0, len(idx), 256):
            part = idx[k : k + 256]
            with mixed('cpu'):
                images.append(net(Painter.plain(torch.from_numpy(corpus.images[part]), corpus.mono[part], a.evalpx)).float())
        logits = F.normalize(torch.cat(images), dim=1) @ texts.T
        right = torch.tensor([column[n] for n in names[idx]])
        rank = (logits > logits.gather(1, right[:, None])).sum(1)
        known = torch.tensor([n in corpus.name_counts for n in names[idx]])
        everything = torch.ones_like(known)
        top1, top5 = percent_in_top(rank, everything, 1), percent_in_top(rank, everything, 5)
        results.append((top1, top5))
        print(
            f'{style:28s} n {len(idx):5d} way {len(classes):5d} top1 {top1:5.1f} top5 {top5:5.1f} | known names {known.float().mean():.2f} '
            f'top5 {percent_in_top(rank, known, 5):5.1f} unseen top5 {percent_in_top(rank, ~known, 5):5.1f}'
        )
    if results:
        mean = np.array(results).mean(0)
        print(f'MEAN top1 {mean[0]:.2f} top5 {mean[1]:.2f}')


def main():
    a = arguments()
    torch.manual_seed(a.seed)
    corpus = Corpus(a.data)
    net, text, scale = train(a, corpus)
    torch.save(
        {'net': net.state_dict(), 'txt': text.state_dict(), 'scale': scale, 'args': vars(a), 'vocab': corpus.vocab, 'mu': corpus.mean}, a.out
    )
    score(a, corpus, net, text)


if __name__ == '__main__':
    main()
