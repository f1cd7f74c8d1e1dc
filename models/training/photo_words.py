"""Words for photos: of each of ImageNet's 1,000 classes its name, and the more general words above it in WordNet."""

import glob
import os
from collections import defaultdict

import numpy as np

# WordNet offsets, in the order of the classifier's outputs
LIST = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'photo_classes.txt')
BROADEST = 400  # classes: a word above more than these says too little
# words that people look for photos with; the score is the mean average precision of these
COMMON = (
    'dog cat bird fish snake insect spider monkey horse bear fruit vegetable car truck boat ship aircraft train building house church bridge furniture chair clothing shoe hat bag '
    'guitar tool weapon computer telephone clock food drink plant flower mushroom mountain beach sea vehicle animal container bottle toy ball door fence turtle frog lizard butterfly '
    'beetle crab shark whale fox wolf rodent rabbit'
).split()


def nouns(wordnet):
    """{offset: (its words, offsets right above it)} of WordNet's nouns; wordnet: a folder with data.noun somewhere
    below."""
    found = {}
    for path in glob.glob(f'{wordnet}/**/data.noun', recursive=True):
        with open(path, errors='ignore') as f:
            for line in f:
                if line.startswith('  '):  # the licence
                    continue
                fields = line.split(' | ')[0].split()
                count, start = int(fields[3], 16), 4 + 2 * int(fields[3], 16)
                pointers = [fields[start + 1 + 4 * j : start + 5 + 4 * j] for j in range(int(fields[start]))]
                words = [fields[4 + 2 * i].replace('_', ' ').lower() for i in range(count)]
                found[fields[0]] = words, [p[1] for p in pointers if p[0] in ('@', '@i') and p[2] == 'n']
    return found


def above(offset, synsets):
    """Offsets of everything above this one."""
    seen, todo = set(), list(synsets[offset][1])
    while todo:
        o = todo.pop()
        if o not in seen:
            seen.add(o)
            todo += synsets[o][1]
    return seen


class PhotoWords:
    """names [1000]: the first word of each class. general: further words; holds [1000, general]: which of them hold
    for which class.
    common: {word: numbers of its classes}, of COMMON."""

    def __init__(self, wordnet):
        synsets = nouns(wordnet)
        with open(LIST) as f:
            self.classes = f.read().split()
        self.names = [synsets[o][0][0] for o in self.classes]
        below = defaultdict(list)
        for i, o in enumerate(self.classes):
            for a in above(o, synsets):
                below[a].append(i)
        of_word, taken = defaultdict(set), set(self.names)
        for i, o in enumerate(self.classes):
            for word in synsets[o][0][1:]:
                of_word[word].add(i)
        for a, classes in below.items():
            if len(classes) <= BROADEST:
                for word in synsets[a][0]:
                    of_word[word].update(classes)
        self.general = sorted(w for w in of_word if w not in taken)
        self.holds = np.zeros((len(self.classes), len(self.general)), bool)
        for k, word in enumerate(self.general):
            self.holds[sorted(of_word[word]), k] = True
        self.common = {}
        for a, classes in below.items():
            for word in synsets[a][0]:
                if word in COMMON and 3 <= len(classes) <= 420 and len(self.common.get(word, ())) < len(classes):
                    self.common[word] = classes
