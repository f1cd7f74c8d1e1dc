"""Writes test/parity/fixtures/heatmaps: what PyTorch computes for heatmaps of the checkpoints that encoders.py wrote.

    .venv/bin/python test/parity/references/heatmaps.py

Vision transformers are computed block by block in double precision, from the weights of their own library and held against its embedding;
gradients are torch.autograd's. Of the ResNet the modules of open_clip run, with their last stage made à-trous. Its checkpoint is
written here as well: that of encoders.py has one block in its last stage and so nothing to dilate.
"""

import os

import open_clip
import torch
import torch.nn.functional as F
from safetensors.torch import load_file, save_file
from transformers import CLIPModel

import encoders
from encoders import OPENAI, normalised

ENCODERS = encoders.FIXTURES
HEATMAPS = os.path.join(os.path.dirname(ENCODERS), 'heatmaps')
ICONS = {'mean': [0.5] * 3, 'std': [0.25] * 3, 'interpolation': 'area', 'resize_mode': 'longest', 'fill_color': 255}
TEXTS = 3


def texts(size, seed):
    return F.normalize(torch.randn(TEXTS, size, generator=torch.Generator().manual_seed(seed), dtype=torch.float64), dim=1)


def write(name, **tensors):
    os.makedirs(HEATMAPS, exist_ok=True)
    kept = {key: (value.float() if value.is_floating_point() else value).contiguous() for key, value in tensors.items()}
    save_file(kept, os.path.join(HEATMAPS, f'{name}.safetensors'))


def layer_norm(x, weight, bias, eps):
    return F.layer_norm(x, (x.shape[-1],), weight, bias, eps)


class Block:
    """The weights of one residual attention block, and its halves."""

    def __init__(self, weights, heads, eps, activation):
        self.w, self.heads, self.eps, self.activation = weights, heads, eps, activation

    def qkv(self, x):
        """x [T, D] -> three of [H, T, d]"""
        u = layer_norm(x, self.w['ln_1.weight'], self.w['ln_1.bias'], self.eps)
        joint = u @ self.w['attn.in_proj_weight'].T + self.w['attn.in_proj_bias']
        return [part.view(len(x), self.heads, -1).transpose(0, 1) for part in joint.chunk(3, dim=1)]

    def out(self, attention, v):
        """attention [H, Q, T] -> [Q, D]"""
        mixed = (attention @ v).transpose(0, 1).flatten(1)
        return mixed @ self.w['attn.out_proj.weight'].T + self.w['attn.out_proj.bias']

    def mlp(self, x):
        u = layer_norm(x, self.w['ln_2.weight'], self.w['ln_2.bias'], self.eps)
        hidden = self.activation(u @ self.w['mlp.c_fc.weight'].T + self.w['mlp.c_fc.bias'])
        return hidden @ self.w['mlp.c_proj.weight'].T + self.w['mlp.c_proj.bias']


def softmax_of(a, b):
    return torch.softmax(a @ b.transpose(1, 2) / a.shape[-1] ** 0.5, dim=-1)


