"""What a picture may be called: its name, a tag, its category or a coarse label, bare or within a template that tells its kind."""

import json
import re
from collections import Counter

import numpy as np
import torch
import torch.nn.functional as F

from labels import LABELS, Labeller
from pretrain import MAX_WORDS, Corpus, split_words

NEUTRAL = ['{}'] * 10 + ['a {}', 'a {}', 'the {}', 'a picture of a {}', 'a picture of {}', 'an image of a {}', 'a drawing of a {}', '{} symbol', 'a symbol of {}', 'a small {}']
# of each kind of row: words for it, and templates with such a word
KINDS = {
    'icon': (('icon', 'line icon', 'icons', 'pictogram', 'user interface icon'), ('{} icon', 'an icon of a {}', 'an icon of {}', 'a {} icon', '{} pictogram', 'icon: {}')),
    'emoji': (('emoji', 'emoticon', 'emojis'), ('{} emoji', 'an emoji of a {}', 'the {} emoji', 'a {} emoji')),
    'logo': (('logo', 'brand logo', 'company logo', 'logos'), ('{} logo', 'a {} logo', 'the logo of {}', 'the {} logo')),
    'flag': (('country flag', 'flag', 'national flag', 'flags'), ('flag of {}', 'the flag of {}', '{} flag', 'a flag of {}')),
    'fileicon': (('file icon', 'file type icon'), ('{} file icon', 'a {} file', 'the icon of a {} file')),
    'sprite': (('sprite', 'game sprite', 'pixel art', 'game item'), ('{} sprite', 'a {} sprite', 'a {} in a video game', 'pixel art of a {}', '{} game asset')),
    'clipart': (('clip art', 'clipart', 'illustration', 'cartoon'), ('clip art of a {}', 'a cartoon {}', 'an illustration of a {}', '{} clipart', '{} illustration')),
    'texture': (('texture', 'seamless texture', 'background pattern'), ('{} texture', 'a {} texture', 'a texture of {}', '{} pattern')),
    'render': (('3d render', 'rendering of a 3d model', '3d model'), ('a 3d render of a {}', '3d {}', 'a 3d model of a {}')),
    'photo': (('photo', 'photograph', 'photos'), ('a photo of a {}', 'a photo of {}', '{} photo', 'a photograph of a {}')),
    'screenshot': (('screenshot', 'screen capture', 'screenshots'), ('a screenshot of {}', '{} screenshot', 'a screenshot of a {}')),
}
KIND_NAMES = list(KINDS)
KIND_TEMPLATES = ('{}', '{}', 'a {}', 'this is a {}', 'an image of a {}')
ANY = NEUTRAL + [t for _, templates in KINDS.values() for t in templates]
VAGUE = set('actions apps misc other others general basic common category categories status objects things mimetypes places devices symbols ui interface essentials default icons solid regular brands'.split())
SIDED = re.compile(r'\b(left|right|clockwise|counterclockwise|west|east|letter|number|text|align|arrow|back|forward|next|previous|undo|redo)\b')
FLIPPED = {'sprite', 'clipart', 'render', 'photo', 'emoji', 'texture'}
MAX_OWN = 24  # strings of a row that are compared with captions


