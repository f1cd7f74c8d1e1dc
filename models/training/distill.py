"""Trains CLIP's text transformer (2103.00020, section 2.4) to say what the text head of pretrain.py says, with its own small BPE.

  python3 distill.py build/corpus build/model.pt build/clip --minutes 15

Writes an open_clip checkpoint (open_clip_model.safetensors, open_clip_config.json, tokenizer.json) of both encoders into the last
folder, and scores it as pretrain.py does, through this tokenizer and transformer. It learns from the strings of the corpus, from
WordNet's nouns (words that name no picture of the corpus) and from templates around them.
"""

import argparse
import math
import os
import time

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

import clip
from evaluate import print_zero_shot, zero_shot
from model import CONTEXT, ModifiedResNet, TextTransformer, mixed
from pretrain import MAX_WORDS, Corpus, TextHead, contrastive_loss, equal, split_words
from texts import embed, wordnet_nouns

TRAINED = 14  # tokens in training: names are short, and a batch costs what its longest text costs
TEMPLATES = ['{}'] * 6 + ['{} icon', 'an icon of {}', 'a {}', 'the {}', 'a picture of a {}', 'a photo of a {}', 'a drawing of a {}', '{} emoji', '{} sprite', 'a {} logo', '{}s']


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument('corpus'), p.add_argument('checkpoint'), p.add_argument('out')
    p.add_argument('--wordnet', default='build/debian/root/wordnet-base', help='folder with index.noun somewhere below (default: %(default)s)')
    p.add_argument('--minutes', type=float, default=15), p.add_argument('--vocabulary', type=int, default=8192)
    p.add_argument('--width', type=int, default=256), p.add_argument('--layers', type=int, default=3)
    p.add_argument('--batch', type=int, default=1024), p.add_argument('--lr', type=float, default=2e-3), p.add_argument('--seed', type=int, default=0)
    a = p.parse_args()
    torch.manual_seed(a.seed)
    rng = np.random.default_rng(a.seed)
    corpus, checkpoint = Corpus(a.corpus), torch.load(a.checkpoint)
    args = checkpoint['args']
    head = TextHead(len(checkpoint['vocab']), args['text'], args['embed']).eval()
    head.load_state_dict(checkpoint['txt'])

    known = set(corpus.strings)
    nouns = [w for w in wordnet_nouns(a.wordnet) if w not in known]
    strings = corpus.strings + nouns
    teacher, words = [corpus.teacher], [corpus.words]
    if nouns:
        e = F.normalize(torch.from_numpy(embed(nouns)).float() - corpus.mean, dim=1)
        ids = torch.zeros(len(nouns), MAX_WORDS, dtype=torch.long)
        for i, s in enumerate(nouns):
            got = [corpus.vocab[w] for w in split_words(s) if w in corpus.vocab][:MAX_WORDS]
            ids[i, : len(got)] = torch.tensor(got)
        teacher, words = teacher + [e], words + [ids]
    with torch.inference_mode():
        teacher, words = torch.cat(teacher), torch.cat(words)
        targets = torch.cat([F.normalize(head(teacher[k : k + 8192], words[k : k + 8192]), dim=1) for k in range(0, len(strings), 8192)])
    targets = targets.clone()
    del teacher, words
    print(len(corpus.strings), 'strings of the corpus and', len(nouns), 'further nouns', flush=True)

    os.makedirs(a.out, exist_ok=True)
    tokenizer = clip.build_tokenizer(strings, a.vocabulary)
    text = TextTransformer(tokenizer.get_vocab_size(), a.width, a.layers, args['embed'])
    print('vocabulary', tokenizer.get_vocab_size(), 'parameters', sum(q.numel() for q in text.parameters()), flush=True)
    scale = nn.Parameter(torch.tensor(math.log(30.0)))
    optimizer = torch.optim.AdamW([{'params': text.parameters()}, {'params': [scale], 'weight_decay': 0}], a.lr, betas=(0.9, 0.98), weight_decay=0.02, fused=True)

    # half of the draws are names of pictures, the rest any string
    names = np.array(sorted(corpus.name_counts))
    start, step, average = time.time(), 0, None
    while (done := (time.time() - start) / (a.minutes * 60)) < 1:
        for group in optimizer.param_groups:
            group['lr'] = a.lr * min(1, (step + 1) / 100) * (0.5 * (1 + math.cos(math.pi * done)) * 0.98 + 0.02)
        pick = np.where(rng.random(a.batch) < 0.5, names[rng.integers(len(names), size=a.batch)], rng.integers(len(strings), size=a.batch))
        pick.sort()  # equal strings side by side is harmless: they match each other
        texts = [TEMPLATES[rng.integers(len(TEMPLATES))].format(strings[i]) for i in pick]
        with mixed('cpu'):
            y = text(clip.token_ids(tokenizer, texts, TRAINED))
        y, t = F.normalize(y.float(), dim=1), targets[torch.from_numpy(pick)]
        near = 1 - (y * t).sum(1).mean()
        loss = contrastive_loss(scale.exp().clamp(max=100) * y @ t.T, equal(torch.from_numpy(pick))) + 8 * near
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(text.parameters(), 1.0)
        optimizer.step()
        step += 1
        average = (loss.item(), near.item()) if average is None else (0.95 * average[0] + 0.05 * loss.item(), 0.95 * average[1] + 0.05 * near.item())
        if step % 50 == 0:
            print(f'{step} loss {average[0]:.3f} 1-cos {average[1]:.3f} {step * a.batch / (time.time() - start):.0f} texts/s {done:.0%}', flush=True)

    layers = list(map(int, args['layers'].split(',')))
    net = ModifiedResNet(layers, args['width'], 64, args['embed']).eval()
    net.load_state_dict(checkpoint['net'])
    config = {
        'embed_dim': args['embed'],
        'vision_cfg': {'image_size': 64, 'layers': layers, 'width': args['width']},
        'text_cfg': {'context_length': CONTEXT, 'vocab_size': tokenizer.get_vocab_size(), 'width': a.width, 'heads': a.width // 64, 'layers': a.layers},
    }
    clip.save(a.out, net, text, tokenizer, checkpoint['scale'], config)
    print_zero_shot(zero_shot(corpus, net.to(memory_format=torch.channels_last), text, tokenizer))


if __name__ == '__main__':
    main()
