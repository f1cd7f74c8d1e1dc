"""What the trunk learns from: drawings with their names, crops of photos with what a classifier saw in them, and the
vectors of all texts."""

import copy
import hashlib
import json
import os
from collections import defaultdict

import numpy as np
import torch
import torch.nn.functional as F

import clip
from captions import FLIPPED, KIND_NAMES, KINDS, SIDED
from compressed import pictures
from data import read
from evaluate import text_vectors
from labels import LABELS, Labeller
from photo_words import PhotoWords
from photos import SIDE as PHOTO_SIDE
from photos import network_input

COLOURS = {
    'red': (220, 38, 38), 'orange': (245, 130, 20), 'yellow': (245, 215, 40), 'green': (45, 160, 60), 'blue': (40, 95, 220), 'purple': (130, 50, 180),
    'pink': (245, 130, 180), 'brown': (125, 75, 35), 'black': (15, 15, 15), 'white': (248, 248, 248), 'grey': (128, 128, 128),
}  # fmt: skip
COLOUR_NAMES = list(COLOURS)
MAX_OWN = 24  # strings of a row that are no wrong answers for it
# times; coloured pictures further times COLOURED
DRAWN_MORE = {'sprite': 1.5, 'clipart': 3, 'texture': 2.5, 'render': 2.5, 'photo': 3, 'screenshot': 3}
COLOURED, SELDOM, LOGOS = 2.2, 0.2, 0.07  # SELDOM: times, of names that fewer than three sets draw; LOGOS: their share
NAME, TAG = 0.78, 0.14  # shares of the captions; the others are coarse labels


def digest(*what):
    return hashlib.sha256(json.dumps(what).encode()).hexdigest()[:16]


def saved_whole(path, write):
    """Writes a file by write(opened file), beside its place, then renames it: a run that is cut leaves no half of
    it."""
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path + '.tmp', 'wb') as f:
        write(f)
    os.replace(path + '.tmp', path)


def labels_of(names, wordnet, cache):
    """A labeller that knows the labels of these names already: they take half a minute, so the folder `cache` keeps
    them."""
    labeller = Labeller(wordnet)
    path = f'{cache}/labels-{digest(sorted(names), sorted(LABELS))}.json'
    if os.path.exists(path):
        with open(path) as f:
            labeller.known = json.load(f)
    else:
        for name in names:
            labeller.of(name)
        saved_whole(path, lambda f: f.write(json.dumps(labeller.known).encode()))
    return labeller


class Drawings:
    """Rows of several corpora (folders) as one, and the strings that they are called by."""

    def __init__(self, folders, wordnet, cache):
        self.rows, self.parts, self.starts = [], [], []
        for folder in folders:
            rows, images = read(folder)
            self.starts.append(len(self.rows))
            self.rows += rows
            self.parts.append(pictures(folder, images))
        self.side = self.parts[0].shape[1]
        self.train = np.array([i for i, r in enumerate(self.rows) if r['split'] == 'train'])
        self.mono = torch.tensor([r['mono'] for r in self.rows])
        self.flips = torch.tensor([r['kind'] in FLIPPED and not SIDED.search(r['name']) for r in self.rows])
        self.kinds = np.array([KIND_NAMES.index(r['kind']) for r in self.rows])
        labeller = labels_of({r['name'] for r in self.rows}, wordnet, cache)
        self.called = [(r['name'], r.get('tags') or [], [t for label in labeller.of(r['name'], r['kind']) for t in LABELS[label].texts]) for r in self.rows]
        self.names = sorted({name for name, _, _ in self.called})
        # names come first
        self.strings = self.names + sorted({s for _, tags, labels in self.called for s in (*tags, *labels)} - set(self.names))
        self.number = {s: k for k, s in enumerate(self.strings)}
        self.own = np.full((len(self.rows), MAX_OWN), -1, np.int32)
        for k, (name, tags, labels) in enumerate(self.called):
            mine = [self.number[s] for s in dict.fromkeys([name, *labels, *tags])][:MAX_OWN]
            self.own[k, : len(mine)] = mine
        self.sets = defaultdict(set)  # {name: training sets that draw it}
        for i in self.train:
            if self.rows[i]['kind'] != 'logo':
                self.sets[self.rows[i]['name']].add(self.rows[i]['set'])
        self.chances = self.weights().cumsum()
        self.chances /= self.chances[-1]

    def weights(self):
        """How often each training row is drawn."""
        rows = [self.rows[i] for i in self.train]
        logo = np.array([r['kind'] == 'logo' for r in rows])
        w = np.array([(1 if len(self.sets[r['name']]) >= 3 else SELDOM) * (1 if r['mono'] else COLOURED) * DRAWN_MORE.get(r['kind'], 1) for r in rows])
        if logo.any():
            w[logo] *= LOGOS / (1 - LOGOS) * w[~logo].sum() / w[logo].sum()
        return w

    def pixels(self, ids):
        """uint8 [len(ids), side, side, 4]"""
        out = np.empty((len(ids), self.side, self.side, 4), np.uint8)
        for k, i in enumerate(ids):
            part = np.searchsorted(self.starts, i, 'right') - 1
            out[k] = self.parts[part][i - self.starts[part]]
        return torch.from_numpy(out)

    def draw(self, count, rng):
        """-> rows [count] and of each a string that it is called by."""
        ids = self.train[np.searchsorted(self.chances, rng.random(count)).clip(max=len(self.train) - 1)]
        said = []
        for i, u in zip(ids, rng.random(count)):
            name, tags, labels = self.called[i]
            others = [] if u < NAME else tags if u < NAME + TAG else labels
            said.append(self.number[others[rng.integers(len(others))] if others else name])
        return ids, np.array(said)


