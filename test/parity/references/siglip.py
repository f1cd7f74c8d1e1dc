"""Writes test/parity/fixtures/siglip: tiny SigLIP models with random weights, and what transformers and tokenizers make of them.

    .venv/bin/python test/parity/references/siglip.py

`siglip2` has a tokenizer as Gemma's is: byte-pair encoding of whole texts with bytes for what it lacks, and nothing in its file that
lower-cases; `siglip` one as T5's is (Unigram), which pads with its end token. Beside the files of a checkpoint lies an
expected.safetensors (pixels uint8 [N, S, S, 3], input_ids int64 [N, T], image_embeds and text_embeds float32 [N, E],
probabilities [N images, N texts], squashed uint8 [N files, S, S, 3]) and an expected.json (texts and their ids). `images` holds the
files that are squashed. `siglip2` also holds the graphs that torch.onnx makes of its encoders, as transformers.js lays them out.
Needs onnx, onnxscript and pillow besides requirements.txt.
"""

import collections
import json
import math
import os
import re
import shutil

import numpy as np
import torch
from PIL import Image
from safetensors.torch import save_file
from tokenizers import AddedToken, Regex, Tokenizer, models, normalizers, pre_tokenizers, processors, trainers
from transformers import SiglipConfig, SiglipImageProcessorPil, SiglipModel

from encoders import normalised, randomise, sample_pixels, write_json

FIXTURES = os.path.join(os.path.dirname(__file__), '..', 'fixtures', 'siglip')
CONTEXT = 16
SIZE = 32
CORPUS = (
    'a photo of a red dog. a drawing of a blue cat, a green tree and the sun. two people walk along the beach at night. '
    'an icon of an arrow to the left; a shopping cart; a magnifying glass. ein Foto von einem Hund. une photo de deux chats. '
) * 8
# What looks like a special token has spaces in it: the references would take it for one, and we do not.
TEXTS = [
    '', 'dog', 'a photo of a red dog.', 'A Photo of a RED Dog.', 'two cats & a tree', 'Straße ÉTÉ', '一张狗的照片', '🐶 dog', 'x' * 40,
    'an icon of an arrow to the left of a shopping cart below a magnifying glass at night', '< eos > < /s >', "it's 3.14, isn't it?", 'a <b>red</b> dog',
]  # fmt: skip

# Width and height: smaller and larger than the encoder's square, one side of each, and one that is shrunk much.
PICTURES = {'smaller': (20, 13), 'larger': (90, 57), 'tall': (20, 70), 'large': (300, 210)}


def write_pictures():
    folder = os.path.join(FIXTURES, 'images')
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)
    for seed, (name, size) in enumerate(PICTURES.items()):
        noise = np.random.default_rng(seed).integers(0, 256, (6, 7, 3), dtype=np.uint8)
        picture = Image.fromarray(noise).resize(size, Image.Resampling.BICUBIC).quantize(48).convert('RGB').quantize(48)
        picture.save(os.path.join(folder, f'{name}.png'), optimize=True)


def squashed(folder):
    """What the image processor makes of the files, before it normalises them."""
    process = SiglipImageProcessorPil.from_pretrained(folder)
    files = [Image.open(os.path.join(FIXTURES, 'images', f'{name}.png')).convert('RGB') for name in PICTURES]
    planes = process(files, do_rescale=False, do_normalize=False, return_tensors='np')['pixel_values']
    return torch.from_numpy(np.rint(planes).astype(np.uint8)).permute(0, 2, 3, 1)


def gemma_like():
    """Special tokens, tags that are a token each, 256 bytes, then pieces, as in Gemma's vocabulary."""
    normalizer = normalizers.Replace(' ', '▁')
    trained = Tokenizer(models.BPE(unk_token='<unk>'))
    trained.normalizer = normalizer
    trained.train_from_iterator([CORPUS.lower()], trainers.BpeTrainer(vocab_size=180, special_tokens=['<unk>'], show_progress=False))
    model = json.loads(trained.to_str())['model']
    special = ['<pad>', '<eos>', '<bos>', '<unk>']
    tags = ['<b>', '</b>']
    pieces = [piece for piece in sorted(model['vocab'], key=model['vocab'].get) if piece not in special]
    vocab = {piece: at for at, piece in enumerate([*special, *tags, *(f'<0x{byte:02X}>' for byte in range(256)), *pieces])}
    merges = [tuple(pair) for pair in model['merges']]
    tokenizer = Tokenizer(models.BPE(vocab=vocab, merges=merges, unk_token='<unk>', fuse_unk=True, byte_fallback=True))
    tokenizer.normalizer = normalizer
    tokenizer.pre_tokenizer = pre_tokenizers.Split(' ', 'merged_with_previous')
    tokenizer.post_processor = processors.TemplateProcessing('$A <eos>', special_tokens=[('<eos>', 1)])
    tokenizer.add_special_tokens([AddedToken(content, normalized=False, special=True) for content in special])
    tokenizer.add_tokens([AddedToken(content, normalized=False) for content in tags])
    return tokenizer


def unigrams():
    """Letters and the commonest parts of words, with the logarithms of their shares; no two ways to cut a text are as likely."""
    counts = collections.Counter()
    for word in re.sub(r"[^\w\s]", '', CORPUS.lower()).split():
        marked = f'▁{word}'
        counts.update(marked[start:end] for start in range(len(marked)) for end in range(start + 1, min(start + 7, len(marked) + 1)))
    letters = {*map(chr, range(ord('a'), ord('z') + 1)), '▁'}
    common = [piece for piece, _ in sorted(counts.items(), key=lambda item: (-item[1], item[0])) if piece not in letters][:200]
    total = sum(counts.values())
    pieces = [*sorted(letters), *common]
    return [(piece, math.log((counts[piece] + 0.5) / total) - at * 1e-4) for at, piece in enumerate(pieces)]


