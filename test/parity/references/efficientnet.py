"""Writes test/parity/fixtures/encoders/efficientnet-lite: a small checkpoint with two branches of EfficientNet-Lite and random weights,
and the embeddings that timm and open_clip compute with it.

    .venv/bin/python test/parity/references/efficientnet.py

The files are those of encoders.py. fixtures/heatmaps/efficientnet-lite.safetensors has, beside `pixels` and `embedding`, `cells` float32
[N, (S/32)², E]: the unit vectors of cells, as the branch of each image gives them for the image without reduction. The checkpoint has the names and the folded normalisation of models/training/ship.py. Two of the
four images are photos according to the gate.
"""

import os

import open_clip
import torch
from safetensors.torch import save_file
from timm.models.efficientnet import _gen_efficientnet_lite

from encoders import FIXTURES, fresh, normalised, randomise, sample_ids, sample_pixels, settle_batch_norms, write_expected, write_json, write_tokenizer

SIZE, REDUCTION, KINDS, PHOTO, CLASSES, EMBED, KIND_SCALE = 128, 2, 3, 1, 20, 16, 0.3
WIDTH, DEPTH = 0.25, 0.5
PREPROCESS = {'mean': [127 / 255] * 3, 'std': [128 / 255] * 3, 'interpolation': 'area', 'resize_mode': 'longest', 'fill_color': 255}
TEXT = {'context_length': 12, 'vocab_size': 200, 'width': 32, 'heads': 4, 'layers': 1}


def body(images):
    net = _gen_efficientnet_lite('tf_efficientnet_lite0', WIDTH, DEPTH, pad_type='same', bn_eps=1e-3, num_classes=0)
    randomise(net, torch.float32)
    settle_batch_norms(net, images, torch.float32)
    return net.eval()


def convolutions(net):
    """(name in the checkpoint, convolution, normalisation) of timm's network."""
    pairs = [('stem', net.conv_stem, net.bn1), ('head', net.conv_head, net.bn2)]
    for index, block in enumerate(b for stage in net.blocks for b in stage):
        if hasattr(block, 'conv_pwl'):
            parts = ('expand', block.conv_pw, block.bn1), ('depthwise', block.conv_dw, block.bn2), ('project', block.conv_pwl, block.bn3)
        else:
            parts = ('depthwise', block.conv_dw, block.bn1), ('project', block.conv_pw, block.bn2)
        pairs += [(f'blocks.{index}.{name}', conv, norm) for name, conv, norm in parts]
    return pairs


def folded(net, prefix):
    """{name: tensor} of the convolutions of timm's network with their normalisation."""
    tensors = {}
    for name, conv, norm in convolutions(net):
        factor = norm.weight * torch.rsqrt(norm.running_var + norm.eps)
        tensors[f'{prefix}.{name}.weight'] = conv.weight * factor[:, None, None, None]
        tensors[f'{prefix}.{name}.bias'] = norm.bias - norm.running_mean * factor
    return tensors


def unit(rows):
    return torch.nn.functional.normalize(rows, dim=-1)


def main():
    folder = fresh('efficientnet-lite')
    torch.manual_seed(5)
    pixels = sample_pixels(SIZE, 5)
    images = normalised(pixels, PREPROCESS['mean'], PREPROCESS['std'])
    small = torch.nn.functional.avg_pool2d(images, REDUCTION)
    drawings, photos = body(small), body(images)
    features = drawings(small)
    project, kind = torch.randn(EMBED, 1280) / 36, torch.randn(KINDS, 1280) / 36
    classify, classes = torch.randn(CLASSES, 1280) / 9, torch.randn(CLASSES, EMBED)
    logits = features @ kind.T
    # The images that are nearest to the kind `photo` are photos.
    margin = logits[:, PHOTO] - logits[:, [k for k in range(KINDS) if k != PHOTO]].max(1).values
    bias = torch.zeros(KINDS)
    bias[PHOTO] = -margin.sort().values[1:3].mean()
    is_photo = (logits + bias).argmax(1) == PHOTO
    kinds = torch.softmax(logits + bias, 1) * KIND_SCALE
    assert is_photo.sum() == 2
    seen = torch.softmax(photos(images) @ classify.T, 1) @ classes
    image = torch.cat([torch.where(is_photo[:, None], seen, unit(features @ project.T)), kinds], 1)

    def cells(net):
        return net.forward_features(images).flatten(2).transpose(1, 2)

    drawn_cells, photo_cells = unit(cells(drawings) @ project.T), torch.softmax(cells(photos) @ classify.T, 2) @ classes
    dense = torch.where(is_photo[:, None, None], photo_cells, drawn_cells)
    dense = unit(torch.cat([dense, kinds[:, None].expand(-1, dense.shape[1], -1)], 2))
    vision = {'image_size': 32, 'layers': 1, 'width': 64, 'patch_size': 16}
    model = open_clip.model.CLIP(EMBED, vision, TEXT).eval()
    randomise(model, torch.float32)
    ids = sample_ids(TEXT['context_length'], TEXT['vocab_size'], 5, pad=0)
    words = torch.nn.functional.pad(model.encode_text(ids), (0, KINDS))
    expected = {'pixels': pixels, 'cells': dense.contiguous(), 'embedding': unit(image), 'text': unit(words)}
    save_file(expected, os.path.join(FIXTURES, '..', 'heatmaps', 'efficientnet-lite.safetensors'))
    tensors = {
        **{k: v for k, v in model.state_dict().items() if not k.startswith('visual.')},
        **folded(drawings, 'visual.drawings'),
        'visual.drawings.project.weight': project,
        'visual.drawings.kind.weight': kind,
        'visual.drawings.kind.bias': bias,
        **folded(photos, 'visual.photos'),
        'visual.photos.classify.weight': classify,
        'visual.photos.classify.bias': torch.zeros(CLASSES),
        'visual.photos.class_vectors': classes,
    }
    save_file({k: v.float().contiguous() for k, v in tensors.items()}, os.path.join(folder, 'open_clip_model.safetensors'))
    branches = {
        'branches': 'efficientnet-lite', 'width': WIDTH, 'depth': DEPTH, 'image_size': SIZE, 'reduction': REDUCTION,
        'kinds': KINDS, 'photo_kind': PHOTO, 'kind_scale': KIND_SCALE, 'classes': CLASSES,
    }  # fmt: skip
    config = {'model_cfg': {'embed_dim': EMBED, 'vision_cfg': branches, 'text_cfg': TEXT}, 'preprocess_cfg': PREPROCESS}
    write_json(folder, 'open_clip_config.json', config)
    write_tokenizer(folder, TEXT['vocab_size'])
    write_expected(folder, pixels, ids, image, words)


if __name__ == '__main__':
    with torch.no_grad():
        main()
