"""python3 -m unittest, from this folder."""

import os
import tempfile
import unittest

import concepts
from labels import LABELS

HERE = os.path.dirname(os.path.abspath(__file__))


def row(**keys):
    return {'split': 'train', 'set': 'a set', 'name': 'tool', 'tags': [], 'category': None, 'description': None, **keys}


class HoldingOut(unittest.TestCase):
    held = concepts.HeldOut(['goat', 'cherry', 'wolf'])

    def test_a_row_named_by_a_concept_leaves_the_training(self):
        for name in ('goat', 'mountain goat', 'two goats', 'wolves', 'cherries'):
            self.assertEqual(self.held.without(row(name=name))['split'], concepts.SPLIT, name)

    def test_words_that_only_contain_it_are_others(self):
        for name in ('goatee', 'scapegoat', 'cherry-picker'):
            self.assertEqual(self.held.without(row(name=name))['split'], concepts.SPLIT if name == 'cherry-picker' else 'train', name)

    def test_other_rows_lose_only_what_has_the_word(self):
        given = row(tags=['animal', 'billy goat'], category='Farm Goats', description='Horns of a goat.')
        self.assertEqual(self.held.without(given), row(tags=['animal']))
        self.assertEqual(given['tags'], ['animal', 'billy goat'], 'the row that was given stays as it was')

    def test_held_out_styles_stay_as_they_are(self):
        given = row(split='eval', name='goat', tags=['goat'])
        self.assertEqual(self.held.without(given), given)

    def test_a_name_is_a_concept_or_says_more(self):
        self.assertEqual([self.held.exactly(n) for n in ('wolf', 'wolves', 'grey wolf')], ['wolf', 'wolf', None])


class TheList(unittest.TestCase):
    nouns = concepts.read(os.path.join(HERE, 'concepts.txt'))

    def test_150_nouns(self):
        self.assertEqual(len(self.nouns), 150)

    def test_no_coarse_label_says_one_of_them(self):
        held = concepts.HeldOut(self.nouns)
        said = {noun for label in LABELS.values() for text in label.texts for noun in held.within(text)}
        self.assertEqual(said, set(), 'they would be captions in training')

    def test_a_list_that_cannot_be_meant_is_refused(self):
        for text, what in (('goat\nBilly Goat\n', "not 'Billy Goat'"), ('goat\nwolf\ngoat\n', "'goat' is there twice")):
            with tempfile.NamedTemporaryFile('w', suffix='.txt') as f:
                f.write(text)
                f.flush()
                with self.assertRaisesRegex(ValueError, what):
                    concepts.read(f.name)


if __name__ == '__main__':
    unittest.main()
