"""Measures the model as it ships, and writes the tables and plots of its card.

  python3 card.py [build/corpus] [--earlier FILE]

First what else the pictures of the held-out styles are, into truth.jsonl beside the rows: their coarse labels (labels.py) and, by
WordNet, whether their names are nouns, and synonyms of them. Then `npm run evaluate` measures the model in ../assetlens-icons through the shipped
TypeScript, fills the card with what it found, and leaves the figures in evaluation.json beside the card.
"""

import argparse
import glob
import json
import os
import subprocess
import sys

from labels import LABELS, OTHER_SENSE, Labeller

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


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument('corpus', nargs='?', default='build/corpus', help='folder from merge.py (default: %(default)s)')
    p.add_argument('--wordnet', default='build/debian/root/wordnet-base', help='the unpacked package (default: %(default)s)')
    p.add_argument('--earlier', help='evaluation.json of the model to compare with')
    p.add_argument('--truth-only', action='store_true', help='write truth.jsonl and stop')
    a = p.parse_args()

    labeller = Labeller(a.wordnet)
    if not labeller.wordnet.senses:
        p.error(f'no WordNet in {a.wordnet}: run debian/build.py, or give --wordnet')
    synonyms = Synonyms(a.wordnet, labeller.wordnet.senses)
    with open(f'{a.corpus}/rows.jsonl') as rows, open(f'{a.corpus}/truth.jsonl', 'w') as out:
        for number, line in enumerate(rows):
            row = json.loads(line)
            if row['split'] == 'eval':
                out.write(json.dumps({'row': number, **truth(row, labeller, synonyms)}) + '\n')
    if a.truth_only:
        return

    command = ['npm', 'run', 'evaluate', '--', '--corpus', os.path.abspath(a.corpus), '--card', os.path.join(HERE, '../assetlens-icons')]
    if a.earlier:
        command += ['--earlier', os.path.abspath(a.earlier)]
    sys.exit(subprocess.run(command, cwd=os.path.join(HERE, '../..')).returncode)


if __name__ == '__main__':
    main()
