"""Compressed pictures are the pictures."""

import tempfile
import unittest

import numpy as np

from compressed import compress, pictures


class CompressedPictures(unittest.TestCase):
    def test_are_the_same_as_before(self):
        images = np.random.default_rng(0).integers(0, 256, (5, 8, 8, 4), dtype=np.uint8)
        images[3] = 0
        with tempfile.TemporaryDirectory() as folder:
            self.assertIs(pictures(folder, images), images)
            compress(folder, images)
            packed = pictures(folder, images)
            self.assertEqual(packed.shape[1], 8)
            for i in (3, 0, 4):
                np.testing.assert_array_equal(packed[i], images[i])


if __name__ == '__main__':
    unittest.main()
