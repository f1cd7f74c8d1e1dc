"""python3 -m unittest, from this folder."""

import unittest

import torch

from mean import between


class Mean(unittest.TestCase):
    def test_weights_lie_between_and_counters_stay(self):
        a = {'w': torch.tensor([0.0, 2.0]), 'num_batches_tracked': torch.tensor(3)}
        b = {'w': torch.tensor([1.0, 0.0]), 'num_batches_tracked': torch.tensor(9)}
        got = between(a, b, 0.25)
        self.assertEqual(got['w'].tolist(), [0.25, 1.5])
        self.assertEqual(got['num_batches_tracked'].item(), 3)


if __name__ == '__main__':
    unittest.main()
