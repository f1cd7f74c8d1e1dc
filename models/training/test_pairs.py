"""python3 -m unittest, from this folder."""

import unittest
from types import SimpleNamespace

import numpy as np
import torch

from pairs import Pairs

CAT, ANIMAL, DOG, ICON = range(4)  # strings
CAPTIONS = SimpleNamespace(
    strings=['cat', 'animal', 'dog', 'icon'],
    teacher=torch.eye(4),
    words=torch.zeros(4, 2, dtype=torch.long),
    own=np.array([[CAT, ANIMAL, -1], [DOG, ANIMAL, ICON], [CAT, -1, -1]], np.int32),
    names=np.array([CAT, DOG, CAT]),
    kinds=np.array([0, 0, 1]),
    mono=torch.zeros(3, dtype=torch.bool),
    flips=torch.zeros(3, dtype=torch.bool),
)


class WhatIsRight(unittest.TestCase):
    pairs = Pairs(CAPTIONS, 'cpu')

    def test_a_string_holds_where_it_is_a_word_of_the_row(self):
        held = self.pairs.holds(torch.tensor([0, 1, 2]), torch.tensor([ANIMAL, CAT, ICON, ANIMAL]))
        self.assertEqual(held.tolist(), [[True, True, False, True], [True, False, True, True], [False, True, False, False]])

    def test_the_same_name_counts_one_and_a_tag_half(self):
        rows, ids, told = torch.tensor([0, 1, 2]), torch.tensor([CAT, ANIMAL, CAT]), torch.full((3,), -1)
        match, left_out = self.pairs.matches(rows, ids, told)
        self.assertEqual(match.tolist(), [[1, 0.5, 1], [0, 1, 0], [1, 0, 1]])
        self.assertFalse(left_out.any())

    def test_a_text_that_tells_another_kind_is_left_out(self):
        rows, ids, told = torch.tensor([0, 2]), torch.tensor([CAT, CAT]), torch.tensor([-1, 1])  # "cat", "cat emoji"
        match, left_out = self.pairs.matches(rows, ids, told)
        self.assertEqual(match.tolist(), [[1, 0], [1, 1]])
        self.assertEqual(left_out.tolist(), [[False, True], [False, False]])

    def test_another_string_is_one_of_the_rows_own(self):
        chances = torch.tensor([0.0, 0.49, 0.51, 0.999])
        self.assertEqual(self.pairs.another(torch.zeros(4, dtype=torch.long), chances).tolist(), [CAT, CAT, ANIMAL, ANIMAL])
        self.assertEqual(self.pairs.another(torch.ones(4, dtype=torch.long), chances).tolist(), [DOG, ANIMAL, ANIMAL, ICON])


if __name__ == '__main__':
    unittest.main()
