"""Trains both encoders of a CLIP together, from an open_clip checkpoint on, and writes one.

  python3 train.py build/corpus build/joint --init build/clip --minutes 2,0,19,27

Four phases, whose minutes --minutes gives:
  head   the pictures are embedded once; a small head on the teacher's text embeddings (pretrain.py) learns to find them
  image  image encoder and head learn together: the cheapest way to see many pictures
  text   the text transformer learns from the same fixed pictures, and from the head what words mean that name no picture;
         the head learns on
  joint  image encoder, text transformer and head learn together

The loss is CLIP's symmetric one with a learned scale (2103.00020, section 2.3 and figure 3), with several right pairs in a batch.
The learning rate follows the clock within a phase. A run that was cut goes on with --resume: weights, averages, optimizer and
the clock are kept in OUT/checkpoint.pt every few minutes. It trains on a GPU where there is one (--device).
"""

import argparse
import copy
import math
import os
import time

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

import clip
from ahead import Ahead
from captions import KIND_NAMES, Captions, kind_prior, kind_texts
from data import Painter
from draws import TRAINED, Draw, Draws, batches
from evaluate import print_zero_shot, zero_shot
from losses import contrastive_loss
from model import mixed
from pairs import Pairs
from pretrain import TextHead, resolution

PHASES = ('head', 'image', 'text', 'joint')
FIRST_SCALE = 1 / 0.07  # of the logits, as the paper begins (2103.00020, section 2.5)


def arguments():
    """The command line."""
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument('corpus', nargs='?', default='build/corpus', help='folder from merge.py and texts.py (default: %(default)s)')
    p.add_argument('out', nargs='?', default='build/joint', help='folder to write: checkpoint, fixed pictures, the model (default: %(default)s)')
    p.add_argument('--init', default='build/clip', help='open_clip checkpoint to begin with (default: %(default)s)')
    p.add_argument('--fresh', action='store_true', help='take only sizes and tokenizer from --init, and learn everything anew')
    p.add_argument('--wordnet', default='build/debian/root/wordnet-base', help='the unpacked package, for coarse labels (default: %(default)s)')
    p.add_argument('--minutes', default='2,0,19,27', help='of the four phases (default: %(default)s)')
    p.add_argument('--plan', default='64:1', help='joint phase, pixels:share of the time, in order (default: %(default)s)')
    p.add_argument('--image-plan', default='32:.65,64:.35', help='the same of the image phase (default: %(default)s)')
    p.add_argument('--image-lr', type=float, default=1.2e-3, help='highest learning rate of the image phase (default: %(default)s)')
    p.add_argument('--batch', type=int, default=512, help='pictures a step of the image and joint phases; twice that in the others (default: %(default)s)')
    p.add_argument('--strings', type=int, default=64, help='further strings a step that learn from the head; four times that before the joint phase (default: %(default)s)')
    p.add_argument('--names', type=int, default=2048, help='names of so many further pictures a step, which every picture is told apart from through the head (default: %(default)s)')
    p.add_argument('--texts', type=int, help='texts of a joint step that the text transformer reads, all of them in the calm part; the head reads them all, which costs hardly anything (default: all)')
    p.add_argument('--fixed', type=int, default=120000, help='pictures embedded once for the first two phases (default: %(default)s)')
    p.add_argument('--lr', type=float, default=6e-4, help='highest learning rate of the joint phase (default: %(default)s)')
    p.add_argument('--text-lr', type=float, default=1.5e-3, help='of head and text (default: %(default)s)')
    p.add_argument('--warm', type=int, default=40, help='steps in which the learning rate of a phase rises (default: %(default)s)')
    p.add_argument('--wd', type=float, default=0.1, help='weight decay (default: %(default)s)')
    p.add_argument('--capname', type=float, default=0.75, help='how often a picture is called by its name (default: %(default)s)')
    p.add_argument('--near', type=float, default=0.5, help='part of a batch that comes from four sets alone (default: %(default)s)')
    p.add_argument('--rich', type=float, default=0.3, help='weight of names that fewer than 3 sets have (default: %(default)s)')
    p.add_argument('--colour', type=float, default=1.8, help='weight of coloured icons (default: %(default)s)')
    p.add_argument('--rare', type=float, default=2.0, help='weight of emoji, sprites, clip art and other kinds (default: %(default)s)')
    p.add_argument('--strong', type=float, default=1.0, help='strength of the augmentation (default: %(default)s)')
    p.add_argument('--calm', type=float, default=0.0, help='last share of the joint phase whose augmentation is half as strong (default: %(default)s)')
    p.add_argument('--seed', type=int, default=0, help='of the drawing (default: %(default)s)')
    p.add_argument('--keep', type=float, default=4, help='minutes between checkpoints (default: %(default)s)')
    p.add_argument('--device', default='cuda' if torch.cuda.is_available() else 'cpu', help='where to train; a GPU has all pictures in its memory (default here: %(default)s)')
    p.add_argument('--workers', type=int, help='processes that draw texts beside the training (default: none on a CPU, else a core less than there are)')
    p.add_argument('--ahead', action='store_true', help='a process beside the training paints and computes the frozen stages on what a second core has to spare')
    p.add_argument('--resume', action='store_true', help='go on from OUT/checkpoint.pt where there is one')
    p.add_argument('--frozen', type=int, default=3, help='first stages of the image encoder that do not learn, 0 to 4 (default: %(default)s)')
    return p.parse_args()