class Captions(Corpus):
    """The corpus of pretrain.py, its strings followed by WordNet's further nouns, and what each row may be called."""

    def __init__(self, folder, wordnet):
        super().__init__(folder)
        self.named = len(self.strings)  # strings from here on name no picture
        with open(f'{folder}/nouns.json') as f:
            nouns = json.load(f)
        if nouns:
            self.strings = self.strings + nouns
            teacher = torch.from_numpy(np.load(f'{folder}/nouns.npy')).float()
            self.teacher = torch.cat([self.teacher, F.normalize(teacher - self.mean, dim=1)])
            words = torch.zeros(len(nouns), MAX_WORDS, dtype=torch.long)
            for i, s in enumerate(nouns):
                ids = [self.vocab[w] for w in split_words(s) if w in self.vocab][:MAX_WORDS]
                words[i, : len(ids)] = torch.tensor(ids, dtype=torch.long)
            self.words = torch.cat([self.words, words])
        ids = {s: i for i, s in enumerate(self.strings)}
        labeller = Labeller(wordnet)
        by_label = {label: [ids[t] for t in of.texts] for label, of in LABELS.items()}
        self.labels = [[t for label in labeller.of(r['name'], r['kind']) for t in by_label[label]] for r in self.rows]
        self.categories = np.array([ids.get(c, -1) if (c := (r.get('category') or '').lower()) not in VAGUE else -1 for r in self.rows])
        self.kinds = np.array([KIND_NAMES.index(r['kind']) for r in self.rows])
        self.flips = torch.tensor([r['kind'] in FLIPPED and not SIDED.search(r['name']) for r in self.rows])
        self.own = np.full((len(self.rows), MAX_OWN), -1, np.int32)  # all strings of a row, -1 pads
        for k, (name, tags, category, labels) in enumerate(zip(self.names, self.captions, self.categories, self.labels)):
            mine = [name, *([category] if category >= 0 else []), *labels[:8], *tags][:MAX_OWN]
            self.own[k, : len(mine)] = mine

    def balanced_weights(self, rich, colour, rare):
        """Cumulative chances of the training rows: pretrain.py's, and then coloured pictures and rare kinds more often."""
        w = np.diff(self.draw_weights(rich), prepend=0)
        kind = self.kinds[self.train]
        icon, logo = KIND_NAMES.index('icon'), KIND_NAMES.index('logo')
        mono = self.mono.numpy()[self.train]
        many = (kind == icon) | (kind == logo)
        w[(kind == icon) & ~mono] *= colour
        w[~many] *= rare
        w[kind == logo] *= 0.09 * w[kind != logo].sum() / 0.91 / w[kind == logo].sum() if (kind == logo).any() else 1
        return np.cumsum(w / w.sum())

    def draw(self, pick, rng, share):
        """Rows [B] -> string ids [B], texts (the strings within templates), and the kind each text tells, -1 for none [B]."""
        ids, texts, kinds = self.names[pick].copy(), [], np.full(len(pick), -1)
        for k, i in enumerate(pick):
            u, others, labels = rng.random(), self.captions[i], self.labels[i]
            if u > share:
                if u > 1 - 0.04 and self.categories[i] >= 0:
                    ids[k] = self.categories[i]
                elif u > 1 - 0.10 and labels:
                    ids[k] = labels[rng.integers(len(labels))]
                elif len(others):
                    ids[k] = others[rng.integers(len(others))]
            string, templates = self.strings[ids[k]], NEUTRAL
            kind = KIND_NAMES[self.kinds[i]]
            if rng.random() < 0.22 and not any(w in string for w in (kind, 'flag', 'icon')):
                templates, kinds[k] = KINDS[kind][1], self.kinds[i]
            texts.append(templates[rng.integers(len(templates))].format(string) if len(string) < 60 else string)
        return torch.from_numpy(ids), texts, torch.from_numpy(kinds)


def kind_texts(rng):
    """One text of each kind of picture."""
    texts = []
    for words, _ in KINDS.values():
        word = words[rng.integers(len(words))] if rng.random() < 0.5 else words[0]
        texts.append(KIND_TEMPLATES[rng.integers(len(KIND_TEMPLATES))].format(word))
    return texts


def kind_prior(captions, chances):
    """Log of how often each kind is drawn: what the loss over kinds takes off, so that frequent ones are not preferred."""
    w = np.diff(chances, prepend=0)
    counts = Counter()
    for k, v in zip(captions.kinds[captions.train], w):
        counts[int(k)] += float(v)
    return torch.tensor([counts.get(k, 0.0) + 1e-4 for k in range(len(KINDS))]).log()
