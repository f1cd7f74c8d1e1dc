"""Writes test/parity/fixtures/encoders/bundled: what timm and open_clip compute with the weights of the bundled model.

    .venv/bin/python test/parity/references/bundled.py

Run it after the bundled model was trained anew: weights.json has the checksum of the weights that the embeddings belong to. The files are
those of encoders.py.
"""

import hashlib
import json
import os

import numpy as np
import open_clip
import torch
from safetensors.torch import load_file
from timm.models.efficientnet import _gen_efficientnet_lite

from efficientnet import convolutions, unit
from encoders import ROOT, fresh, normalised, sample_ids, sample_pixels, write_expected, write_json

BUNDLED = os.path.join(ROOT, 'models', 'assetlens-icons')


def floats(tensors):
    """The weights as float32: int8 ones times the scale of their output."""
    return {
        name: tensor.float() * tensors[f'{name}_scale'].view(-1, *[1] * (tensor.ndim - 1)) if tensor.dtype == torch.int8 else tensor.float()
        for name, tensor in tensors.items()
    }  # fmt: skip


def body(tensors, prefix):
    """timm's EfficientNet-Lite0 with folded convolutions: its normalisations only add the bias."""
    net = _gen_efficientnet_lite('tf_efficientnet_lite0', 1, 1, pad_type='same', bn_eps=1e-3, num_classes=0)
    for name, conv, norm in convolutions(net):
        conv.weight.copy_(tensors[f'{prefix}.{name}.weight'])
        norm.bias.copy_(tensors[f'{prefix}.{name}.bias'])
        norm.weight.fill_(1)
        norm.running_mean.zero_()
        norm.running_var.fill_(1 - norm.eps)
    return net.eval()


def soft_noise(size, seed):
    """Noise of many sizes, which has the soft shades of a photo: uint8 [size, size, 3]"""
    rng = np.random.default_rng(seed)
    total = torch.zeros(1, 3, size, size)
    for side in (2, 4, 8, 16, 32, 64, 96):
        noise = torch.from_numpy(rng.normal(0, 1, (1, 3, side, side))).float()
        total += torch.nn.functional.interpolate(noise, (size, size), mode='bicubic') / side**0.5
    return (115 + 55 * total[0].permute(1, 2, 0) / total.std()).clamp(0, 255).to(torch.uint8)


def icon(size):
    """A black frame and a red disc on white: uint8 [size, size, 3]"""
    y, x = torch.meshgrid(torch.arange(size), torch.arange(size), indexing='ij')
    pixels = torch.full((size, size, 3), 255, dtype=torch.uint8)
    far = torch.maximum((x - size / 2).abs(), (y - size / 2).abs())
    pixels[(far > 0.36 * size) & (far < 0.44 * size)] = 0
    pixels[(x - size / 2) ** 2 + (y - size / 2) ** 2 < (0.2 * size) ** 2] = torch.tensor([220, 30, 40], dtype=torch.uint8)
    return pixels


def main():
    folder = fresh('bundled')
    with open(os.path.join(BUNDLED, 'open_clip_config.json')) as file:
        config = json.load(file)
    weights = os.path.join(BUNDLED, 'open_clip_model.safetensors')
    tensors = floats(load_file(weights))
    vision, text, preprocess = config['model_cfg']['vision_cfg'], config['model_cfg']['text_cfg'], config['preprocess_cfg']
    size = vision['image_size']
    pixels = torch.cat([sample_pixels(size, 0), torch.stack([soft_noise(size, 1), icon(size)])])
    images = normalised(pixels, preprocess['mean'], preprocess['std'])
    features = body(tensors, 'visual.drawings')(torch.nn.functional.avg_pool2d(images, vision['reduction']))
    kinds = torch.softmax(features @ tensors['visual.drawings.kind.weight'].T + tensors['visual.drawings.kind.bias'], 1)
    is_photo = kinds.argmax(1) == vision['photo_kind']
    assert 0 < is_photo.sum() < len(pixels), 'the images have to need both branches'
    seen = body(tensors, 'visual.photos')(images) @ tensors['visual.photos.classify.weight'].T + tensors['visual.photos.classify.bias']
    drawn = unit(features @ tensors['visual.drawings.project.weight'].T)
    vectors = torch.where(is_photo[:, None], torch.softmax(seen, 1) @ tensors['visual.photos.class_vectors'], drawn)

    unused = {'image_size': 32, 'layers': 1, 'width': 64, 'patch_size': 16}
    model = open_clip.model.CLIP(config['model_cfg']['embed_dim'], unused, text).eval()
    own = {name: tensor for name, tensor in tensors.items() if not name.startswith('visual.')}
    missing, extra = model.load_state_dict(own, strict=False)
    assert not extra and all(name.startswith('visual.') or name == 'attn_mask' for name in missing)
    ids = sample_ids(text['context_length'], text['vocab_size'], 0, pad=text['vocab_size'] - 1)
    words = torch.nn.functional.pad(model.encode_text(ids), (0, vision['kinds']))
    with open(weights, 'rb') as file:
        write_json(folder, 'weights.json', {'sha256': hashlib.sha256(file.read()).hexdigest()})
    write_expected(folder, pixels, ids, torch.cat([vectors, kinds * vision['kind_scale']], 1), words)


if __name__ == '__main__':
    with torch.no_grad():
        main()
