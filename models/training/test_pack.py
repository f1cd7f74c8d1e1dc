"""python3 -m unittest, from this folder."""

import json
import os
import tempfile
import unittest

import numpy as np

import pack


class ThereAndBack(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.at = lambda *names: os.path.join(folder.name, *names)
        rng = np.random.default_rng(0)
        self.pictures = rng.integers(256, size=(3, 64, 64, 4), dtype=np.uint8)
        self.pictures[1, ..., 3] = 0  # colours below nothing stay, too
        self.vectors = rng.normal(size=(5, 384)).astype(np.float16)
        os.makedirs(self.at('corpus'))
        os.makedirs(self.at('wordnet', 'share'))
        self.pictures.tofile(self.at('corpus', 'images.u8'))
        for name, text in (('rows.jsonl', '{"name": "straße"}\n' * 3), ('strings.json', '["cat"]'), ('nouns.json', '[]')):
            self.write(text, 'corpus', name)
        np.save(self.at('corpus', 'minilm.npy'), self.vectors)
        np.save(self.at('corpus', 'nouns.npy'), self.vectors[:0])
        self.write('cat n 1\n', 'wordnet', 'share', 'index.noun')

    def write(self, text, *names):
        with open(self.at(*names), 'w') as f:
            f.write(text)

    def read(self, *names):
        with open(self.at(*names)) as f:
            return f.read()

    def test_a_corpus_survives_the_journey_in_parts(self):
        count, parts = pack.pack(self.at('corpus'), self.at('wordnet'), self.at('packed'), 20000, 2)
        self.assertEqual((count, parts), (3, len(os.listdir(self.at('packed')))))
        self.assertGreater(parts, 2)
        self.assertLessEqual(max(os.path.getsize(self.at('packed', n)) for n in os.listdir(self.at('packed'))), 20000)

        self.assertEqual(pack.unpack(self.at('packed'), self.at('there'), 2), 3)
        self.assertTrue((np.fromfile(self.at('there', 'images.u8'), np.uint8) == self.pictures.ravel()).all())
        for name in ('rows.jsonl', 'strings.json', 'nouns.json'):
            self.assertEqual(self.read('there', name), self.read('corpus', name))
        self.assertEqual(self.read('there', 'wordnet', 'index.noun'), 'cat n 1\n')
        there = np.load(self.at('there', 'minilm.npy')).astype(np.float32)
        self.assertLess(np.abs(there - self.vectors).max(), np.abs(self.vectors).max() / 127)
        self.assertEqual(np.load(self.at('there', 'nouns.npy')).shape, (0, 384))
        self.assertEqual(json.loads(self.read('there', 'strings.json')), ['cat'])

    def test_a_missing_part_is_told(self):
        _, parts = pack.pack(self.at('corpus'), self.at('wordnet'), self.at('packed'), 20000, 1)
        for k in (1, parts - 1):
            os.rename(self.at('packed', f'part-{k:02d}'), self.at('elsewhere'))
            with self.assertRaisesRegex(SystemExit, 'lacks parts'):
                pack.unpack(self.at('packed'), self.at('there'), 1)
            os.rename(self.at('elsewhere'), self.at('packed', f'part-{k:02d}'))


if __name__ == '__main__':
    unittest.main()
