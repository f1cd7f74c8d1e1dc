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
the clock are kept in OUT/checkpoint.pt every few minutes.
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
from captions import ANY, KIND_NAMES, NEUTRAL, Captions, kind_prior, kind_texts
from data import Painter
from evaluate import print_zero_shot, zero_shot
from pretrain import TextHead, resolution

PHASES = ('head', 'image', 'text', 'joint')
TRAINED = 14  # tokens in training: names are short, and a batch costs what its longest texts cost


def arguments():
    """The command line."""
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument('corpus', nargs='?', default='build/corpus', help='folder from merge.py and texts.py (default: %(default)s)')
    p.add_argument('out', nargs='?', default='build/joint', help='folder to write: checkpoint, fixed pictures, the model (default: %(default)s)')
    p.add_argument('--init', default='build/clip', help='open_clip checkpoint to begin with (default: %(default)s)')
    p.add_argument('--wordnet', default='build/debian/root/wordnet-base', help='the unpacked package, for coarse labels (default: %(default)s)')
    p.add_argument('--minutes', default='2,0,19,27', help='of the four phases (default: %(default)s)')
    p.add_argument('--plan', default='64:1', help='joint phase, pixels:share of the time, in order (default: %(default)s)')
    p.add_argument('--image-plan', default='32:.65,64:.35', help='the same of the image phase (default: %(default)s)')
    p.add_argument('--image-lr', type=float, default=1.2e-3, help='highest learning rate of the image phase (default: %(default)s)')
    p.add_argument('--batch', type=int, default=512, help='pictures a step of the image and joint phases; twice that in the others (default: %(default)s)')
    p.add_argument('--strings', type=int, default=64, help='further strings a step that learn from the head; four times that before the joint phase (default: %(default)s)')
    p.add_argument('--fixed', type=int, default=120000, help='pictures embedded once for the first two phases (default: %(default)s)')
    p.add_argument('--lr', type=float, default=6e-4, help='highest learning rate of the joint phase (default: %(default)s)')
    p.add_argument('--text-lr', type=float, default=1.5e-3, help='of head and text (default: %(default)s)')
    p.add_argument('--wd', type=float, default=0.1, help='weight decay (default: %(default)s)')
    p.add_argument('--capname', type=float, default=0.75, help='how often a picture is called by its name (default: %(default)s)')
    p.add_argument('--rich', type=float, default=0.3, help='weight of names that fewer than 3 sets have (default: %(default)s)')
    p.add_argument('--colour', type=float, default=1.8, help='weight of coloured icons (default: %(default)s)')
    p.add_argument('--rare', type=float, default=2.0, help='weight of emoji, sprites, clip art and other kinds (default: %(default)s)')
    p.add_argument('--strong', type=float, default=1.0, help='strength of the augmentation (default: %(default)s)')
    p.add_argument('--seed', type=int, default=0, help='of the drawing (default: %(default)s)')
    p.add_argument('--keep', type=float, default=4, help='minutes between checkpoints (default: %(default)s)')
    p.add_argument('--resume', action='store_true', help='go on from OUT/checkpoint.pt where there is one')
    p.add_argument('--frozen', type=int, default=3, help='first stages of the image encoder that do not learn, 0 to 4 (default: %(default)s)')
    return p.parse_args()