class Model(nn.Module):
    """Both encoders, the head on the teacher's embeddings, and their two logit scales (logarithms)."""

    def __init__(self, net, text, head, scale):
        super().__init__()
        self.net, self.text, self.head = net, text, head
        self.scale, self.head_scale = nn.Parameter(scale.clone()), nn.Parameter(scale.clone())

    def optimizer(self, wd):
        """AdamW: no decay on norms, biases and positions, hardly any on words, scales that learn eight times as fast."""
        groups = {'matrix': [], 'vector': [], 'words': [], 'scale': []}
        for name, p in self.named_parameters():
            kind = 'scale' if p.ndim == 0 else 'words' if 'words' in name or 'tokens' in name else 'matrix' if p.ndim > 1 and 'pos' not in name else 'vector'
            groups[kind].append(p)
        options = {'matrix': {'weight_decay': wd}, 'words': {'weight_decay': 1e-4}, 'scale': {'weight_decay': 0, 'mult': 8.0}, 'vector': {'weight_decay': 0}}
        return torch.optim.AdamW([{'params': v, **options[k]} for k, v in groups.items()], 1e-3, betas=(0.9, 0.98), fused=True)


class Run:
    """One training run: what it learns from, and the three losses."""

    def __init__(self, a):
        self.a, self.device = a, torch.device(a.device)
        self.corpus = Captions(a.corpus, a.wordnet)
        self.chances = self.corpus.balanced_weights(a.rich, a.colour, a.rare)
        net, text, self.tokenizer, scale, self.config = clip.load(a.init)
        self.tokenizer, text = clip.complete(self.tokenizer, text)
        self.config['text_cfg']['vocab_size'] = self.tokenizer.get_vocab_size()
        if a.fresh:
            (net, text), scale = clip.fresh(self.config), torch.tensor(FIRST_SCALE).log()
        head = TextHead(len(self.corpus.vocab), 'minilm+mlp+words', self.config['embed_dim'])
        self.model = Model(net, text, head, scale).to(self.device)
        self.average = copy.deepcopy(self.model).eval()
        self.phase, self.elapsed, self.step, self.fixed, self.shown = 0, 0.0, 0, None, 0.0
        self.rng = np.random.default_rng(a.seed)
        self.painter = Painter(a.seed, self.device)
        self.pairs = Pairs(self.corpus, self.device)
        self.prior = kind_prior(self.corpus, self.chances).to(self.device)
        self.workers = a.workers if a.workers is not None else (0 if self.device.type == 'cpu' else max(1, (os.cpu_count() or 2) - 1))
        self.resident = torch.from_numpy(self.corpus.images).to(self.device) if self.device.type == 'cuda' else None
        self.further = self.draws()
        self.shares()

    def pictures(self, rows):
        """Rows [B] on the device -> their pictures there, uint8 [B, 64, 64, 4]"""
        return torch.from_numpy(self.corpus.images[rows.numpy()]) if self.resident is None else self.resident[rows]

    def draws(self, *more):
        """What the rest of the phase draws: anew from where a run was cut, so that it does not see the same again."""
        a = self.a
        return Draws(self.corpus, self.chances, self.tokenizer, a.batch, a.strings, a.capname, a.near, (a.seed, self.phase, self.step, *more))

    def shares(self):
        """Prints how often each kind is drawn."""
        w, c = np.diff(self.chances, prepend=0), self.corpus
        kinds = [f'{r} {w[c.kinds[c.train] == k].sum():.0%}' for k, r in enumerate(KIND_NAMES)]
        print(len(c.train), 'rows,', len(c.name_counts), 'names,', len(c.strings) - c.named, 'further nouns; drawn:', *kinds, f'mono {w[c.mono.numpy()[c.train]].sum():.0%}', flush=True)

    def tower(self, tokens):
        """Tokens [B, n] -> unit vectors [B, embed] of the text transformer."""
        with mixed(self.device.type):
            y = self.model.text(tokens)
        return F.normalize(y.float(), dim=1)

    @torch.inference_mode()
    def embed_fixed(self):
        """Rows [N] and their unit image vectors [N, embed], once, with the image encoder as it is."""
        rows = torch.from_numpy(np.unique(self.draws().rows(self.rng, self.a.fixed))).to(self.device)
        self.model.net.eval()
        out = []
        for part in rows.split(512):
            x = Painter.plain(self.pictures(part), None, 64)
            with mixed(self.device.type):
                out.append(F.normalize(self.model.net(x).float(), dim=1))
        self.model.net.train()
        print('fixed pictures', len(rows), flush=True)
        self.fixed = rows.clone(), torch.cat(out).clone()

    def target(self, ids):
        """What the head says of these strings: unit vectors [B, embed]."""
        return F.normalize(self.model.head(*self.pairs.texts(ids)), dim=1)

    def string_loss(self, ids, tokens):
        """The text transformer says of any strings what the head says: nearly the same vectors, told apart as well."""
        with torch.no_grad():
            target = self.target(ids)
        y = self.tower(tokens)
        none = torch.zeros(len(ids), len(ids), dtype=torch.bool, device=self.device)
        return 4 * (1 - (y * target).sum(1).mean()) + 0.5 * contrastive_loss(30 * y @ target.T, (ids[:, None] == ids[None]).float(), none)

    def head_loss(self, image, rows, ids, match, left_out):
        """Pictures against the head's texts, half of which are mixed with a second one: between two names lie sensible places;
        and against many further names, which cost hardly anything here."""
        chance = self.painter.rand(3, len(rows))
        mix = 0.8 * ((chance[0] < 0.5) * chance[1])[:, None]
        target = F.normalize(self.target(ids) + mix * self.target(self.pairs.another(rows, chance[2])), dim=1)
        scale = self.model.head_scale.exp().clamp(max=100)
        names = self.pairs.names[torch.from_numpy(self.further.rows(self.rng, self.a.names)).to(self.device)].long().unique()
        further = (scale * image @ self.target(names).T).masked_fill(self.pairs.holds(rows, names), -1e4)
        return contrastive_loss(scale * image @ target.T, match, left_out, further)

    def fixed_loss(self, draws):
        """The phases head and text: only texts learn, from pictures embedded once."""
        a, m = self.a, self.model
        at = torch.from_numpy(self.rng.integers(len(self.fixed[0]), size=2 * a.batch)).to(self.device)
        rows, image = self.fixed[0][at], self.fixed[1][at]
        d = draws.captioned(self.rng, rows.cpu().numpy(), 4 * a.strings).to(self.device)
        match, left_out = self.pairs.matches(rows, d.ids, d.told)
        head_loss = self.head_loss(image, rows, d.ids, match, left_out)
        if PHASES[self.phase] == 'head':
            return head_loss
        y = self.tower(d.tokens)
        with torch.no_grad():
            target = self.target(d.ids)
        loss = contrastive_loss(m.scale.exp().clamp(max=100) * image @ y.T, match, left_out) + 2 * (1 - (y * target).sum(1).mean())
        return loss + head_loss + 0.15 * self.kind_loss(image, rows) + self.string_loss(d.strings, d.string_tokens)

    def kind_loss(self, image, rows):
        """Which kind of picture is it? Against one text a kind, less how often the kind is drawn (2007.07314)."""
        tokens = clip.token_ids(self.tokenizer, kind_texts(self.rng), TRAINED).to(self.device)
        logits = self.model.scale.exp().clamp(max=100) * image @ self.tower(tokens).T
        return F.cross_entropy(logits + self.prior, self.pairs.kinds[rows])

    def seen(self, rows, px, frozen, strong):
        """The pictures of these rows, painted anew, as the stages that do not learn hand them on."""
        x = self.painter.train(self.pictures(rows), self.pairs.mono[rows], px, strong, self.pairs.flips[rows])
        with mixed(self.device.type):
            return self.model.net.early(x, frozen)

    def understood(self, seen, frozen):
        """Unit vectors of what seen() returned."""
        with mixed(self.device.type):
            image = self.model.net.late(seen, frozen)
        return F.normalize(image.float(), dim=1)

    def strength(self, done):
        """Of the augmentation in the joint phase. done: which share of it is over."""
        return self.a.strong * (0.5 if done > 1 - self.a.calm else 1)

    def image_loss(self, d, px, *_):
        """The second phase: image encoder and head."""
        image = self.understood(self.seen(d.rows, px, 0, self.a.strong), 0)
        match, left_out = self.pairs.matches(d.rows, d.ids, torch.full_like(d.told, -1))
        return self.head_loss(image, d.rows, d.ids, match, left_out)

    def joint_loss(self, d, px, done, seen=None):
        """The last phase: everything learns. done: which share of it is over; seen: the pictures, where they were made ready before."""
        a, m = self.a, self.model
        image = self.understood(self.seen(d.rows, px, a.frozen, self.strength(done)) if seen is None else seen, a.frozen)
        match, left_out = self.pairs.matches(d.rows, d.ids, d.told)
        read = torch.from_numpy(self.rng.permutation(len(d.rows))[: a.texts if done <= 1 - a.calm else None]).to(self.device)
        y = self.tower(d.tokens[read])
        with torch.no_grad():
            target = self.target(d.ids[read])
        loss = contrastive_loss(m.scale.exp().clamp(max=100) * image @ y.T, match[:, read], left_out[:, read])
        self.shown = loss.detach()
        loss = loss + 0.6 * self.head_loss(image, d.rows, d.ids, match, left_out) + 0.15 * self.kind_loss(image, d.rows)
        return loss + 0.5 * (1 - (y * target).sum(1).mean()) + 0.5 * self.string_loss(d.strings, d.string_tokens)

    def update_average(self):
        """Running averages of weights and batch statistics: what is scored and saved."""
        decay = min(0.998, (1 + self.step) / (10 + self.step))
        with torch.no_grad():
            old = [v for v in self.average.state_dict().values() if v.is_floating_point()]
            new = [v for v in self.model.state_dict().values() if v.is_floating_point()]
            torch._foreach_lerp_(old, new, 1 - decay)

    def keep(self):
        """Everything that --resume needs, written beside and then renamed."""
        path = f'{self.a.out}/checkpoint.pt'
        state = {'model': self.model.state_dict(), 'average': self.average.state_dict(), 'optimizer': self.optimizer.state_dict(), 'fixed': self.fixed}
        state |= {'phase': self.phase, 'elapsed': self.elapsed, 'step': self.step}
        torch.save(state, path + '.tmp')
        os.replace(path + '.tmp', path)

    def take_up(self):
        """The state that keep() wrote."""
        state = torch.load(f'{self.a.out}/checkpoint.pt', map_location=self.device)
        self.model.load_state_dict(state['model'])
        self.average.load_state_dict(state['average'])
        self.phase, self.elapsed, self.step, self.fixed = state['phase'], state['elapsed'], state['step'], state['fixed']
        self.rng = np.random.default_rng((self.a.seed, self.step))
        self.painter.g.manual_seed(self.a.seed + self.step)
        self.optimizer.load_state_dict(state['optimizer'])
        print(f'resumed in phase {PHASES[self.phase]} after {self.elapsed / 60:.1f} minutes' if self.phase < len(PHASES) else 'this run is over', flush=True)

    def learn(self, minutes):
        """The phase that is on, until its time is over."""
        a, total, phase = self.a, minutes * 60, PHASES[self.phase]
        drawing = phase in ('image', 'joint')
        highest = {'image': a.image_lr, 'joint': a.lr}.get(phase, a.text_lr)
        steps = {'image': self.image_loss, 'joint': self.joint_loss}
        plan = [(int(px), float(share)) for px, share in (x.split(':') for x in (a.image_plan if phase == 'image' else a.plan).split(','))]
        draws = self.draws()
        drawn = batches(draws, self.workers) if drawing and total else None
        ahead = Ahead(self.ahead(plan, total)) if a.ahead and phase == 'joint' and total else None
        beside = 0
        began = last = kept = time.time()
        average, first_step = None, self.step
        while (done := self.elapsed / total if total else 1) < 1:
            lr = highest * min(1, (self.step - first_step + 1) / a.warm) * (0.49 * (1 + math.cos(math.pi * done)) + 0.02)
            for group in self.optimizer.param_groups:
                group['lr'] = lr * group.get('mult', 1)
            px = resolution(plan, done)
            ready = ahead.take() if ahead else None
            beside += ready is not None
            if drawn is None:
                loss = self.fixed_loss(draws)
            else:
                loss = steps[phase](Draw(*ready[0]), px, done, ready[1]) if ready else steps[phase](next(drawn).to(self.device), px, done)
            self.optimizer.zero_grad(set_to_none=True)
            loss.backward()
            torch.nn.utils.clip_grad_norm_([p for p in self.model.net.parameters() if p.grad is not None] or [self.model.scale], 1.0)
            torch.nn.utils.clip_grad_norm_([*self.model.text.parameters()], 1.0)
            self.optimizer.step()
            self.step += 1
            self.update_average()
            now = time.time()
            self.elapsed, last = self.elapsed + now - last, now
            value = torch.stack([loss.detach(), torch.as_tensor(self.shown, device=self.device)])
            average = value if average is None else 0.97 * average + 0.03 * value
            if self.step % 25 == 0:
                speed = (self.step - first_step) * a.batch * (1 if drawing else 2) / (now - began)
                print(f'{PHASES[self.phase]} {self.step} px{px} loss {average[0]:.3f} clip {average[1]:.3f} scale {self.model.scale.exp().item():.1f} {speed:.0f}/s {done:.0%}' + (f' beside {beside / (self.step - first_step):.0%}' if ahead else ''), flush=True)
            if now - kept > a.keep * 60:
                self.keep()
                self.export()
                kept = now
        if ahead:
            ahead.stop()

    def ahead(self, plan, total):
        """Batches of the joint phase, and their pictures as the frozen stages hand them on; runs in a process of its own."""
        a, began = self.a, time.time() - self.elapsed
        self.painter = Painter(a.seed + self.step + 1)
        for d in batches(self.draws(1), 0):
            done = min(1, (time.time() - began) / total)
            yield tuple(d), self.seen(d.rows, resolution(plan, done), a.frozen, self.strength(done))

    def export(self):
        """The averaged encoders as an open_clip checkpoint in OUT/clip."""
        clip.save(f'{self.a.out}/clip', self.average.net, self.average.text, self.tokenizer, self.average.scale.clamp(max=math.log(100)), self.config)


