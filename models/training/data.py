"""The packed corpus (square RGBA pictures and their words), and the painting of a batch of it, new each time it is drawn."""

import json
import math
import os

import numpy as np
import torch
import torch.nn.functional as F
from scipy import ndimage

GREY = torch.tensor([0.3, 0.59, 0.11])
NEIGHBOURS = np.array([np.zeros((3, 3)), [[0, 1, 0], [1, 1, 1], [0, 1, 0]], np.zeros((3, 3))])  # regions go over edges, not over corners or to the next picture

SHARP = 0.4  # share of the pictures that are not resampled


def read(folder):
    """-> rows, and their pictures [rows, side, side, 4] uint8, left on disk."""
    with open(f'{folder}/rows.jsonl') as f:
        rows = [json.loads(line) for line in f]
    side = math.isqrt(os.path.getsize(f'{folder}/images.u8') // (4 * len(rows)))  # 64 unless the corpus was drawn larger
    return rows, np.memmap(f'{folder}/images.u8', np.uint8, 'r', shape=(len(rows), side, side, 4))


def premultiplied(u8):
    """uint8 RGBA [B,64,64,4] -> float [B,4,64,64] with the colours times alpha, so that resampling does not bleed."""
    x = u8.permute(0, 3, 1, 2).float().div_(255)
    return torch.cat([x[:, :3] * x[:, 3:], x[:, 3:]], 1)


def soften(x):
    """Each pixel mixed with its neighbours, 1 2 1 across and down: how the model takes pictures (assetlens.soften in its configuration)."""
    return F.avg_pool2d(F.avg_pool2d(F.pad(x, (1, 1, 1, 1), mode='replicate'), 2, 1), 2, 1)


def grown(x):
    """The greatest of each pixel and its eight neighbours, of values of 0 and more [B,C,H,W]; on a CPU faster than max_pool2d."""
    x = F.pad(x, (1, 1, 1, 1))
    x = torch.maximum(torch.maximum(x[..., :-2], x[..., 1:-1]), x[..., 2:])
    return torch.maximum(torch.maximum(x[..., :-2, :], x[..., 1:-1, :]), x[..., 2:, :])


def network_input(rgb):
    """0..1 -> about -2..2, in the memory layout that is fastest on a CPU."""
    return rgb.clamp_(0, 1).sub_(0.5).div_(0.25).contiguous(memory_format=torch.channels_last)


class Painter:
    """uint8 RGBA [B,64,64,4] -> network input [B,3,px,px]. mono [B] marks pictures of one colour, which may take any."""

    def __init__(self, seed, device='cpu'):
        self.g = torch.Generator(device).manual_seed(seed)

    def rand(self, *shape):
        return torch.rand(*shape, generator=self.g, device=self.g.device)

    def train(self, u8, mono, px, strong=1.0, flips=None, shown=False):
        """Moved, turned, tinted, blurred, on a random background; strong scales how much. flips [B]: may be mirrored.
        shown: also returns the drawings without their ground, premultiplied [B,3,px,px], and their alpha [B,1,px,px]."""
        b, grey = u8.shape[0], GREY.to(u8.device)
        x = premultiplied(u8)
        if px <= 32:
            x = F.avg_pool2d(x, 2)  # else sampling at half size would skip pixels
        r = self.rand(b, 8)
        badge = r[:, 7] < 0.15 * strong  # a drawing within a coloured disc or tile, as many sets and launchers have them
        shrink = torch.exp((r[:, 0] - 0.35) * 0.5 * strong) * torch.where(badge, 1.4, 1.0)  # of the grid: >1 makes the picture smaller
        aspect = torch.exp((r[:, 1] - 0.5) * 0.2 * strong)
        angle = (r[:, 2] - 0.5) * 0.35 * strong
        tx, ty = (r[:, 3] - 0.5) * 0.2, (r[:, 4] - 0.5) * 0.2
        cos, sin = torch.cos(angle), torch.sin(angle)
        mirror = torch.ones(b, device=u8.device)
        if flips is not None:
            mirror[flips & (r[:, 5] < 0.5)] = -1
        first = torch.stack([mirror * cos * shrink * aspect, -mirror * sin * shrink, tx], 1)
        second = torch.stack([sin * shrink, cos * shrink / aspect, ty], 1)
        grid = F.affine_grid(torch.stack([first, second], 1), (b, 4, px, px), align_corners=False)
        x = F.grid_sample(x, grid, mode='bilinear', padding_mode='zeros', align_corners=False)
        if px > 32:  # one in eight as if enlarged from half the size
            soft = r[:, 6] < 0.12
            x[soft] = F.interpolate(F.avg_pool2d(x[soft], 2), (px, px), mode='bilinear', align_corners=False)
        # moving and turning soften a picture a little: many are left where they are, as sharp as those that people show it
        sharp = ~badge & (self.rand(b) < SHARP)
        x[sharp] = self.sharp(u8[sharp], mirror[sharp] < 0, px)
        rgb, alpha = x[:, :3], x[:, 3:].clone()

        # background: 45 % white, 17 % light, 16 % dark, 22 % any colour
        u = self.rand(b)
        background = torch.ones(b, 3, device=u8.device)
        background[u > 0.45] = 1 - self.rand(b, 3)[u > 0.45] * 0.15
        dark, anything = u > 0.62, u > 0.78
        background[dark] = self.rand(b, 3)[dark] * 0.25
        background[anything] = self.rand(b, 3)[anything]
        light = (background * grey).sum(1, keepdim=True)

        # pictures of one colour: black on light, white on dark, else a colour with contrast
        ink = (light < 0.5).float().expand(b, 3).clone()
        coloured = self.rand(b) < 0.4
        colour = self.rand(b, 3)
        too_close = ((colour * grey).sum(1, keepdim=True) - light).abs() < 0.35
        contrast = torch.where(light < 0.5, 1 - (1 - colour) * 0.4, colour * 0.4)
        ink[coloured] = torch.where(too_close, contrast, colour)[coloured]
        one_colour = mono.view(b, 1, 1, 1)
        rgb = torch.where(one_colour, ink.view(b, 3, 1, 1) * alpha, rgb)
        filled = mono & (self.rand(b) < 0.35 * strong)
        rgb[filled], alpha[filled] = self.fill(rgb[filled], alpha[filled])

        # the others: tinted, brighter or darker, now and then grey
        gain = torch.exp((self.rand(b, 3) - 0.5) * 0.4 * strong).view(b, 3, 1, 1)
        rgb = rgb * torch.where(one_colour, 1.0, gain)
        drained = (self.rand(b) < 0.12).view(b, 1, 1, 1) & ~one_colour
        rgb = torch.where(drained, (rgb * grey.view(1, 3, 1, 1)).sum(1, keepdim=True).expand_as(rgb), rgb)
        ground = background.view(b, 3, 1, 1).expand(b, 3, px, px).contiguous()
        ground[badge] = self.badges(background[badge], px)
        u = self.rand(b)
        shaded, lifted, cluttered = u < 0.2 * strong, (u > 0.5) & (u < 0.5 + 0.15 * strong), u > 1 - 0.04 * strong
        rgb[shaded] = rgb[shaded] * self.light(int(shaded.sum()), px)
        ground[cluttered] = self.clutter(int(cluttered.sum()), px)
        ground[lifted] = ground[lifted] * self.shadow(alpha[lifted])
        painted = network_input(rgb + (1 - alpha) * ground)
        return (painted, rgb, alpha) if shown else painted

    @staticmethod
    def sharp(u8, mirrored, px):
        """uint8 RGBA [B,64,64,4] -> premultiplied [B,4,px,px], where and as large as they are."""
        x = premultiplied(u8)
        x[mirrored] = x[mirrored].flip(3)
        return x if px == x.shape[3] else F.interpolate(x, (px, px), mode='bilinear', antialias=True)

    def badges(self, colour, px):
        """Discs and rounded tiles of these colours [B,3], shaded along one direction, on white or any colour -> [B,3,px,px]"""
        b, r = len(colour), self.rand(len(colour), 8)
        y, x = torch.meshgrid(*[torch.linspace(-1, 1, px, device=colour.device)] * 2, indexing='ij')
        power = torch.tensor([2.0, 2.0, 4.0, 8.0], device=colour.device)[(r[:, 0] * 4).long().clamp(max=3)].view(b, 1, 1)
        distance = (x.abs() ** power + y.abs() ** power) ** (1 / power)
        inside = ((0.85 + 0.2 * r[:, 1].view(b, 1, 1) - distance) * px / 2 + 0.5).clamp(0, 1)[:, None]
        angle = (r[:, 2] * 6.2832).view(b, 1, 1)
        shade = (1 + 0.4 * r[:, 3].view(b, 1, 1) * (torch.cos(angle) * x + torch.sin(angle) * y))[:, None]
        outer = torch.where(r[:, 4:5] < 0.6, 1.0, r[:, 5:8]).view(b, 3, 1, 1)
        return inside * colour.view(b, 3, 1, 1) * shade + (1 - inside) * outer

    def fill(self, rgb, alpha):
        """Drawings of lines, premultiplied [B,3,px,px] and their alpha [B,1,px,px], as coloured drawings: each region that a line
        encloses is painted in a colour of its own."""
        free = np.pad((alpha[:, 0] < 0.4).cpu().numpy(), ((0, 0), (1, 1), (1, 1)), constant_values=True)
        regions, count = ndimage.label(free, NEIGHBOURS)
        colours = torch.cat([torch.zeros(1, 3, device=rgb.device), self.rand(count, 3)])
        outside = regions[:, :1, :1]
        regions = torch.from_numpy(np.where(regions == outside, 0, regions)[:, 1:-1, 1:-1]).to(rgb.device).long()
        colour = colours[regions].permute(0, 3, 1, 2)
        inside = (regions > 0)[:, None].float()
        colour = torch.where(inside > 0, colour, grown(colour))
        under = (1 - alpha) * grown(inside)  # also below the soft edge of the line
        return rgb + under * colour, alpha + under

    def light(self, b, px):
        """Light that falls from a side or on a spot -> factors [B,1,px,px]"""
        r = self.rand(b, 6).view(b, 6, 1, 1)
        y, x = torch.meshgrid(*[torch.linspace(-1, 1, px, device=r.device)] * 2, indexing='ij')
        angle = 6.2832 * r[:, 0]
        slope = torch.cos(angle) * x + torch.sin(angle) * y
        spot = 1 - 2 * ((x - r[:, 1] + 0.5) ** 2 + (y - r[:, 2] + 0.5) ** 2)
        return (1 + 0.5 * r[:, 3] * torch.where(r[:, 4] < 0.5, slope, spot))[:, None].clamp(0.3, 1.6)

    def shadow(self, alpha):
        """What is left of the ground's light below these drawings [B,1,px,px]; they all cast it the same way."""
        r, reach = self.rand(3), alpha.shape[-1] // 12
        across, down = (int((v - 0.3) * 2 * reach) for v in r[:2])
        soft = F.avg_pool2d(alpha, 5, 1, 2)
        return 1 - 0.55 * r[2] * torch.roll(soft, (down, across), (2, 3))

    def clutter(self, b, px):
        """Grounds of soft spots in any colours [B,3,px,px]"""
        spots = self.rand(b, 3, 5, 5) * 0.7 + 0.3 * self.rand(b, 3, 1, 1)
        fine = self.rand(b, 3, px // 4, px // 4) - 0.5
        return (F.interpolate(spots, (px, px), mode='bicubic') + 0.3 * F.interpolate(fine, (px, px), mode='bilinear')).clamp(0, 1)

    @staticmethod
    def plain(u8, mono, px):
        """For the score, as the shipped path does: on white, but pictures that are nearly white themselves on dark; softened."""
        x = premultiplied(u8)
        if px < 64 and 64 % px == 0:
            x = F.interpolate(x, (px, px), mode='area')
        elif px < 64:
            x = F.interpolate(x, (px, px), mode='bilinear', antialias=True)
        elif px > 64:
            x = F.interpolate(x, (px, px), mode='bicubic')
        rgb, alpha = x[:, :3], x[:, 3:]
        light = (rgb * GREY.to(u8.device).view(1, 3, 1, 1)).sum((1, 2, 3)) / alpha.sum((1, 2, 3)).clamp_min(1e-3)
        background = torch.where(light > 0.85, 0.12, 1.0).view(-1, 1, 1, 1)
        rgb = rgb + (1 - alpha) * background
        return network_input(soften(rgb) if px == 64 else rgb)  # reduced ones are soft already