def t5_like():
    """A piece for padding that is not used, the end token, the unknown one, then pieces, as in the vocabularies of SentencePiece."""
    special = ['<pad>', '</s>', '<unk>']
    tokenizer = Tokenizer(models.Unigram([*((content, 0.0) for content in special), *unigrams()], unk_id=2))
    punctuation = Regex('[!-/:-@\\[-`{-~]')
    tokenizer.normalizer = normalizers.Sequence(
        [normalizers.Lowercase(), normalizers.Replace(punctuation, ''), normalizers.Replace(Regex(' {2,}'), ' '), normalizers.Strip()]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(replacement='▁', prepend_scheme='always')
    tokenizer.post_processor = processors.TemplateProcessing('$A </s>', special_tokens=[('</s>', 1)])
    tokenizer.add_special_tokens([AddedToken(content, normalized=False, special=True) for content in special])
    return tokenizer


def write(name, tokenizer, pad, tokenizer_config, vision, text, resample, seed):
    folder = os.path.join(FIXTURES, name)
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)
    tokenizer.save(os.path.join(folder, 'tokenizer.json'), pretty=False)
    write_json(folder, 'tokenizer_config.json', tokenizer_config)
    reference = Tokenizer.from_str(tokenizer.to_str())
    reference.enable_truncation(CONTEXT)
    reference.enable_padding(length=CONTEXT, pad_id=pad)
    ids = [reference.encode(one.lower()).ids for one in TEXTS]
    write_json(folder, 'expected.json', {'texts': TEXTS, 'ids': ids})

    torch.manual_seed(seed)
    vocabulary = max(tokenizer.get_vocab().values()) + 1
    shapes = {'hidden_size': 24, 'intermediate_size': 40, 'num_hidden_layers': 2, 'num_attention_heads': 3}
    config = SiglipConfig(
        vision_config={**shapes, 'image_size': SIZE, 'patch_size': 8, **vision},
        text_config={**shapes, 'vocab_size': vocabulary, 'max_position_embeddings': CONTEXT, 'projection_size': 24, **text},
    )
    model = SiglipModel(config).eval()
    randomise(model, torch.float32)
    with torch.no_grad():
        model.logit_scale.fill_(3.1)
        model.logit_bias.fill_(-2.3)
        pixels = sample_pixels(SIZE, seed)
        tokens = torch.tensor(ids)
        images = normalised(pixels, [0.5] * 3, [0.5] * 3)
        output = model(input_ids=tokens, pixel_values=images)
        expected = {
            'pixels': pixels,
            'input_ids': tokens,
            'image_embeds': model.vision_model(pixel_values=images).pooler_output,
            'text_embeds': model.text_model(input_ids=tokens).pooler_output,
            'probabilities': torch.sigmoid(output.logits_per_image),
        }
    print(name, 'probabilities', expected['probabilities'].min().item(), expected['probabilities'].max().item())
    model.save_pretrained(folder)
    size = {'height': SIZE, 'width': SIZE}
    statistics = {'image_mean': [0.5] * 3, 'image_std': [0.5] * 3}
    write_json(folder, 'preprocessor_config.json', {'image_processor_type': 'SiglipImageProcessor', 'size': size, 'resample': resample, **statistics})
    expected['squashed'] = squashed(folder)
    save_file({key: value.contiguous() for key, value in expected.items()}, os.path.join(folder, 'expected.safetensors'))
    return model, images, tokens


class Pooled(torch.nn.Module):
    def __init__(self, encoder, name):
        super().__init__()
        self.encoder, self.name = encoder, name

    def forward(self, value):
        output = self.encoder(**{self.name: value})
        return output.last_hidden_state, output.pooler_output


def export(folder, model, images, tokens):
    """As the hub's exports of SigLIP are: sizes left open, the states of all tokens beside the embedding."""
    os.makedirs(os.path.join(folder, 'onnx'))
    outputs = ['last_hidden_state', 'pooler_output']
    for file, encoder, name, value in [
        ('vision_model', model.vision_model, 'pixel_values', images),
        ('text_model', model.text_model, 'input_ids', tokens),
    ]:
        torch.onnx.export(
            Pooled(encoder, name).eval(),
            (value,),
            os.path.join(folder, 'onnx', f'{file}.onnx'),
            input_names=[name],
            output_names=outputs,
            dynamic_axes={tensor: {0: 'batch_size'} for tensor in [name, *outputs]},
            opset_version=18,
            dynamo=False,
        )


if __name__ == '__main__':
    write_pictures()
    gemma = {'tokenizer_class': 'GemmaTokenizer', 'do_lower_case': True, 'pad_token': '<pad>', 'eos_token': '<eos>'}
    model, images, tokens = write('siglip2', gemma_like(), 0, gemma, {}, {}, 2, 1)
    export(os.path.join(FIXTURES, 'siglip2'), model, images[:2], tokens[:2])
    t5 = {'tokenizer_class': 'SiglipTokenizer', 'pad_token': {'content': '</s>'}, 'eos_token': {'content': '</s>'}}
    write('siglip', t5_like(), 1, t5, {'patch_size': 16, 'num_hidden_layers': 3, 'layer_norm_eps': 1e-3}, {'hidden_act': 'gelu'}, 3, 2)
