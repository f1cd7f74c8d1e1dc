"""CLIP's two image encoders (2103.00020, section 2.4), small enough to train on a CPU."""

import torch
from torch import nn
import torch.nn.functional as F

FAST_BF16 = torch.backends.cpu.get_cpu_capability().startswith(('AVX512', 'AMX'))  # elsewhere a CPU makes float32 of it, value by value


def mixed(device):
    """bfloat16 for products, where the device ('cpu', 'cuda') gains by it."""
    return torch.autocast(device, torch.bfloat16, enabled=device != 'cpu' or FAST_BF16)


class Bottleneck(nn.Module):
    """ResNet block with average pooling before its strided convolutions, as in ResNet-D (1812.01187)."""

    def __init__(self, cin, planes, stride=1):
        super().__init__()
        cout = planes * 4
        self.conv1 = nn.Conv2d(cin, planes, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(planes)
        self.conv2 = nn.Conv2d(planes, planes, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(planes)
        # what is left over at the edge has a cell of its own: 3 cells become 2 (at 48 px), while the graphs that ship, of 64, know no difference
        self.pool = nn.AvgPool2d(stride, ceil_mode=True) if stride > 1 else nn.Identity()
        self.conv3 = nn.Conv2d(planes, cout, 1, bias=False)
        self.bn3 = nn.BatchNorm2d(cout)
        self.down = None
        if stride > 1 or cin != cout:
            self.down = nn.Sequential(
                nn.AvgPool2d(stride, ceil_mode=True) if stride > 1 else nn.Identity(), nn.Conv2d(cin, cout, 1, bias=False), nn.BatchNorm2d(cout)
            )
        nn.init.zeros_(self.bn3.weight)  # a block begins as the identity

    def forward(self, x):
        y = F.relu(self.bn1(self.conv1(x)), inplace=True)
        y = F.relu(self.bn2(self.conv2(y)), inplace=True)
        y = self.bn3(self.conv3(self.pool(y)))
        return F.relu(y + (x if self.down is None else self.down(x)))


class AttentionPool(nn.Module):
    """The last pooling: one attention whose query is the mean of the cells (2103.00020, section 2.4)."""

    def __init__(self, cells, width, heads, out):
        super().__init__()
        self.pos = nn.Parameter(torch.randn(cells * cells + 1, width) / width**0.5)
        self.cells = cells
        self.heads = heads
        self.q = nn.Linear(width, width)
        self.k = nn.Linear(width, width)
        self.v = nn.Linear(width, width)
        self.c = nn.Linear(width, out)

    def forward(self, x):
        b, c, h, w = x.shape
        t = x.flatten(2).transpose(1, 2)  # [B, cells, C]
        t = torch.cat([t.mean(1, keepdim=True), t], 1)
        pos = self.pos
        if h != self.cells:  # another resolution than the positions were made for
            g = pos[1:].reshape(1, self.cells, self.cells, c).permute(0, 3, 1, 2)
            g = F.interpolate(g, (h, w), mode='bicubic', align_corners=False).flatten(2).transpose(1, 2)[0]
            pos = torch.cat([pos[:1], g])
        t = t + pos.to(t.dtype)
        q = self.q(t[:, :1]).view(b, 1, self.heads, -1).transpose(1, 2)
        k = self.k(t).view(b, t.shape[1], self.heads, -1).transpose(1, 2)
        v = self.v(t).view(b, t.shape[1], self.heads, -1).transpose(1, 2)
        o = F.scaled_dot_product_attention(q, k, v).transpose(1, 2).reshape(b, c)
        return self.c(o)


class ModifiedResNet(nn.Module):
    """CLIP's ResNet (2103.00020, section 2.4): three convolutions first, pooling by attention last."""

    def __init__(self, layers=(2, 2, 2, 2), width=32, size=64, embed=256):
        super().__init__()
        h = width // 2
        self.conv1 = nn.Conv2d(3, h, 3, stride=2, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(h)
        self.conv2 = nn.Conv2d(h, h, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(h)
        self.conv3 = nn.Conv2d(h, width, 3, padding=1, bias=False)
        self.bn3 = nn.BatchNorm2d(width)
        self.inp = width
        self.layer1 = self._stage(width, layers[0])
        self.layer2 = self._stage(width * 2, layers[1], 2)
        self.layer3 = self._stage(width * 4, layers[2], 2)
        self.layer4 = self._stage(width * 8, layers[3], 2)
        self.attnpool = AttentionPool(size // 32, width * 32, width * 32 // 64, embed)
        for m in self.modules():
            if isinstance(m, nn.Conv2d):
                nn.init.kaiming_normal_(m.weight, mode='fan_out', nonlinearity='relu')

    def _stage(self, planes, n, stride=1):
        out = [Bottleneck(self.inp, planes, stride)]
        self.inp = planes * 4
        out += [Bottleneck(self.inp, planes) for _ in range(n - 1)]
        return nn.Sequential(*out)

    def freeze(self, stages):
        """The first convolutions and so many stages keep their weights and batch statistics; 0 is none."""
        if stages:
            for m in (self.bn1, self.bn2, self.bn3, *self.stages()[:stages]):
                m.eval()

    def forward(self, x, frozen=0):
        """Pictures [B, 3, size, size] -> [B, embed]; no gradient reaches the first convolutions and the frozen stages."""
        return self.late(self.early(x, frozen), frozen)

    def early(self, x, frozen):
        """Pictures -> what the first convolutions and the frozen stages make of them."""
        with torch.set_grad_enabled(torch.is_grad_enabled() and not frozen):
            x = F.relu(self.bn1(self.conv1(x)), inplace=True)
            x = F.relu(self.bn2(self.conv2(x)), inplace=True)
            x = F.relu(self.bn3(self.conv3(x)), inplace=True)
            x = F.avg_pool2d(x, 2)
            for stage in self.stages()[:frozen]:
                x = stage(x)
        return x

    def late(self, x, frozen):
        """The stages that learn, and the pooling."""
        for stage in self.stages()[frozen:]:
            x = stage(x)
        return self.attnpool(x)

    def stages(self):
        return self.layer1, self.layer2, self.layer3, self.layer4


class Block(nn.Module):
    """Transformer block, normalised before each half."""

    def __init__(self, d, heads):
        super().__init__()
        self.heads = heads
        self.ln1 = nn.LayerNorm(d)
        self.qkv = nn.Linear(d, 3 * d)
        self.proj = nn.Linear(d, d)
        self.ln2 = nn.LayerNorm(d)
        self.fc = nn.Linear(d, 4 * d)
        self.out = nn.Linear(4 * d, d)

    def forward(self, x, causal=False):
        b, n, d = x.shape
        q, k, v = self.qkv(self.ln1(x)).view(b, n, 3, self.heads, d // self.heads).permute(2, 0, 3, 1, 4)
        x = x + self.proj(F.scaled_dot_product_attention(q, k, v, is_causal=causal).transpose(1, 2).reshape(b, n, d))
        return x + self.out(F.gelu(self.fc(self.ln2(x))))


class VisionTransformer(nn.Module):
    """CLIP's vision transformer (2103.00020, section 2.4): a normalisation more, before the blocks."""

    def __init__(self, patch=8, width=192, layers=8, size=64, embed=256):
        super().__init__()
        self.conv = nn.Conv2d(3, width, patch, stride=patch, bias=False)
        self.grid = size // patch
        self.cls = nn.Parameter(torch.randn(width) / width**0.5)
        self.pos = nn.Parameter(torch.randn(self.grid**2 + 1, width) / width**0.5)
        self.ln_pre = nn.LayerNorm(width)
        self.blocks = nn.ModuleList(Block(width, width // 64) for _ in range(layers))
        self.ln_post = nn.LayerNorm(width)
        self.proj = nn.Linear(width, embed, bias=False)

    def forward(self, x):
        x = self.conv(x)
        h = x.shape[-1]
        x = x.flatten(2).transpose(1, 2)
        pos = self.pos
        if h != self.grid:  # another resolution than the positions were made for
            g = pos[1:].reshape(1, self.grid, self.grid, -1).permute(0, 3, 1, 2)
            pos = torch.cat([pos[:1], F.interpolate(g, (h, h), mode='bicubic').flatten(2).transpose(1, 2)[0]])
        x = torch.cat([self.cls.to(x.dtype).expand(x.shape[0], 1, -1), x], 1) + pos.to(x.dtype)
        x = self.ln_pre(x)
        for b in self.blocks:
            x = b(x)
        return self.proj(self.ln_post(x[:, 0]))


CONTEXT = 32  # tokens of a text, the first and last of them special


class TextTransformer(nn.Module):
    """CLIP's text transformer (2103.00020, section 2.4): causal, read at the first end token. ids [B, n] -> [B, embed]

    Texts of like lengths are computed together, so that little of it is padding (the causal mask hides what there is).
    """

    def __init__(self, vocabulary, width=256, layers=3, embed=256, context=CONTEXT):
        super().__init__()
        self.tokens = nn.Embedding(vocabulary, width)
        self.positions = nn.Parameter(torch.randn(context, width) * 0.01)
        self.blocks = nn.ModuleList(Block(width, width // 64) for _ in range(layers))
        self.ln_final = nn.LayerNorm(width)
        self.projection = nn.Parameter(torch.randn(width, embed) / width**0.5)
        nn.init.normal_(self.tokens.weight, std=0.02)

    def forward(self, ids):
        lengths = ids.argmax(1) + 1  # the end token has the highest id
        out, order, shortest = [], [], 0
        for longest in (5, 7, 10, 16, ids.shape[1]):
            part = ((lengths > shortest) & (lengths <= longest)).nonzero().squeeze(1)
            shortest = max(shortest, longest)
            if len(part):
                out.append(self.same_length(ids[part, : int(lengths[part].max())]))
                order.append(part)
        return torch.cat(out)[torch.cat(order).argsort()]

    def same_length(self, ids):
        """ids [B, n] -> [B, embed], all n columns computed."""
        x = self.tokens(ids) + self.positions[: ids.shape[1]]
        for block in self.blocks:
            x = block(x, causal=True)
        x = self.ln_final(x[torch.arange(len(ids)), ids.argmax(1)])
        return x @ self.projection