def main():
    a = arguments()
    torch.manual_seed(a.seed)
    os.makedirs(a.out, exist_ok=True)
    run = Run(a)
    run.optimizer = run.model.optimizer(a.wd)
    if a.resume and os.path.exists(f'{a.out}/checkpoint.pt'):
        run.take_up()
    minutes = [float(m) for m in a.minutes.split(',')]
    while run.phase < len(PHASES):
        print('phase', PHASES[run.phase], flush=True)
        if run.fixed is None and PHASES[run.phase] in ('head', 'text') and minutes[run.phase]:
            run.embed_fixed()
        run.model.train()
        run.model.net.freeze(a.frozen if PHASES[run.phase] == 'joint' else 0)
        run.learn(minutes[run.phase])
        run.phase, run.elapsed = run.phase + 1, 0.0
        if PHASES[run.phase - 1] in ('image', 'text'):
            run.fixed = None
        if run.phase < len(PHASES):
            run.optimizer = run.model.optimizer(a.wd)
            run.average.load_state_dict(run.model.state_dict())
        run.keep()
        run.export()
        if minutes[run.phase - 1]:  # a phase that was left out changed nothing
            print_zero_shot(zero_shot(run.corpus, run.average.net, run.average.text, run.tokenizer))


if __name__ == '__main__':
    main()
