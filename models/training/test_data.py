"""python3 -m unittest, from this folder."""

import unittest

import torch

import data
from data import Painter, premultiplied


class Sharp(unittest.TestCase):
    def setUp(self):
        self.pictures = (torch.rand(4, 64, 64, 4, generator=torch.Generator().manual_seed(1)) * 255).to(torch.uint8)

    def test_at_their_own_size_pictures_keep_every_pixel_or_are_mirrored(self):
        mirrored = torch.tensor([False, True, False, True])
        seen, plain = Painter.sharp(self.pictures, mirrored, 64), premultiplied(self.pictures)
        self.assertTrue(torch.equal(seen[0], plain[0]))
        self.assertTrue(torch.equal(seen[1], plain[1].flip(2)))

    def test_a_part_of_what_is_drawn_is_as_sharp_as_what_people_show(self):
        opaque = self.pictures.repeat(50, 1, 1, 1)
        opaque[..., 3] = 255
        x = Painter(0).train(opaque, torch.zeros(200, dtype=torch.bool), 64, 1.0)
        edges = (x[..., 1:] - x[..., :-1]).abs().mean((1, 2, 3))
        as_they_are = (edges > 0.75 * edges.max()).float().mean().item()
        self.assertGreater(as_they_are, data.SHARP / 2)
        self.assertLess(as_they_are, 0.7)


if __name__ == '__main__':
    unittest.main()
