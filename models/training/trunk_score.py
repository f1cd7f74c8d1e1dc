"""Scores of the trunk on what it never learns from: held-out drawing styles, held-out tile sets, photos, colours.

  python3 trunk_score.py STATE CORPUS... [--photos photos-eval.zip] [--px 96] [--json FILE]      STATE: what trunk.py writes (state.pt)
"""

import argparse
import io
import json
import zipfile
from collections import defaultdict

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image

from data import GREY, premultiplied
from evaluate import average_precision
from photos import network_input
from sprites import HELD_OUT

PICTURES, TILE_NAMES, PHOTO_PX = 400, 300, 128


def plain(u8, px):
    """uint8 RGBA [B,side,side,4] -> network input: on white, but pictures that are nearly white themselves on dark."""
    x = premultiplied(u8)
    if x.shape[-1] != px:
        x = F.interpolate(x, (px, px), mode='bilinear', antialias=True, align_corners=False)
    rgb, alpha = x[:, :3], x[:, 3:]
    light = (rgb * GREY.view(1, 3, 1, 1)).sum((1, 2, 3)) / alpha.sum((1, 2, 3)).clamp_min(1e-3)
    ground = torch.where(light > 0.85, 0.12, 1.0).view(-1, 1, 1, 1)
    return (rgb + (1 - alpha) * ground).clamp_(0, 1).mul_(255).sub_(127).div_(128).contiguous(memory_format=torch.channels_last)


def letterboxed(data, px):
    """A photo's file -> uint8 [px,px,3], all of it on a white square."""
    image = Image.open(io.BytesIO(data)).convert('RGB')
    k = px / max(image.size)
    image = image.resize((max(1, round(image.width * k)), max(1, round(image.height * k))), Image.BICUBIC)
    square = Image.new('RGB', (px, px), 'white')
    square.paste(image, ((px - image.width) // 2, (px - image.height) // 2))
    return np.asarray(square)


def ranks(vectors, texts, right):
    """(top-1 %, top-5 %) of these picture vectors [B] among these texts."""
    similar = vectors @ texts.T
    rank = (similar > similar.gather(1, right[:, None])).sum(1)
    return [round((rank < k).float().mean().item() * 100, 1) for k in (1, 5)]


class Score:
    """The questions, chosen once: the same pictures each time."""

    def __init__(self, drawings, vectors, photos=None, px=96, photo_px=PHOTO_PX):
        self.drawings, self.vectors, self.px = drawings, vectors, px
        rng, styles = np.random.default_rng(0), defaultdict(list)
        for i, r in enumerate(drawings.rows):
            if r['split'] == 'eval':
                styles[r['set']].append(i)
        self.styles = {}
        for style, ids in sorted(styles.items()):
            tiles = style in HELD_OUT
            names = sorted({drawings.rows[i]['name'] for i in ids if not tiles or len(drawings.sets[drawings.rows[i]['name']]) >= 3})
            kept = set(rng.permutation(names)[: TILE_NAMES if tiles else 1500])
            self.styles[style] = rng.permutation([i for i in ids if drawings.rows[i]['name'] in kept])[:PICTURES]
        self.photos = None
        if photos:
            words = vectors.words
            with zipfile.ZipFile(photos) as archive:
                rows = [json.loads(line) for line in archive.read('rows.jsonl').decode().splitlines()]
                self.photos = np.stack([letterboxed(archive.read(r['file']), photo_px) for r in rows])
            self.classes = torch.tensor([words.classes.index(r['synset']) for r in rows])

    def embed(self, net, inputs):
        return torch.cat([F.normalize(net(x), dim=1) for x in inputs])

    @torch.inference_mode()
    def __call__(self, net):
        """-> {question: [top-1, top-5]}, 'mean': of the styles without the tile sets"""
        rows, found, texts = self.drawings.rows, {}, self.vectors.through(net.texts)
        for style, ids in self.styles.items():
            vectors = self.embed(net, (plain(self.drawings.pixels(ids[k : k + 100]), self.px) for k in range(0, len(ids), 100)))
            names = sorted({rows[i]['name'] for i in ids})
            right = torch.tensor([names.index(rows[i]['name']) for i in ids])
            found[style] = ranks(vectors, texts.drawn[[self.drawings.number[n] for n in names]], right)
        icons = [v for s, v in found.items() if s in ICONS]
        others = [v for s, v in found.items() if s not in HELD_OUT]
        found['icon styles'], found['all styles'] = (np.mean(v, 0).round(1).tolist() if v else None for v in (icons, others))
        if self.photos is not None:
            found.update(self.photo_scores(net, texts))
        return found

    def photo_scores(self, net, texts):
        vectors = self.embed(net, (network_input(self.photos[k : k + 50]) for k in range(0, len(self.photos), 50)))
        return photo_figures(vectors, self.classes, texts)


def photo_figures(pictures, right, vectors):
    """How well vectors of photos find the names of their classes among the 1,000, and common words find the photos
    they hold for."""
    classes, words = vectors.classes, vectors.words
    centre = classes.mean(0)
    text = dict(zip(words.general, vectors.general)) | dict(zip(words.names, classes))
    precision = []
    for word, below in words.common.items():
        relevant = np.isin(right.numpy(), below)
        if relevant.any():
            precision.append(average_precision((pictures @ F.normalize(text[word] - centre, dim=0)).numpy(), relevant))
    return {'photo names': ranks(pictures, F.normalize(classes - centre, dim=1), right), 'photo words mAP': round(100 * float(np.mean(precision)), 1)}


ICONS = {
    'openmoji', 'streamline-emojis', 'streamline-freehand', 'streamline-freehand-color', 'streamline-kameleon-color', 'flat-color-icons', 'skill-icons',
    'game-icons', 'healthicons', 'pixelarticons', 'bi', 'roentgen', 'flagpack',
}  # fmt: skip


def main():
    from trunk import Trunk, add_sources, sources

    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument('state', help='state.pt or checkpoint.pt of trunk.py')
    add_sources(p)
    p.add_argument('--px', type=int, default=96, help='pixels a side (default: %(default)s)')
    p.add_argument('--json', help='file to write the figures into')
    a = p.parse_args()
    torch.set_num_threads(1)
    drawings, vectors = sources(a)
    net = Trunk(vectors.drawn.shape[1])
    net.load(a.state)
    found = Score(drawings, vectors, a.photos_eval, a.px)(net)
    for question, figures in found.items():
        print(question, figures)
    if a.json:
        with open(a.json, 'w') as f:
            json.dump(found, f, indent=1)


if __name__ == '__main__':
    main()
