"""python3 -m unittest, from this folder. What card.py asks about held-out pictures and photos."""

import json
import os
import tempfile
import unittest

from card import OTHER_SETS, tile_names, write_truth, Synonyms
from labels import Labeller

# crane the bird and crane the machine; entity is above both
DATA = """\
00000001 03 n 01 entity 0 000 | that which is
00000002 05 n 01 animal 0 001 @ 00000001 n 0000 | a living thing
00000003 05 n 01 bird 0 001 @ 00000002 n 0000 | it has feathers
00000004 06 n 01 crane 0 001 @ 00000001 n 0000 | it lifts things
00000005 05 n 01 crane 0 001 @ 00000003 n 0000 | it wades
"""
INDEX = """\
animal n 1 0 1 0 00000002
bird n 1 0 1 0 00000003
crane n 2 0 2 0 00000004 00000005
"""


def row(of, name, split, kind='sprite'):
    return {'set': of, 'id': name, 'name': name, 'kind': kind, 'split': split}


ROWS = [row(f'set {k}', name, 'train') for name, sets in (('wolf', OTHER_SETS), ('axe', OTHER_SETS - 1)) for k in range(sets)]
ROWS += [row(f'brands {k}', 'axe', 'train', 'logo') for k in range(OTHER_SETS)]
ROWS += [row('cdda-retrodays', name, 'eval') for name in ('wolf', 'axe', 'strange thing')] + [row('bi', 'axe', 'eval', 'icon')]


class TileNames(unittest.TestCase):
    def test_asks_for_names_that_training_sets_draw_as_well(self):
        self.assertEqual(tile_names(ROWS), {'cdda-retrodays': {'wolf'}})

    def test_asks_for_at_most_300_names_the_same_ones_each_time(self):
        many = [row(of, f'name {n}', split) for n in range(400) for of, split in (('a', 'train'), ('b', 'train'), ('c', 'train'), ('cdda-retrodays', 'eval'))]
        first, second = tile_names(many)['cdda-retrodays'], tile_names(many[::-1])['cdda-retrodays']
        self.assertEqual(len(first), 300)
        self.assertEqual(first, second)


class Truth(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        for name, content in (('data.noun', DATA), ('index.noun', INDEX), ('rows.jsonl', ''.join(json.dumps(r) + '\n' for r in ROWS))):
            with open(os.path.join(self.folder.name, name), 'w') as f:
                f.write(content)
        self.labeller = Labeller(self.folder.name)

    def tearDown(self):
        self.folder.cleanup()

    def test_says_what_is_asked_about_each_held_out_picture(self):
        write_truth(self.folder.name, self.labeller, Synonyms(self.folder.name, self.labeller.wordnet.senses))
        with open(os.path.join(self.folder.name, 'truth.jsonl')) as f:
            written = [json.loads(line) for line in f]
        self.assertEqual([(ROWS[t['row']]['name'], t['question']) for t in written], [('wolf', 'tiles'), ('axe', None), ('strange thing', None), ('axe', 'style')])

    def test_knows_the_sense_of_a_class_of_photos(self):
        self.assertEqual(self.labeller.of_sense('00000005', 'crane'), (['animal', 'bird'], []))
        self.assertEqual(self.labeller.of_sense('00000004', 'crane'), ([], []))

    def test_takes_the_last_word_of_a_name_and_leaves_the_others_open(self):
        self.assertEqual(self.labeller.of_sense('00000001', 'coffee mug'), (['drink'], []))
        self.assertEqual(self.labeller.of_sense('00000002', 'king crab'), (['animal'], ['crown']))


if __name__ == '__main__':
    unittest.main()
