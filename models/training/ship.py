"""Writes the two branches and the text transformer as one checkpoint, which AssetLens converts.

  python3 ship.py OUT STATE PHOTO_BRANCH WHEEL [--model ../assetlens-icons]

STATE: state.pt or decayed.pt of trunk.py. PHOTO_BRANCH: what photo_branch.py writes. OUT gets open_clip_model.safetensors (float16),
open_clip_config.json and tokenizer.json. Batch normalisation is folded into the convolutions. The weights of the branch for photos
are int8 with a scale for each output ("….weight_scale"), which halves its size.
"""

import argparse
import json
import os
import shutil

import torch
from safetensors.torch import load_file, save_file

import efficientnet
from captions import KIND_NAMES
from trunk import Trunk

IMAGE_SIZE, REDUCTION = 192, 2  # pixels a side; the branch for drawings gets half of it
KIND_SCALE = 0.3  # length of the kinds beside a vector of length 1


def branch(body, prefix):
    """{name: tensor} of the convolutions of an EfficientNet, with their normalisation folded in."""
    tensors = {}
    for name, module in body.named_modules():
        if isinstance(module, efficientnet.Conv):
            weight, bias = module.folded()
            tensors |= {f'{prefix}.{name}.weight': weight, f'{prefix}.{name}.bias': bias}
    return tensors


def quantised(tensors, prefix):
    """The same tensors, with int8 weights below this prefix, and "NAME_scale" [outputs] of each."""
    stored = {}
    for name, v in tensors.items():
        if name.startswith(prefix) and v.ndim > 1:
            scale = v.detach().float().flatten(1).abs().amax(1).clamp_min(1e-12) / 127
            stored[name] = (v.detach().float() / scale.view(-1, *[1] * (v.ndim - 1))).round().to(torch.int8).contiguous()
            stored[f'{name}_scale'] = scale.contiguous()
        else:
            stored[name] = v.detach().half().contiguous()
    return stored


def text_tensors(model):
    """The tensors of the text transformer and the scale of a CLIP folder."""
    return {k: v for k, v in load_file(f'{model}/open_clip_model.safetensors').items() if not k.startswith('visual.')}


def text_projection(projection, after):
    """The projection of the text transformer [width, embed] with the matrix that follows it."""
    return projection.float() @ after


def checkpoint(net, photos, classes, text):
    """All tensors of the model under the names that AssetLens takes."""
    return {
        **text,
        **branch(net.body, 'visual.drawings'),
        'visual.drawings.project.weight': net.project.weight,
        'visual.drawings.kind.weight': net.kind.weight,
        'visual.drawings.kind.bias': net.kind.bias,
        **branch(photos, 'visual.photos'),
        'visual.photos.classify.weight': photos.classify.weight,
        'visual.photos.classify.bias': photos.classify.bias,
        'visual.photos.class_vectors': classes,
    }


def configuration(model, classes):
    """open_clip_config.json: the text transformer is that of `model`."""
    with open(f'{model}/open_clip_config.json') as f:
        config = json.load(f)
    vision = {
        'branches': 'efficientnet-lite', 'image_size': IMAGE_SIZE, 'reduction': REDUCTION,
        'kinds': len(KIND_NAMES), 'photo_kind': KIND_NAMES.index('photo'), 'kind_scale': KIND_SCALE, 'classes': classes,
    }  # fmt: skip
    preprocess = {**config['preprocess_cfg'], 'mean': [127 / 255] * 3, 'std': [128 / 255] * 3}
    return {'model_cfg': {**config['model_cfg'], 'vision_cfg': vision}, 'preprocess_cfg': preprocess, 'assetlens': {'background': 'contrast'}}


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument('out')
    p.add_argument('state')
    p.add_argument('photo_branch')
    p.add_argument('wheel')
    p.add_argument('--model', default='../assetlens-icons', help='the CLIP whose text transformer is taken (default: %(default)s)')
    a = p.parse_args()
    classes = torch.load(a.photo_branch, weights_only=True)['classes']
    net, photos = Trunk(classes.shape[1]), efficientnet.published(a.wheel)
    net.load(a.state)
    os.makedirs(a.out, exist_ok=True)
    with torch.no_grad():
        tensors = checkpoint(net, photos, classes, text_tensors(a.model))
        tensors['logit_scale'] = net.scale
        tensors['text_projection'] = text_projection(tensors['text_projection'], net.text)
        tensors = quantised(tensors, 'visual.photos.')
    save_file(tensors, f'{a.out}/open_clip_model.safetensors', metadata={'format': 'pt'})
    with open(f'{a.out}/open_clip_config.json', 'w') as f:
        json.dump(configuration(a.model, len(classes)), f, indent=1)
        f.write('\n')
    shutil.copy(f'{a.model}/tokenizer.json', a.out)
    print(f'{sum(v.nbytes for v in tensors.values()) / 1e6:.1f} MB')


if __name__ == '__main__':
    main()
