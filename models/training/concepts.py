"""Nouns held out by word from all training sets, to ask afterwards what a model makes of pictures of things that nobody named to it.

  python3 merge.py --hold-out concepts.txt        a corpus in which they are held out
  python3 evaluate.py MODEL CORPUS                scores a model that was trained on it on them as well

The file has a noun a line: things that 6 to 40 of the training sets draw, picked by hand; none is a coarse label (labels.py).
"""

import re

SPLIT = 'concept'  # of rows that are held out so
TEXTS = ('category', 'description')


def read(path):
    """-> the nouns, sorted"""
    with open(path) as f:
        nouns = [line.strip() for line in f if line.strip() and not line.startswith('#')]
    if odd := [n for n in nouns if not re.fullmatch('[a-z]+', n)]:
        raise ValueError(f'{path}: one lower-case noun a line is expected, not {odd[0]!r}')
    if len(set(nouns)) < len(nouns):
        raise ValueError(f'{path}: {next(n for n in nouns if nouns.count(n) > 1)!r} is there twice')
    return sorted(nouns)


def plurals(noun):
    """Its regular plurals: "leech" -> leeches, leechs (people write both)."""
    forms = {noun + 's'}
    if re.search('(s|x|z|ch|sh|o)$', noun):
        forms.add(noun + 'es')
    if re.search('[^aeiou]y$', noun):
        forms.add(noun[:-1] + 'ies')
    if re.search('(f|fe)$', noun):
        forms.add(re.sub('fe?$', 'ves', noun))
    if noun.endswith('man'):
        forms.add(noun[:-3] + 'men')
    return forms


class HeldOut:
    """Finds the nouns in texts, and takes them out of rows."""

    def __init__(self, nouns):
        self.noun_of = {form: noun for noun in nouns for form in (noun, *plurals(noun))}

    def within(self, text):
        """The nouns whose word, singular or plural, is among the words of a text."""
        return {self.noun_of[w] for w in re.findall('[a-z]+', (text or '').lower()) if w in self.noun_of}

    def exactly(self, name):
        """The noun that a name is, singular or plural; None where it says more or something else."""
        return self.noun_of.get(name)

    def without(self, row):
        """A row as training may see it. One whose name has such a word leaves the training; any other loses only the tags and
        texts that have one. Rows of the held-out styles are what they were."""
        if row['split'] != 'train':
            return row
        if self.within(row['name']):
            return {**row, 'split': SPLIT}
        tags = [t for t in row.get('tags') or [] if not self.within(t)]
        cleared = {k: None for k in TEXTS if self.within(row.get(k))}
        return {**row, 'tags': tags, **cleared}
