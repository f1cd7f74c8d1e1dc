"""python3 -m unittest discover debian, from the folder above."""

import unittest

import mend
import names


def row(name, **keys):
    return {'split': 'train', 'set': 'a set', 'kind': 'icon', 'name': name, 'tags': [], 'category': '', 'path': '', **keys}


class Mending(unittest.TestCase):
    def setUp(self):
        english = 'spider mite brown pyramid weapon smithy query rename insert tables delete monster bird birds sword animal screen dialog'.split()
        for words, these in ((names.WORDNET, english), (names.SPLIT_WORDS, {'spider', 'mite', 'query'})):
            before = set(words)
            words.clear()
            words.update(these)
            self.addCleanup(words.update, before)
            self.addCleanup(words.clear)

    def name_of(self, name, in_use=(), **keys):
        return mend.mended_name(row(name, **keys), set(in_use))

    def test_words_written_together_come_apart(self):
        self.assertEqual(self.name_of('spidermite'), 'spider mite')
        self.assertEqual(self.name_of('brownpyramid'), 'brown pyramid')
        self.assertEqual(self.name_of('dbqueryrename'), 'database query rename')
        self.assertEqual(self.name_of('insertctrl'), 'insert control')

    def test_a_tag_or_else_the_category_names_what_has_no_english_word(self):
        self.assertEqual(self.name_of('acquila', tags=['rollandin', 'bird'], category='birds'), 'bird')
        self.assertEqual(self.name_of('raas', category='monster'), 'monster')
        self.assertIsNone(self.name_of('xgf', tags=['qwx'], category='actions'), 'where it lay does not say what it is')

    def test_names_that_say_something_stay(self):
        self.assertEqual(self.name_of('zweihander sword'), 'zweihander sword')
        self.assertEqual(self.name_of('bluetooth', in_use=['bluetooth']), 'bluetooth', 'a word that several sets write')
        self.assertEqual(self.name_of('krita', kind='logo', category='animal'), 'krita', 'a proper name')

    def test_a_word_is_in_use_where_three_sets_write_it(self):
        rows = [row('css file', set=s) for s in 'abc'] + [row('xgf', set=s) for s in 'aab']
        self.assertEqual(mend.words_in_use(rows[:2], rows[2:]), {'css', 'file'})

    def test_a_screenshot_is_named_by_what_can_be_seen_at_64_pixels(self):
        sizes = {'large': (900, 200), 'small': (256, 120)}
        rows = [row('shear tool settings dialog', kind='screenshot', path='large'), row('import preview', kind='screenshot', path='large'), row('spider dialog', kind='screenshot', path='small')]
        mended, how = mend.mend([(r, b'') for r in rows], {'import'}, sizes.get)
        self.assertEqual([r['name'] for r, _ in mended], ['dialog window', 'program window', 'spider dialog'])
        self.assertEqual(how, {'screenshots named by their layout': 2})

    def test_held_out_styles_stay_as_they_are_and_what_nothing_names_is_dropped(self):
        rows = [(row('spidermite', split='eval'), b'a'), (row('xgf'), b'b'), (row('xgf', split='eval'), b'c'), (row('acquila', tags=['bird', 'animal']), b'd')]
        mended, how = mend.mend(rows, set())
        self.assertEqual([(r['name'], r['tags'], p) for r, p in mended], [('spidermite', [], b'a'), ('xgf', [], b'c'), ('bird', ['animal'], b'd')])
        self.assertEqual(how, {'dropped, nothing says what it is': 1, 'named by tag or category': 1})
        self.assertEqual(rows[3][0]['name'], 'acquila', 'the row that was given stays as it was')


if __name__ == '__main__':
    unittest.main()
