"""Writes test/parity/fixtures/encoders: tiny CLIP checkpoints with random weights, and what their own libraries compute of them.

    python -m venv .venv && .venv/bin/pip install -r test/parity/references/requirements.txt
    .venv/bin/python test/parity/references/encoders.py

Each fixture is a checkpoint folder with an expected.safetensors beside its files: pixels uint8 [N, S, S, 3], input_ids int64 [N, T],
image_embeds and text_embeds float32 [N, E] as the projections give them.
"""

import json
import os
import shutil

import numpy as np
import open_clip
import torch
from safetensors.torch import load_file, save_file
from transformers import CLIPConfig, CLIPModel

ROOT = os.path.join(os.path.dirname(__file__), '..', '..', '..')
FIXTURES = os.path.join(ROOT, 'test', 'parity', 'fixtures', 'encoders')
BUNDLED = os.path.join(ROOT, 'models', 'assetlens-icons')
OPENAI = {'mean': [0.48145466, 0.4578275, 0.40821073], 'std': [0.26862954, 0.26130258, 0.27577711]}


def sample_pixels(size, seed):
    """Noise, a flat image, a gradient and a square: uint8 [4, S, S, 3]."""
    rng = np.random.default_rng(seed)
    pixels = np.zeros((4, size, size, 3), np.uint8)
    pixels[0] = rng.integers(0, 256, (size, size, 3))
    pixels[1] = (250, 40, 90)
    pixels[2] = (np.indices((size, size)).sum(0)[:, :, None] * [1, 2, 3] * 64 // size) % 256
    pixels[3, size // 4 : size // 2, size // 3 :] = (20, 200, 255)
    return torch.from_numpy(pixels)


def sample_ids(context, vocabulary, seed, pad):
    """Texts of 1 token, a few and as many as fit: int64 [3, T]. Start and end are the two highest ids."""
    rng = np.random.default_rng(seed)
    ids = np.full((3, context), pad, np.int64)
    for row, length in enumerate([3, context // 2, context]):
        ids[row, 0] = vocabulary - 2
        ids[row, 1 : length - 1] = rng.integers(1, vocabulary - 2, length - 2)
        ids[row, length - 1] = vocabulary - 1
    return torch.from_numpy(ids)


def normalised(pixels, mean, std):
    image = pixels.permute(0, 3, 1, 2).float() / 255
    return (image - torch.tensor(mean).view(3, 1, 1)) / torch.tensor(std).view(3, 1, 1)


def softened(image):
    """1 2 1 across and down (assetlens.soften)."""
    weights = torch.tensor([1.0, 2, 1]) / 4
    kernel = (weights[:, None] * weights[None]).expand(3, 1, 3, 3)
    return torch.nn.functional.conv2d(torch.nn.functional.pad(image, (1, 1, 1, 1), mode='replicate'), kernel, groups=3)


def randomise(model, dtype):
    """Random weights that the checkpoint's type holds exactly, large enough that every part of the encoders shows in the embedding."""
    with torch.no_grad():
        for name, tensor in model.state_dict().items():
            if not tensor.is_floating_point():
                continue
            if name.endswith('running_var'):
                tensor.uniform_(0.5, 2)
            elif tensor.ndim < 2:
                centre = 1 if name.endswith('weight') else 0
                tensor.normal_(centre, 0.2)
            elif 'embed' in name:
                tensor.normal_(0, 0.5)
            else:
                tensor.normal_(0, 1.2 / tensor[0].numel() ** 0.5)
            tensor.copy_(tensor.to(dtype).float())
    if hasattr(model, 'logit_scale'):
        torch.nn.init.constant_(model.logit_scale, 3.0)


def settle_batch_norms(visual, images, dtype):
    """Batch statistics of real activations: with random ones a deep ResNet answers every image alike."""
    for module in visual.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            module.momentum = None  # the plain mean of all batches
            module.reset_running_stats()
    with torch.no_grad():
        visual.train()(images)
        visual.eval()
        for module in visual.modules():
            if isinstance(module, torch.nn.BatchNorm2d):
                for statistic in (module.running_mean, module.running_var):
                    statistic.copy_(statistic.to(dtype).float())


def write_tokenizer(folder, vocabulary):
    """As much of a tokenizer as a conversion reads."""
    added = [{'id': vocabulary - 2, 'content': '<|startoftext|>'}, {'id': vocabulary - 1, 'content': '<|endoftext|>'}]
    write_json(folder, 'tokenizer.json', {'added_tokens': added, 'model': {'type': 'BPE', 'vocab': {'a': 0}, 'merges': []}})


def write_json(folder, name, value):
    with open(os.path.join(folder, name), 'w') as file:
        json.dump(value, file, indent=1)
        file.write('\n')


def write_expected(folder, pixels, ids, image, text):
    for embeds in (image, text):
        unit = torch.nn.functional.normalize(embeds, dim=1)
        closest = (unit @ unit.T - 2 * torch.eye(len(unit))).max().item()
        print(f'{os.path.basename(folder)}: closest pair {closest:.3f}')
        assert closest < 0.98, 'these weights tell nothing apart'
    tensors = {'pixels': pixels, 'input_ids': ids, 'image_embeds': image, 'text_embeds': text}
    save_file({name: tensor.contiguous() for name, tensor in tensors.items()}, os.path.join(folder, 'expected.safetensors'))


def fresh(name):
    folder = os.path.join(FIXTURES, name)
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)
    return folder


def hugging_face(name, vision, text, dtype, seed, **save):
    """A CLIPModel of transformers."""
    folder = fresh(name)
    torch.manual_seed(seed)
    vocabulary = text['vocab_size']
    config = CLIPConfig(
        vision_config=vision, text_config={**text, 'bos_token_id': vocabulary - 2, 'eos_token_id': vocabulary - 1}, projection_dim=16
    )
    model = CLIPModel(config).eval()
    randomise(model, dtype)
    pixels = sample_pixels(vision['image_size'], seed)
    ids = sample_ids(text['max_position_embeddings'], vocabulary, seed, pad=vocabulary - 1)
    with torch.no_grad():
        image = model.get_image_features(pixel_values=normalised(pixels, **OPENAI)).pooler_output
        words = model.get_text_features(input_ids=ids).pooler_output
    model.to(dtype).save_pretrained(folder, **save)
    side = vision['image_size']
    write_json(
        folder,
        'preprocessor_config.json',
        {
            'size': {'shortest_edge': side},
            'crop_size': {'height': side, 'width': side},
            'resample': 3,
            'do_center_crop': True,
            'image_mean': OPENAI['mean'],
            'image_std': OPENAI['std'],
        },
    )
    write_tokenizer(folder, vocabulary)
    write_expected(folder, pixels, ids, image, words)


def open_clip_model(name, model_cfg, preprocess_cfg, dtype, seed, with_config):
    """A CLIP of open_clip, whose names are OpenAI's; without its configuration it is what OpenAI publishes."""
    folder = fresh(name)
    torch.manual_seed(seed)
    model = open_clip.model.CLIP(**model_cfg).eval()
    randomise(model, dtype)
    text = model_cfg['text_cfg']
    pixels = sample_pixels(model_cfg['vision_cfg']['image_size'], seed)
    ids = sample_ids(text['context_length'], text['vocab_size'], seed, pad=0)
    images = normalised(pixels, preprocess_cfg['mean'], preprocess_cfg['std'])
    settle_batch_norms(model.visual, images, dtype)
    with torch.no_grad():
        image = model.encode_image(images)
        words = model.encode_text(ids)
    tensors = {key: value.to(dtype) if value.is_floating_point() else value for key, value in model.state_dict().items()}
    file = 'open_clip_model.safetensors' if with_config else 'model.safetensors'
    save_file({key: value.contiguous() for key, value in tensors.items()}, os.path.join(folder, file))
    if with_config:
        write_json(folder, 'open_clip_config.json', {'model_cfg': model_cfg, 'preprocess_cfg': preprocess_cfg})
    write_tokenizer(folder, text['vocab_size'])
    write_expected(folder, pixels, ids, image, words)


def synthetic():
    """Between them: both activations, all float types, one and two files, one and several heads, widths unlike the paper's."""
    vision = {'hidden_size': 32, 'intermediate_size': 64, 'num_hidden_layers': 2, 'num_attention_heads': 4, 'image_size': 32, 'patch_size': 8}
    text = {'hidden_size': 24, 'intermediate_size': 48, 'num_hidden_layers': 2, 'num_attention_heads': 3}
    text |= {'vocab_size': 200, 'max_position_embeddings': 12}
    hugging_face('transformers-quickgelu', vision, text, torch.float32, 1)
    gelu = {'hidden_act': 'gelu', 'layer_norm_eps': 1e-3}
    wide = {**vision, **gelu, 'intermediate_size': 80, 'patch_size': 16, 'num_hidden_layers': 3}
    hugging_face('transformers-gelu-sharded', wide, {**text, **gelu}, torch.float16, 2, max_shard_size='40KB')
    words = {'context_length': 10, 'vocab_size': 200, 'width': 64, 'heads': 1, 'layers': 2}
    transformer = {'image_size': 24, 'layers': 2, 'width': 64, 'patch_size': 8}
    one_head = {'embed_dim': 16, 'quick_gelu': True, 'vision_cfg': transformer, 'text_cfg': words}
    open_clip_model('openai-vit', one_head, OPENAI, torch.bfloat16, 3, with_config=False)
    resnet = {'image_size': 96, 'layers': [1, 2, 1, 1], 'width': 8, 'patch_size': None}
    words = {'context_length': 12, 'vocab_size': 200, 'width': 32, 'heads': 4, 'layers': 1}
    icons = {'mean': [0.5] * 3, 'std': [0.25] * 3, 'interpolation': 'area', 'resize_mode': 'longest', 'fill_color': 255}
    pooled = {'embed_dim': 16, 'vision_cfg': resnet, 'text_cfg': words}
    open_clip_model('open-clip-resnet', pooled, icons, torch.float16, 4, with_config=True)


if __name__ == '__main__':
    synthetic()