def contrastive_loss(logits, match, left_out):
    """CLIP's symmetric loss (2103.00020, figure 3), targets shared among all right pairs. All [B, B]; left_out pairs do not count."""
    logits = logits.masked_fill(left_out, -1e4)
    by_image = match / match.sum(1, keepdim=True)
    by_text = match / match.sum(0, keepdim=True)
    image_loss = -(by_image * F.log_softmax(logits, 1)).sum(1).mean()
    text_loss = -(by_text * F.log_softmax(logits, 0)).sum(0).mean()
    return (image_loss + text_loss) / 2


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
        self.a = a
        self.corpus = Captions(a.corpus, a.wordnet)
        self.chances = self.corpus.balanced_weights(a.rich, a.colour, a.rare)
        self.prior = kind_prior(self.corpus, self.chances)
        self.rng = np.random.default_rng(a.seed)
        self.painter = Painter(a.seed)
        net, text, self.tokenizer, scale, self.config = clip.load(a.init)
        self.tokenizer, text = clip.complete(self.tokenizer, text)
        self.config['text_cfg']['vocab_size'] = self.tokenizer.get_vocab_size()
        head = TextHead(len(self.corpus.vocab), 'minilm+mlp+words', self.config['embed_dim'])
        self.model = Model(net, text, head, scale)
        self.average = copy.deepcopy(self.model).eval()
        self.phase, self.elapsed, self.step, self.fixed, self.shown = 0, 0.0, 0, None, 0.0
        self.shares()

    def shares(self):
        """Prints how often each kind is drawn."""
        w, c = np.diff(self.chances, prepend=0), self.corpus
        kinds = [f'{r} {w[c.kinds[c.train] == k].sum():.0%}' for k, r in enumerate(KIND_NAMES)]
        print(len(c.train), 'rows,', len(c.name_counts), 'names,', len(c.strings) - c.named, 'further nouns; drawn:', *kinds, f'mono {w[c.mono.numpy()[c.train]].sum():.0%}', flush=True)

    def tower(self, texts):
        """Texts -> unit vectors [B, embed] of the text transformer."""
        with torch.autocast('cpu', torch.bfloat16):
            y = self.model.text(clip.token_ids(self.tokenizer, texts, TRAINED))
        return F.normalize(y.float(), dim=1)

    def rows(self, n):
        return self.corpus.train[np.searchsorted(self.chances, self.rng.random(n)).clip(max=len(self.corpus.train) - 1)]

    @torch.inference_mode()
    def embed_fixed(self):
        """Rows [N] and their unit image vectors [N, embed], once, with the image encoder as it is."""
        rows = np.unique(self.rows(self.a.fixed))
        self.model.net.eval()
        out = []
        for k in range(0, len(rows), 512):
            part = rows[k : k + 512]
            x = Painter.plain(torch.from_numpy(self.corpus.images[part]), self.corpus.mono[part], 64)
            with torch.autocast('cpu', torch.bfloat16):
                out.append(F.normalize(self.model.net(x).float(), dim=1))
        self.model.net.train()
        print('fixed pictures', len(rows), flush=True)
        self.fixed = rows, torch.cat(out).clone()

    def target(self, ids):
        """What the head says of these strings: unit vectors [B, embed]."""
        return F.normalize(self.model.head(*self.corpus.texts(ids)), dim=1)

    def string_loss(self, n):
        """The text transformer says of any strings what the head says: nearly the same vectors, told apart as well."""
        pick = torch.from_numpy(self.rng.integers(len(self.corpus.strings), size=n))
        templates = ANY if self.rng.random() < 0.25 else NEUTRAL
        texts = [templates[self.rng.integers(len(templates))].format(s) if len(s) < 60 else s for s in (self.corpus.strings[i] for i in pick.tolist())]
        with torch.no_grad():
            target = self.target(pick)
        y = self.tower(texts)
        none = torch.zeros(n, n, dtype=torch.bool)
        return 4 * (1 - (y * target).sum(1).mean()) + 0.5 * contrastive_loss(30 * y @ target.T, (pick[:, None] == pick[None]).float(), none)

    def head_loss(self, image, pick, ids, match, left_out):
        """Pictures against the head's texts, half of which are mixed with a second one: between two names lie sensible places."""
        second = torch.from_numpy(np.array([self.corpus.own[i, self.rng.integers(max(1, (self.corpus.own[i] >= 0).sum()))] for i in pick]))
        mix = torch.from_numpy((self.rng.random((len(pick), 1)) < 0.5) * self.rng.random((len(pick), 1))).float() * 0.8
        target = F.normalize(self.target(ids) + mix * self.target(second.long()), dim=1)
        return contrastive_loss(self.model.head_scale.exp().clamp(max=100) * image @ target.T, match, left_out)

    def fixed_loss(self):
        """The first two phases: only texts learn, from pictures embedded once."""
        a, m = self.a, self.model
        at = self.rng.integers(len(self.fixed[0]), size=2 * a.batch)
        pick, image = self.fixed[0][at], self.fixed[1][torch.from_numpy(at)]
        ids, texts, told = self.corpus.draw(pick, self.rng, a.capname)
        match, left_out = self.corpus.matches(pick, ids, told)
        head_loss = self.head_loss(image, pick, ids, match, left_out)
        if PHASES[self.phase] == 'head':
            return head_loss
        y = self.tower(texts)
        with torch.no_grad():
            target = self.target(ids)
        loss = contrastive_loss(m.scale.exp().clamp(max=100) * image @ y.T, match, left_out) + 2 * (1 - (y * target).sum(1).mean())
        return loss + head_loss + 0.15 * self.kind_loss(image, pick) + self.string_loss(4 * a.strings)

    def kind_loss(self, image, pick):
        """Which kind of picture is it? Against one text a kind, less how often the kind is drawn (2007.07314)."""
        logits = self.model.scale.exp().clamp(max=100) * image @ self.tower(kind_texts(self.rng)).T
        return F.cross_entropy(logits + self.prior, torch.from_numpy(self.corpus.kinds[pick]))

    def drawn(self, px, frozen):
        """Rows of a batch, and unit vectors of their pictures, painted anew."""
        pick = self.rows(self.a.batch)
        x = self.painter.train(torch.from_numpy(self.corpus.images[pick]), self.corpus.mono[pick], px, self.a.strong, self.corpus.flips[pick])
        with torch.autocast('cpu', torch.bfloat16):
            image = self.model.net(x, frozen)
        return pick, F.normalize(image.float(), dim=1)

    def image_loss(self, px):
        """The second phase: image encoder and head."""
        pick, image = self.drawn(px, 0)
        ids, _, _ = self.corpus.draw(pick, self.rng, self.a.capname)
        match, left_out = self.corpus.matches(pick, ids, torch.full((len(pick),), -1))
        return self.head_loss(image, pick, ids, match, left_out)

    def joint_loss(self, px):
        """The last phase: everything learns."""
        a, m = self.a, self.model
        pick, image = self.drawn(px, a.frozen)
        ids, texts, told = self.corpus.draw(pick, self.rng, a.capname)
        match, left_out = self.corpus.matches(pick, ids, told)
        y = self.tower(texts)
        with torch.no_grad():
            target = self.target(ids)
        loss = contrastive_loss(m.scale.exp().clamp(max=100) * image @ y.T, match, left_out)
        self.shown = loss.item()
        loss = loss + 0.6 * self.head_loss(image, pick, ids, match, left_out) + 0.15 * self.kind_loss(image, pick)
        return loss + 0.5 * (1 - (y * target).sum(1).mean()) + 0.5 * self.string_loss(a.strings)

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
        state |= {'phase': self.phase, 'elapsed': self.elapsed, 'step': self.step, 'rng': self.rng.bit_generator.state, 'painter': self.painter.g.get_state()}
        torch.save(state, path + '.tmp')
        os.replace(path + '.tmp', path)

    def take_up(self):
        """The state that keep() wrote."""
        state = torch.load(f'{self.a.out}/checkpoint.pt', weights_only=False)
        self.model.load_state_dict(state['model'])
        self.average.load_state_dict(state['average'])
        self.phase, self.elapsed, self.step, self.fixed = state['phase'], state['elapsed'], state['step'], state['fixed']
        self.rng.bit_generator.state = state['rng']
        self.painter.g.set_state(state['painter'])
        self.optimizer.load_state_dict(state['optimizer'])
        print('resumed in phase', PHASES[self.phase], f'after {self.elapsed / 60:.1f} minutes', flush=True)

    def learn(self, minutes):
        """The phase that is on, until its time is over."""
        a, total, phase = self.a, minutes * 60, PHASES[self.phase]
        drawing = phase in ('image', 'joint')
        highest = {'image': a.image_lr, 'joint': a.lr}.get(phase, a.text_lr)
        steps = {'image': self.image_loss, 'joint': self.joint_loss}
        plan = [(int(px), float(share)) for px, share in (x.split(':') for x in (a.image_plan if phase == 'image' else a.plan).split(','))]
        began = last = kept = time.time()
        average, first_step = None, self.step
        while (done := self.elapsed / total if total else 1) < 1:
            lr = highest * min(1, (self.step - first_step + 1) / 40) * (0.49 * (1 + math.cos(math.pi * done)) + 0.02)
            for group in self.optimizer.param_groups:
                group['lr'] = lr * group.get('mult', 1)
            px = resolution(plan, done)
            loss = steps[phase](px) if drawing else self.fixed_loss()
            self.optimizer.zero_grad(set_to_none=True)
            loss.backward()
            torch.nn.utils.clip_grad_norm_([p for p in self.model.net.parameters() if p.grad is not None] or [self.model.scale], 1.0)
            torch.nn.utils.clip_grad_norm_([*self.model.text.parameters()], 1.0)
            self.optimizer.step()
            self.step += 1
            self.update_average()
            now = time.time()
            self.elapsed, last = self.elapsed + now - last, now
            value = np.array([loss.item(), self.shown])
            average = value if average is None else 0.97 * average + 0.03 * value
            if self.step % 25 == 0:
                speed = (self.step - first_step) * a.batch * (1 if drawing else 2) / (now - began)
                print(f'{PHASES[self.phase]} {self.step} px{px} loss {average[0]:.3f} clip {average[1]:.3f} scale {self.model.scale.exp().item():.1f} {speed:.0f}/s {done:.0%}', flush=True)
            if now - kept > a.keep * 60:
                self.keep()
                self.export()
                kept = now

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
        print_zero_shot(zero_shot(run.corpus, run.average.net, run.average.text, run.tokenizer))


if __name__ == '__main__':
    main()
