"""The trunk's parts, without a corpus and without published weights."""

import unittest

import torch
import torch.nn.functional as F

import depthwise
import efficientnet
from efficientnet import Conv, EfficientNet
from trunk_corpus import COLOUR_NAMES, COLOURS, colours_of


class Network(unittest.TestCase):
    def test_sizes_have_the_published_numbers_of_weights(self):
        counts = {size: sum(p.numel() for p in EfficientNet(size).parameters()) for size in efficientnet.SIZES}
        self.assertEqual({k: round(v / 1e6, 2) for k, v in counts.items()}, {'lite0': 4.65, 'lite1': 5.42, 'lite2': 6.09})

    def test_padding_is_that_of_tensorflow(self):
        for side, out in ((96, 48), (97, 49), (5, 3)):
            self.assertEqual(Conv(3, 8, 3, 2)(torch.zeros(1, 3, side, side)).shape[-1], out)

    def test_a_folded_convolution_says_what_convolution_and_normalisation_say(self):
        conv = Conv(4, 8, 3)
        with torch.no_grad():
            for p in (conv.weight, conv.gain, conv.offset, conv.mean):
                p.normal_()
            conv.variance.uniform_(0.5, 2)
        x = torch.randn(2, 4, 6, 6)
        expected = F.batch_norm(F.conv2d(x, conv.weight, None, 1, 1), conv.mean, conv.variance, conv.gain, conv.offset, eps=efficientnet.EPS)
        torch.testing.assert_close(conv(x), expected, rtol=1e-4, atol=1e-4)

    def test_names_of_tensors_are_those_of_the_published_checkpoints(self):
        names = efficientnet.names(EfficientNet())
        self.assertEqual(names['stem.weight'], '_conv_stem.weight')
        self.assertEqual(names['blocks.3.depthwise.variance'], '_blocks.3._bn1.running_var')
        self.assertEqual(names['classify.bias'], '_fc.bias')


@unittest.skipUnless(depthwise.LIBRARY, 'needs gcc')
class DepthwiseKernel(unittest.TestCase):
    def test_forwards_and_backwards_are_those_of_pytorch(self):
        torch.manual_seed(0)
        for channels, kernel, stride, height, width in ((32, 3, 1, 12, 12), (144, 5, 2, 24, 24), (96, 3, 2, 13, 11), (48, 5, 1, 6, 6), (16, 5, 2, 7, 9)):
            conv = Conv(channels, channels, kernel, stride, channels)
            with torch.no_grad():
                conv.weight.normal_(std=0.2)
                conv.offset.normal_(1)
            x = (torch.randn(3, channels, height, width) * 3).bfloat16().contiguous(memory_format=torch.channels_last).requires_grad_()
            exact = x.detach().float().requires_grad_()
            said = depthwise.Depthwise.apply(x, *conv.folded(), stride)
            expected = F.hardtanh(conv(F.hardtanh(exact, 0, 6)), 0, 6)
            self.assertLess((said.float() - expected).abs().max(), 0.02)
            gradient = torch.randn_like(said)
            mine = torch.autograd.grad(said, (x, conv.weight, conv.offset), gradient)
            theirs = torch.autograd.grad(expected, (exact, conv.weight, conv.offset), gradient.float())
            for a, b in zip(mine, theirs):  # rounding puts some values on the other side of a bend
                self.assertLess((a.float() - b).norm() / b.norm(), 0.1)


class Colours(unittest.TestCase):
    def painted(self, *colours):
        """A picture of stripes in these colours on nothing."""
        rgb = torch.zeros(1, 3, 16, 16)
        for k, colour in enumerate(colours):
            rgb[0, :, :, k * 8 : k * 8 + 8] = torch.tensor(colour).view(3, 1, 1) / 255
        alpha = torch.zeros(1, 1, 16, 16)
        alpha[..., : 8 * len(colours)] = 1
        return colours_of(rgb, alpha).item()

    def test_plain_colours_have_their_names(self):
        for name, colour in COLOURS.items():
            self.assertEqual(COLOUR_NAMES[self.painted(colour)], name)

    def test_two_colours_have_no_name(self):
        self.assertEqual(self.painted(COLOURS['red'], COLOURS['blue']), -1)


if __name__ == '__main__':
    unittest.main()