class Photos:
    """Crops of photos, and how likely the published classifier finds each of its 1,000 classes in them."""

    def __init__(self, folder):
        with open(f'{folder}/crops.json') as f:
            self.aspects = np.array([aspect for _, aspect in json.load(f)])
        self.crops = np.memmap(f'{folder}/crops.u8', np.uint8, 'r', shape=(len(self.aspects), PHOTO_SIDE, PHOTO_SIDE, 3))
        self.logits = torch.from_numpy(np.load(f'{folder}/logits.npy')).float()

    def draw(self, count, px, rng):
        """-> network input [count,3,px,px] and the classifier's logits. Half of them stand within a ground, as wide or
        high as they are."""
        ids = rng.choice(len(self.crops), count, replace=False)
        out = torch.empty(count, 3, px, px)
        for k, i in enumerate(ids):
            x = torch.tensor(self.crops[i]).permute(2, 0, 1)[None].float()
            if rng.random() < 0.5:
                x = x.flip(3)
            x = (x - 127) * rng.uniform(0.75, 1.2) + 127 + rng.uniform(-20, 20)
            if rng.random() < 0.06:
                x = x.mean(1, keepdim=True).expand(1, 3, PHOTO_SIDE, PHOTO_SIDE)
            if rng.random() < 0.6:
                aspect, longest = self.aspects[i], px * (1 if rng.random() < 0.6 else rng.uniform(0.7, 1))
                h, w = (max(8, round(v * longest / max(aspect, 1))) for v in (1, aspect))
                ground = rng.random(3) * 255 if rng.random() < 0.25 else np.full(3, 255.0)
                out[k] = torch.tensor(ground, dtype=torch.float32).view(3, 1, 1)
                top, left = ((px - h) // 2, (px - w) // 2) if rng.random() < 0.7 else (rng.integers(px - h + 1), rng.integers(px - w + 1))
                out[k, :, top : top + h, left : left + w] = F.interpolate(x, (h, w), mode='bilinear', antialias=True)[0]
            else:
                out[k] = F.interpolate(x, (px, px), mode='bilinear', antialias=True)[0]
        return out.clamp_(0, 255).sub_(127).div_(128).contiguous(memory_format=torch.channels_last), self.logits[ids]


class Texts:
    """Vectors of texts by the text transformer of a CLIP folder; each is computed once and kept in the folder
    `cache`."""

    def __init__(self, model, cache):
        _, self.text, self.tokenizer, _, _ = clip.load(model)
        weights = next(self.text.parameters()).detach().numpy().tobytes()
        self.path = f'{cache}/texts-{digest(hashlib.sha256(weights).hexdigest())}'
        self.rows, self.vectors = {}, None
        if os.path.exists(self.path + '.npy'):
            self.vectors = np.load(self.path + '.npy')
            with open(self.path + '.json') as f:
                self.rows = {s: k for k, s in enumerate(json.load(f)[: len(self.vectors)])}

    def __call__(self, strings):
        """[strings, embed] float32, of length 1"""
        missing = [s for s in dict.fromkeys(strings) if s not in self.rows]
        if missing:
            new = text_vectors(self.text, self.tokenizer, missing).half().numpy()
            self.vectors = new if self.vectors is None else np.concatenate([self.vectors, new])
            self.rows.update({s: len(self.rows) + k for k, s in enumerate(missing)})
            saved_whole(self.path + '.json', lambda f: f.write(json.dumps(list(self.rows)).encode()))
            saved_whole(self.path + '.npy', lambda f: np.save(f, self.vectors))
        return F.normalize(torch.from_numpy(self.vectors[[self.rows[s] for s in strings]]).float(), dim=1)


class Vectors:
    """All vectors that the trunk learns from: strings of drawings; 'red heart' for names that several sets draw in
    each colour;
    kinds of pictures; classes of photos and the more general words for them."""

    def __init__(self, drawings, texts, wordnet):
        self.drawn = texts(drawings.strings)
        words = [w for of, _ in KINDS.values() for w in of]
        self.kinds = list(texts(words).split([len(of) for of, _ in KINDS.values()]))
        often = [n for n in drawings.names if len(drawings.sets[n]) >= 3]
        self.coloured_row = {drawings.number[n]: k for k, n in enumerate(often)}
        self.coloured = texts([f'{c} {n}' for n in often for c in COLOUR_NAMES]).view(len(often), len(COLOURS), -1)
        self.words = PhotoWords(wordnet)
        self.classes, self.general = texts(self.words.names), texts(self.words.general)
        common = [w in drawings.number and len(drawings.sets[w]) >= 3 for w in self.words.general]
        weight = np.where(common, 1.0, 0.2) * self.words.holds
        # of a class, shares of the general words
        self.above = torch.from_numpy(weight / np.maximum(weight.sum(1, keepdims=True), 1e-9)).float()
        known = set(self.words.names) | set(self.words.general)
        # names that are wrong for a photo
        self.no_photo_word = np.array([k for k, n in enumerate(drawings.names) if n not in known])

    def through(self, texts):
        """The same vectors after a function of vectors of texts."""
        mapped = copy.copy(self)
        for name in ('drawn', 'coloured', 'classes', 'general'):
            setattr(mapped, name, texts(getattr(self, name)))
        mapped.kinds = [texts(of) for of in self.kinds]
        return mapped


def colours_of(rgb, alpha, share=0.6):
    """Premultiplied [B,3,px,px] and alpha [B,1,px,px] -> number of the colour that most of each drawing has [B], -1
    for several."""
    rgb, alpha = F.avg_pool2d(rgb, 4), F.avg_pool2d(alpha, 4)
    colour = rgb / alpha.clamp_min(1e-3)
    high, low = colour.amax(1), colour.amin(1)
    chroma = high - low
    r, g, b = colour.unbind(1)
    hue = torch.where(high == r, (g - b) / chroma.clamp_min(1e-4) % 6, torch.where(high == g, (b - r) / chroma.clamp_min(1e-4) + 2, (r - g) / chroma.clamp_min(1e-4) + 4)) * 60
    bounds = torch.tensor([14.0, 42.0, 70.0, 165.0, 255.0, 300.0, 345.0], device=hue.device)
    name = torch.tensor([0, 1, 2, 3, 4, 5, 6, 0], device=hue.device)[torch.bucketize(hue, bounds)]
    saturation = chroma / high.clamp_min(1e-4)
    # dark orange, and dark red that is near it
    name = torch.where(((name == 0) | (name == 1)) & (high < 0.62), COLOUR_NAMES.index('brown'), name)
    name = torch.where((hue < 14) | (hue > 345), torch.where(high < 0.35, COLOUR_NAMES.index('brown'), 0), name)
    name = torch.where(((name == 0) | (name == 5)) & (saturation < 0.55) & (high > 0.8), COLOUR_NAMES.index('pink'), name)
    neutral = (chroma < 0.12) | (saturation < 0.15)
    grey = torch.where(high < 0.25, COLOUR_NAMES.index('black'), torch.where(high > 0.88, COLOUR_NAMES.index('white'), COLOUR_NAMES.index('grey')))
    name = torch.where(neutral, grey, torch.where(high < 0.16, COLOUR_NAMES.index('black'), name))
    counts = torch.zeros(len(rgb), len(COLOURS), device=hue.device).scatter_add_(1, name.flatten(1), alpha[:, 0].flatten(1))
    most, which = (counts / counts.sum(1, keepdim=True).clamp_min(1e-3)).max(1)
    return torch.where(most >= share, which, -1)
