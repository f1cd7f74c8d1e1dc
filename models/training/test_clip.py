"""python3 -m unittest, from this folder."""

import math
import tempfile
import unittest

import torch

import clip

CONFIG = {
    'embed_dim': 16,
    'vision_cfg': {'layers': [1, 1, 1, 1], 'width': 8, 'image_size': 64},
    'text_cfg': {'vocab_size': 0, 'width': 64, 'layers': 1, 'heads': 1, 'context_length': 32},
}


class Checkpoint(unittest.TestCase):
    def test_what_was_saved_is_loaded(self):
        torch.manual_seed(0)
        tokenizer = clip.build_tokenizer(['a cat', 'a shopping cart', 'carts'], 300)
        config = {**CONFIG, 'text_cfg': {**CONFIG['text_cfg'], 'vocab_size': tokenizer.get_vocab_size()}}
        net, text = (m.half().float().eval() for m in clip.fresh(config))  # matrices are saved in half precision
        with tempfile.TemporaryDirectory() as folder:
            clip.save(folder, net, text, tokenizer, torch.tensor(math.log(20)), config)
            there_net, there_text, there_tokenizer, scale, there_config = clip.load(folder)
        self.assertEqual(there_config, config)
        self.assertAlmostEqual(scale.exp().item(), 20, places=4)
        pictures, ids = torch.randn(2, 3, 64, 64), clip.token_ids(tokenizer, ['a cat', 'shopping carts'])
        self.assertTrue((clip.token_ids(there_tokenizer, ['a cat', 'shopping carts']) == ids).all())
        with torch.inference_mode():
            self.assertLess((there_net.eval()(pictures) - net(pictures)).abs().max().item(), 1e-5)
            self.assertLess((there_text.eval()(ids) - text(ids)).abs().max().item(), 1e-5)

    def test_every_byte_may_end_a_word_once_completed(self):
        tokenizer = clip.build_tokenizer(['a cat'], 300)
        config = {**CONFIG, 'text_cfg': {**CONFIG['text_cfg'], 'vocab_size': tokenizer.get_vocab_size()}}
        tokenizer, text = clip.complete(tokenizer, clip.fresh(config)[1])
        self.assertEqual(len(text.tokens.weight), tokenizer.get_vocab_size())
        self.assertEqual(''.join(t.removesuffix('</w>') for t in tokenizer.encode('xyz').tokens), 'xyz')
        self.assertEqual(clip.token_ids(tokenizer, ['x'])[0, -1], tokenizer.get_vocab_size() - 1, 'the end stays the highest id')


if __name__ == '__main__':
    unittest.main()
