"""The trunk's parts, without a corpus and without published weights."""

import json
import tempfile
import unittest
import zipfile
from types import SimpleNamespace

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image

import branches
import depthwise
import efficientnet
import merge
import photos
import ship
import sprites
from captions import KINDS
from data import grown
from efficientnet import Conv, EfficientNet
from trunk import Run, Trunk
from trunk_corpus import COLOUR_NAMES, COLOURS, Drawings, colours_of


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

    def test_measured_statistics_change_nothing_that_the_network_says(self):
        torch.manual_seed(0)
        conv, x = Conv(4, 8, 3), torch.randn(16, 4, 6, 6)
        with torch.no_grad():
            for p in (conv.weight, conv.gain, conv.offset, conv.mean):
                p.normal_()
            before = conv(x)
            net = EfficientNet()
            net.stem, net.blocks, net.head = conv, torch.nn.ModuleList(), Conv(8, 8, 1)
            net.measure([x])
            torch.testing.assert_close(conv(x), before, rtol=1e-3, atol=1e-3)
        conv.of_batch = True  # and by the batch it is the same, too
        torch.testing.assert_close(conv(x), before, rtol=1e-3, atol=1e-3)

    def test_int8_weights_are_read_as_they_were_stored_to_half_a_step(self):
        weights = {'visual.photos.a.weight': torch.randn(5, 3, 2, 2), 'visual.photos.a.bias': torch.randn(5), 'text': torch.randn(4, 4)}
        stored = ship.quantised(weights, 'visual.photos.')
        self.assertEqual(stored['visual.photos.a.weight'].dtype, torch.int8)
        read = branches.floats(stored)
        self.assertEqual(set(read), set(weights))
        step = stored['visual.photos.a.weight_scale'].view(5, 1, 1, 1)
        self.assertTrue(((read['visual.photos.a.weight'] - weights['visual.photos.a.weight']).abs() <= 0.51 * step).all())

    def test_texts_begin_as_they_are_and_ship_in_the_projection(self):
        net, inside, projection = Trunk(8), torch.randn(3, 6), torch.randn(6, 8)
        texts = F.normalize(inside @ projection, dim=1)
        torch.testing.assert_close(net.texts(texts), texts)
        with torch.no_grad():
            net.text.copy_(torch.randn(8, 8))
        shipped = F.normalize(inside @ ship.text_projection(projection, net.text), dim=1)
        torch.testing.assert_close(net.texts(texts), shipped, rtol=1e-4, atol=1e-5)

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
            for is_open in (False, True):
                said = depthwise.Depthwise.apply(x, *conv.folded(), stride, is_open)
                expected = conv(F.hardtanh(exact, 0, 6))
                expected = expected if is_open else F.hardtanh(expected, 0, 6)
                self.assertLess(((said.float() - expected).abs() / (1 + expected.abs())).max(), 0.01)
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


class Pictures(unittest.TestCase):
    def test_a_drawing_and_its_copy_of_half_the_size_have_the_same_outline(self):
        large = (np.random.default_rng(1).random((3, 16, 1, 16, 1, 4)) * np.ones((1, 1, 8, 1, 8, 1)) * 255).astype(np.uint8).reshape(3, 128, 128, 4)
        self.assertEqual([k for _, k in merge.keys(large)], [k for _, k in merge.keys(large[:, ::2, ::2])])

    def test_growing_takes_the_greatest_of_the_neighbours(self):
        x = torch.rand(2, 3, 9, 7)
        self.assertTrue(torch.equal(grown(x), F.max_pool2d(x, 3, 1, 1)))

    def test_small_sprites_are_enlarged_by_a_whole_factor(self):
        square = sprites.fitted(Image.new('RGBA', (20, 10), 'red'), 96)
        self.assertEqual((square.shape, (square[..., 3] > 0).sum()), ((96, 96, 4), 80 * 40))

    def test_noise_is_a_photo_and_an_area_of_one_colour_is_none(self):
        noise = Image.fromarray((np.random.default_rng(1).random((200, 200, 3)) * 255).astype(np.uint8))
        self.assertTrue(photos.is_photo(noise))
        self.assertFalse(photos.is_photo(Image.new('RGB', (200, 200), 'red')))


