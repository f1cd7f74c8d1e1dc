"""Measures the model as it ships, and writes the tables and plots of its card.

  python3 card.py [build/corpus] [--photos photos-eval.zip] [--earlier FILE]

1. Writes truth.jsonl beside the rows: for each held-out picture its coarse labels (labels.py) and, by WordNet, whether its name is a
   noun, and synonyms of it. It also says which pictures of the held-out tile sets are asked.
2. Writes photo-classes.jsonl beside it: for each class of photos its name, and the common words and coarse labels that hold for it.
3. Runs `npm run evaluate`, which measures the model in ../assetlens-icons through the shipped TypeScript, fills the tables of the card,
   and writes all figures into evaluation.json beside the card.

`npm run build` has to have run on the model before. The photos are for measuring only; the repository does not have them.
"""

import argparse
import glob
import json
import os
import subprocess
import sys
from collections import defaultdict

import numpy as np

from labels import LABELS, OTHER_SENSE, Labeller
from photo_words import MORE, PhotoWords
from sprites import HELD_OUT

TILE_NAMES = 300  # names that a picture of a held-out tile set is told apart from
OTHER_SETS = 3  # of these names, how many training sets draw them at least

HERE = os.path.dirname(os.path.abspath(__file__))


class Synonyms:
    """What WordNet also calls the commonest sense of a name: "car" -> auto, automobile, machine, motorcar."""

    def __init__(self, folder, senses):
        """senses: {lemma: offsets, the commonest first}"""
        self.senses, self.lemmas = senses, {}
        for path in glob.glob(f'{folder}/**/data.noun', recursive=True):
            with open(path, errors='ignore') as f:
                for line in f:
                    if not line.startswith(' '):
                        fields = line.split(' | ')[0].split()
                        count = int(fields[3], 16)
                        self.lemmas[fields[0]] = [lemma.replace('_', ' ').lower() for lemma in fields[4 : 4 + 2 * count : 2]]

    def noun(self, name):
        return name in self.senses or (name.endswith('s') and name[:-1] in self.senses)

    def of(self, name, kind):
        """Of logos and flags none: they are called after something else. Nor where the commonest sense is not what is drawn."""
        if kind in ('logo', 'flag') or len(name) < 3 or name in OTHER_SENSE or not self.senses.get(name):
            return []
        return [lemma for lemma in self.lemmas[self.senses[name][0]] if lemma != name]


def truth(row, labeller, synonyms):
    """labels: what holds. unclear: what may hold, for a word of it is among the name and tags (calibrate.py leaves these out too)."""
    holding = labeller.of(row['name'], row['kind'])
    words = set(' '.join([row['name'], *(row.get('tags') or [])]).split())
    unclear = [label for label in LABELS if label not in holding and set(label.split()) & words]
    return {'labels': holding, 'unclear': unclear, 'noun': synonyms.noun(row['name']), 'synonyms': synonyms.of(row['name'], row['kind'])}


def tile_names(rows):
    """{held-out tile set: the names that are asked}, drawn with a fixed seed among those that training sets draw as well."""
    drawn_by, named = defaultdict(set), defaultdict(set)
    for row in rows:
        if row['split'] == 'train' and row['kind'] != 'logo':
            drawn_by[row['name']].add(row['set'])
        elif row['set'] in HELD_OUT:
            named[row['set']].add(row['name'])
    asked = {}
    for tiles, names in sorted(named.items()):
        often = sorted(name for name in names if len(drawn_by[name]) >= OTHER_SETS)
        asked[tiles] = set(np.random.default_rng(0).permutation(often)[:TILE_NAMES].tolist())
    return asked


def write_truth(corpus, labeller, synonyms):
    """truth.jsonl. question: what is asked about the picture, null for nothing."""
    with open(f'{corpus}/rows.jsonl') as lines:
        rows = [json.loads(line) for line in lines]
    tiles = tile_names(rows)
    with open(f'{corpus}/truth.jsonl', 'w') as out:
        for number, row in enumerate(rows):
            if row['split'] == 'eval':
                question = 'style' if row['set'] not in tiles else 'tiles' if row['name'] in tiles[row['set']] else None
                out.write(json.dumps({'row': number, 'question': question, **truth(row, labeller, synonyms)}) + '\n')


def write_photo_classes(corpus, wordnet, labeller):
    """photo-classes.jsonl, in the order of the classifier."""
    words = PhotoWords(wordnet)
    with open(f'{corpus}/photo-classes.jsonl', 'w') as out:
        for k, (synset, name) in enumerate(zip(words.classes, words.names)):
            common = sorted(word for word, classes in words.common.items() if k in classes)
            labels, unclear = labeller.of_sense(synset, name)
            # most photos of a suit show a person
            shown = {label for label, names in MORE.items() if label in LABELS and name in names.split(', ')}
            unclear = sorted({*unclear, *shown} - set(labels))
            out.write(json.dumps({'synset': synset, 'name': name, 'common': common, 'labels': labels, 'unclear': unclear}) + '\n')


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument('corpus', nargs='?', default='build/corpus', help='folder from merge.py (default: %(default)s)')
    p.add_argument('--wordnet', default='build/debian/root/wordnet-base', help='the unpacked package (default: %(default)s)')
    p.add_argument('--photos', help='archive of the photos that are measured (default: none are, and the card keeps its old figures of photos)')
    p.add_argument('--earlier', help='evaluation.json of the model to compare with')
    p.add_argument('--truth-only', action='store_true', help='write truth.jsonl and photo-classes.jsonl, and stop')
    a = p.parse_args()

    labeller = Labeller(a.wordnet)
    if not labeller.wordnet.senses:
        p.error(f'no WordNet in {a.wordnet}: run debian/build.py, or give --wordnet')
    synonyms = Synonyms(a.wordnet, labeller.wordnet.senses)
    write_truth(a.corpus, labeller, synonyms)
    write_photo_classes(a.corpus, a.wordnet, labeller)
    if a.truth_only:
        return

    command = ['npm', 'run', 'evaluate', '--', '--corpus', os.path.abspath(a.corpus), '--card', os.path.join(HERE, '../assetlens-icons')]
    if a.photos:
        command += ['--photos', os.path.abspath(a.photos)]
    if a.earlier:
        command += ['--earlier', os.path.abspath(a.earlier)]
    sys.exit(subprocess.run(command, cwd=os.path.join(HERE, '../..')).returncode)


if __name__ == '__main__':
    main()
