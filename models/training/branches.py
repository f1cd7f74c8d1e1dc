"""The model of two branches as AssetLens runs it: ship.py writes its checkpoint, this reads it."""

import torch
import torch.nn.functional as F
from torch import nn

import efficientnet
import trunk_score


def floats(tensors):
    """The weights of a checkpoint as float32; int8 ones times their scales."""
    scaled = {k for k in tensors if k.endswith('_scale') and k.removesuffix('_scale') in tensors}
    return {
        k: v.float() * tensors[f'{k}_scale'].view(-1, *[1] * (v.ndim - 1)) if f'{k}_scale' in scaled else v.float()
        for k, v in tensors.items() if k not in scaled
    }  # fmt: skip


def half_branch(tensors, prefix, width=1.0):
    """An EfficientNet with the folded convolutions below this prefix."""
    net = efficientnet.EfficientNet('lite0', classes=False)
    with torch.no_grad():
        for name, module in net.named_modules():
            if isinstance(module, efficientnet.Conv):
                module.weight.copy_(tensors[f'{prefix}.{name}.weight'])
                module.offset.copy_(tensors[f'{prefix}.{name}.bias'])
                module.variance.fill_(1 - efficientnet.EPS)
    return net


class Branches(nn.Module):
    """Network input [B,3,S,S] -> embeddings [B, embed + kinds]. Families/efficientnet in TypeScript is the same."""

    def __init__(self, tensors, vision):
        super().__init__()
        self.size, self.reduction, self.photo, self.scale = (vision[k] for k in ('image_size', 'reduction', 'photo_kind', 'kind_scale'))
        self.drawings, self.photos = half_branch(tensors, 'visual.drawings'), half_branch(tensors, 'visual.photos')

        def layer(name):
            weight = tensors[f'visual.{name}.weight']
            made = nn.Linear(weight.shape[1], weight.shape[0], bias=f'visual.{name}.bias' in tensors)
            made.load_state_dict({k: tensors[f'visual.{name}.{k}'] for k in made.state_dict()})
            return made

        self.project, self.kind, self.classify = layer('drawings.project'), layer('drawings.kind'), layer('photos.classify')
        self.class_vectors = nn.Parameter(tensors['visual.photos.class_vectors'])

    def prepare(self, u8):
        """uint8 RGBA [B,side,side,4] -> network input, as plain() of the scores paints them."""
        small = trunk_score.plain(u8, self.size // self.reduction)
        return F.interpolate(small, scale_factor=self.reduction, mode='nearest').contiguous(memory_format=torch.channels_last)

    def forward(self, x, dtype=torch.bfloat16):
        features = self.drawings(F.avg_pool2d(x, self.reduction), dtype=dtype)
        vectors = F.normalize(self.project(features), dim=1)
        kinds = F.softmax(self.kind(features), 1)
        photos = kinds.argmax(1) == self.photo
        if photos.any():
            seen = F.softmax(self.classify(self.photos(x[photos], dtype=dtype)), 1)
            vectors[photos] = seen @ self.class_vectors
        return torch.cat([vectors, kinds * self.scale], 1)


class TextsWithoutKinds(nn.Module):
    """A text transformer whose vectors get zeros in the place of the kinds."""

    def __init__(self, text, kinds):
        super().__init__()
        self.text, self.kinds = text, kinds

    def forward(self, ids):
        return F.pad(self.text(ids), (0, self.kinds))