def transformer(name, tokens, blocks, head, text, embeds, pixels):
    """tokens [N, 1 + n, D] that enter the first block; head: [.., D] -> [.., E]"""
    out = {key: [] for key in ('cells', 'lengths', 'signed')}
    layers = len(blocks)
    middle = range(-(-45 * layers // 100), min(layers - 1, -(-75 * layers // 100)) + 1)
    for x, expected in zip(tokens, embeds):
        attentions = []
        for position, block in enumerate(blocks[:-1], start=1):
            q, k, v = block.qkv(x)
            attention = softmax_of(q, k)
            if position in middle:
                attentions.append(attention.mean(0))
            x = x + block.out(attention, v)
            x = x + block.mlp(x)
        last = blocks[-1]
        q, k, v = last.qkv(x)
        itself = softmax_of(q, q)
        if attentions:
            itself = (itself + torch.stack(attentions).mean(0)) / 2
        out['cells'].append(F.normalize(head(last.out(itself, v))[1:], dim=1))
        out['lengths'].append(x[1:].norm(dim=1))

        attention = softmax_of(q, k)[:, :1].detach().requires_grad_()
        y = x[:1] + last.out(attention, v)
        f = head(y + last.mlp(y))[0]
        assert (f - expected).abs().max() < 1e-4, 'not what the library computes'
        products = []
        for t in text:
            (gradient,) = torch.autograd.grad(t @ F.normalize(f, dim=0), attention, retain_graph=True)
            products.append((attention * gradient).detach()[:, 0, 1:])
        products = torch.stack(products)  # [T, H, n]
        out['signed'].append(products.sum(1))
    write(name, pixels=pixels, text=text, embedding=F.normalize(embeds, dim=1), **{key: torch.stack(value) for key, value in out.items()})


def doubled(weights, prefix):
    return {key[len(prefix) :]: value.double() for key, value in weights.items() if key.startswith(prefix)}


def reference_of_open_clip(name, weights, heads, patch, activation, text, embeds, pixels, eps=1e-5):
    """weights: those below "visual.", in double precision"""
    images = normalised(pixels, **OPENAI).double()
    cells = F.conv2d(images, weights['conv1.weight'], stride=patch).flatten(2).transpose(1, 2)
    first = weights['class_embedding'].expand(len(images), 1, -1)
    tokens = layer_norm(torch.cat([first, cells], 1) + weights['positional_embedding'], weights['ln_pre.weight'], weights['ln_pre.bias'], eps)
    layers = 1 + max(int(key.split('.')[2]) for key in weights if key.startswith('transformer.'))
    blocks = [Block(doubled(weights, f'transformer.resblocks.{i}.'), heads, eps, activation) for i in range(layers)]
    head = lambda x: layer_norm(x, weights['ln_post.weight'], weights['ln_post.bias'], eps) @ weights['proj']
    transformer(name, tokens, blocks, head, text, embeds, pixels)


def quick_gelu(h):
    return h * torch.sigmoid(1.702 * h)


def of_open_clip(name, heads, patch):
    weights = doubled(load_file(os.path.join(ENCODERS, name, 'model.safetensors')), 'visual.')
    expected = load_file(os.path.join(ENCODERS, name, 'expected.safetensors'))
    text = texts(weights['proj'].shape[1], 5)
    reference_of_open_clip(name, weights, heads, patch, quick_gelu, text, expected['image_embeds'].double(), expected['pixels'])


def reference_of_transformers(name, vision, projection, config, text, embeds, pixels):
    """vision and projection in double precision"""
    eps = config.layer_norm_eps
    activation = F.gelu if config.hidden_act == 'gelu' else quick_gelu
    blocks = []
    for layer in vision.encoder.layers:
        w = layer.state_dict()
        join = lambda kind: torch.cat([w[f'self_attn.{part}_proj.{kind}'] for part in 'qkv'])
        names = {'ln_1': 'layer_norm1', 'ln_2': 'layer_norm2', 'mlp.c_fc': 'mlp.fc1', 'mlp.c_proj': 'mlp.fc2', 'attn.out_proj': 'self_attn.out_proj'}
        own = {f'{ours}.{kind}': w[f'{theirs}.{kind}'] for ours, theirs in names.items() for kind in ('weight', 'bias')}
        own |= {'attn.in_proj_weight': join('weight'), 'attn.in_proj_bias': join('bias')}
        blocks.append(Block(own, config.num_attention_heads, eps, activation))
    for parameter in [*vision.parameters(), *projection.parameters()]:
        parameter.requires_grad_(False)
    tokens = vision.pre_layrnorm(vision.embeddings(normalised(pixels, **OPENAI).double()))
    head = lambda x: projection(vision.post_layernorm(x))
    transformer(name, tokens, blocks, head, text, embeds, pixels)


def of_transformers(name):
    model = CLIPModel.from_pretrained(os.path.join(ENCODERS, name), dtype=torch.float32).double().eval()
    expected = load_file(os.path.join(ENCODERS, name, 'expected.safetensors'))
    text = texts(model.config.projection_dim, 6)
    embeds, pixels = expected['image_embeds'].double(), expected['pixels']
    reference_of_transformers(name, model.vision_model, model.visual_projection, model.config.vision_config, text, embeds, pixels)


class EdgePool(torch.nn.Module):
    """The mean of each cell and those to its right, below and diagonally below, the last row and column repeated."""

    def forward(self, x):
        return F.avg_pool2d(F.pad(x, (0, 1, 0, 1), mode='replicate'), 2, stride=1)


def resnet():
    name = 'open-clip-resnet-atrous'
    words = {'context_length': 12, 'vocab_size': 200, 'width': 32, 'heads': 4, 'layers': 1}
    vision = {'image_size': 96, 'layers': [1, 1, 1, 3], 'width': 4, 'patch_size': None}
    cfg = {'embed_dim': 16, 'vision_cfg': vision, 'text_cfg': words}
    encoders.FIXTURES = HEATMAPS
    encoders.open_clip_model(name, cfg, ICONS, torch.float16, 7, with_config=True)
    folder = os.path.join(HEATMAPS, name)
    expected = load_file(os.path.join(folder, 'expected.safetensors'))
    os.remove(os.path.join(folder, 'expected.safetensors'))
    model = open_clip.model.CLIP(**cfg).eval()
    model.load_state_dict({key: value.float() for key, value in load_file(os.path.join(folder, 'open_clip_model.safetensors')).items()})
    visual = model.double().visual
    images = normalised(expected['pixels'], ICONS['mean'], ICONS['std']).double()
    text = texts(16, 7)
    with torch.no_grad():
        features = visual.layer3(visual.layer2(visual.layer1(visual.stem(images))))
        strided = visual.layer4(features)
        first, *others = visual.layer4
        first.avgpool = EdgePool()
        first.downsample[0] = EdgePool()
        for block in others:
            block.conv2.dilation, block.conv2.padding = (2, 2), (2, 2)
        fine = visual.layer4(features)
        assert (fine[:, :, ::2, ::2] - strided).abs().max() < 1e-12, 'every second cell is another'

        pool = visual.attnpool
        tokens = fine.flatten(2).transpose(1, 2)
        cells = F.normalize(pool.c_proj(pool.v_proj(tokens)), dim=2)

        # The pool cell by cell and head by head.
        heads = pool.num_heads
        coarse = strided.flatten(2).transpose(1, 2)  # [N, n, C]
        n = coarse.shape[1]
        placed = torch.cat([coarse.mean(1, keepdim=True), coarse], 1) + pool.positional_embedding
        q, k, v = (part(x).unflatten(2, (heads, -1)) for part, x in ((pool.q_proj, placed[:, :1]), (pool.k_proj, placed), (pool.v_proj, placed)))
        attention = torch.softmax(torch.einsum('nqhd,nthd->nhqt', q, k) / q.shape[-1] ** 0.5, -1)[:, :, 0]  # [N, H, 1 + n]
        of_cell = (coarse @ pool.v_proj.weight.T).unflatten(2, (heads, -1))
        shares = []
        for j in range(n):
            own = attention[:, :, j + 1, None] * v[:, j + 1] + attention[:, :, 0, None] * of_cell[:, j] / n
            shares.append(own.flatten(1) @ pool.c_proj.weight.T)
        length = expected['image_embeds'].double().norm(dim=1)
        embedding = F.normalize(expected['image_embeds'].double(), dim=1)
        shares = torch.stack(shares, 1) / length[:, None, None]
    write(name, pixels=expected['pixels'], text=text, embedding=embedding, cells=cells, shares=shares)


if __name__ == '__main__':
    of_open_clip('openai-vit', heads=1, patch=8)
    of_transformers('transformers-quickgelu')
    of_transformers('transformers-gelu-sharded')
    resnet()
