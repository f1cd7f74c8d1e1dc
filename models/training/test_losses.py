"""python3 -m unittest, from this folder."""

import math
import unittest

import torch

from losses import contrastive_loss

NONE = torch.zeros(2, 2, dtype=torch.bool)


class Contrastive(unittest.TestCase):
    def test_one_right_pair_each_is_the_cross_entropy_of_the_paper(self):
        logits = torch.tensor([[2.0, 0.0], [1.0, 3.0]])
        right = torch.arange(2)
        expected = (torch.nn.functional.cross_entropy(logits, right) + torch.nn.functional.cross_entropy(logits.T, right)) / 2
        self.assertAlmostEqual(contrastive_loss(logits, torch.eye(2), NONE).item(), expected.item(), places=5)

    def test_two_pictures_of_one_name_are_right_for_each_other(self):
        self.assertAlmostEqual(contrastive_loss(torch.zeros(2, 2), torch.ones(2, 2), NONE).item(), math.log(2), places=5)
        self.assertAlmostEqual(contrastive_loss(torch.eye(2) * 50, torch.ones(2, 2), NONE).item(), 25, places=4)

    def test_a_pair_left_out_counts_neither_way(self):
        left_out = torch.tensor([[False, True], [True, False]])
        self.assertAlmostEqual(contrastive_loss(torch.full((2, 2), 7.0), torch.eye(2), left_out).item(), 0, places=4)

    def test_further_texts_are_wrong_answers_of_pictures_only(self):
        further = torch.zeros(2, 6)  # eight texts that are all alike, instead of two
        self.assertAlmostEqual(contrastive_loss(torch.zeros(2, 2), torch.eye(2), NONE, further).item(), (math.log(8) + math.log(2)) / 2, places=5)
        self.assertAlmostEqual(contrastive_loss(torch.zeros(2, 2), torch.eye(2), NONE, further - 1e4).item(), math.log(2), places=5)

    def test_pictures_without_a_right_text_are_only_wrong_answers_for_the_texts(self):
        logits = torch.tensor([[2.0], [1.0], [0.0]])  # three pictures, one text, which is the first one's
        loss = contrastive_loss(logits, torch.tensor([[1.0], [0.0], [0.0]]), torch.zeros(3, 1, dtype=torch.bool))
        expected = torch.nn.functional.cross_entropy(logits.T, torch.tensor([0])) / 2
        self.assertAlmostEqual(loss.item(), expected.item(), places=5)


if __name__ == '__main__':
    unittest.main()