def corpus(folder):
    """Four drawings of two names in two sets."""
    rows = [{'set': s, 'id': n, 'name': n, 'tags': ['thing'], 'category': None, 'kind': k, 'mono': False, 'split': 'train'} for s, k in (('a', 'icon'), ('b', 'sprite')) for n in ('cat', 'dog')]
    with open(f'{folder}/rows.jsonl', 'w') as f:
        f.write(''.join(json.dumps(r) + '\n' for r in rows))
    (np.random.default_rng(1).random((4, 32, 32, 4)) * 255).astype(np.uint8).tofile(f'{folder}/images.u8')


@unittest.skipUnless(depthwise.LIBRARY, 'slow without gcc')
class Training(unittest.TestCase):
    """Runs from random weights, and what they draw."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        corpus(self.folder)
        net = EfficientNet()
        for name, p in net.named_parameters():
            if p.ndim > 1:
                torch.nn.init.kaiming_normal_(p)
        theirs = efficientnet.names(net)
        torch.save({theirs[k]: v for k, v in net.state_dict().items()}, f'{self.folder}/net.pth')
        with zipfile.ZipFile(f'{self.folder}/net.whl', 'w') as wheel:
            wheel.write(f'{self.folder}/net.pth', 'package/net.pth')
        self.drawings = Drawings([self.folder], f'{self.folder}/none', self.folder)
        unit = lambda *shape: F.normalize(torch.randn(*shape, 8), dim=-1)  # noqa: E731
        self.vectors = SimpleNamespace(drawn=unit(len(self.drawings.strings)), kinds=[unit(2) for _ in KINDS], coloured_row={}, coloured=unit(1, len(COLOURS)))
        self.options = SimpleNamespace(out=self.folder, wheel=f'{self.folder}/net.whl', size='lite0', init=None, lr=1e-3, batch=4, photo_batch=0, px=[32], against=1, frozen=3, decay=None, text_rate=0.3, teacher=None)

    def run_of(self, **changed):
        return Run(SimpleNamespace(**{**vars(self.options), **changed}), self.drawings, self.vectors, None)

    def test_a_run_that_was_cut_goes_on_as_if_it_had_not_been(self):
        run = self.run_of()
        run.normalise_by_batch()
        run.step()
        run.save()
        expected = run.step()
        again = self.run_of()
        again.restore()
        again.normalise_by_batch()
        self.assertEqual(again.pictures, 4)
        self.assertEqual(again.step(), expected)

    def test_the_state_has_the_mean_of_the_weights_and_begins_a_run(self):
        run = self.run_of()
        run.step()
        run.save()
        net = Trunk(8)
        self.assertEqual(net.load(f'{self.folder}/state.pt')['pictures'], 4)
        torch.testing.assert_close(net.project.weight, run.ema['project.weight'], atol=1e-3, rtol=1e-2)
        torch.testing.assert_close(self.run_of(init=f'{self.folder}/state.pt').net.project.weight, net.project.weight)

    def test_the_first_blocks_do_not_learn(self):
        run = self.run_of()
        run.fresh = 20_000  # the learning rate has risen
        run.normalise_by_batch()
        before = {k: v.clone() for k, v in run.net.state_dict().items()}
        run.step()
        after = run.net.state_dict()
        first = ('body.stem.', 'body.blocks.0.', 'body.blocks.1.', 'body.blocks.2.')
        self.assertEqual([k for k in before if k.startswith(first) and not torch.equal(before[k], after[k])], [])
        self.assertFalse(any(torch.equal(before[k], after[k]) for k in before if k.endswith('.weight') and not k.startswith(first)))

    def test_names_come_before_other_strings_and_words_of_a_row_are_its_own(self):
        self.assertEqual(self.drawings.strings[:2], ['cat', 'dog'])
        mine = {self.drawings.strings[k] for k in self.drawings.own[0] if k >= 0}
        self.assertLessEqual({'cat', 'thing'}, mine)

    def test_each_drawing_is_called_by_a_word_of_its_own(self):
        ids, said = self.drawings.draw(50, np.random.default_rng(1))
        for i, k in zip(ids, said):
            self.assertIn(k, self.drawings.own[i])


if __name__ == '__main__':
    unittest.main()
