"""Batches to learn from: which pictures, and what they are called. Drawn in processes beside the training where it has a GPU."""

import os
from typing import NamedTuple

import numpy as np
import torch
from torch.utils.data import DataLoader, IterableDataset, get_worker_info

import clip
from captions import ANY, NEUTRAL

TRAINED = 14  # tokens in training: names are short, and a batch costs what its longest texts cost
FEW = 4  # sets that a part of each batch comes from: some fifty pictures each at a batch of 384


class Draw(NamedTuple):
    """rows [B] of the pictures, ids [B] and tokens [B, n] of their texts, told [B]: the kind that each text tells, -1 for none;
    strings [S], string_tokens [S, n]: further strings that the text encoder learns."""

    rows: torch.Tensor
    ids: torch.Tensor
    tokens: torch.Tensor
    told: torch.Tensor
    strings: torch.Tensor
    string_tokens: torch.Tensor

    def to(self, device):
        return Draw(*(t.to(device, non_blocking=True) for t in self))


class Draws(IterableDataset):
    """Endless. share: how often a picture is called by its name; near: which part of a batch comes from a few sets, so that
    pictures are told apart by what they show and not by how they are drawn; seed: numbers that decide what is drawn."""

    def __init__(self, captions, chances, tokenizer, batch, strings, share, near, seed):
        self.captions, self.chances, self.tokenizer = captions, chances, tokenizer
        self.batch, self.strings, self.share, self.near, self.seed = batch, strings, share, near, seed
        names = np.array([captions.rows[i]['set'] for i in captions.train])
        order = np.argsort(names, kind='stable')
        self.sets = np.split(order, np.nonzero(names[order][1:] != names[order][:-1])[0] + 1)  # places in the training's rows
        self.weights = np.diff(chances, prepend=0)
        self.set_chances = np.array([self.weights[s].sum() for s in self.sets])

    def rows(self, rng, n):
        """n rows of the training, by their chances."""
        train = self.captions.train
        return train[np.searchsorted(self.chances, rng.random(n)).clip(max=len(train) - 1)]

    def rows_of_few_sets(self, rng, n):
        """n rows of the training from FEW sets, by the chances of sets and rows."""
        few = rng.choice(len(self.sets), size=min(FEW, len(self.sets)), replace=False, p=self.set_chances)
        places = np.concatenate([self.sets[k] for k in few])
        cumulated = np.cumsum(self.weights[places])
        return self.captions.train[places[np.searchsorted(cumulated, rng.random(n) * cumulated[-1]).clip(max=len(places) - 1)]]

    def further(self, rng, n):
        """n strings of any kind and their tokens, within templates."""
        pick = rng.integers(len(self.captions.strings), size=n)
        templates = ANY if rng.random() < 0.25 else NEUTRAL
        strings = [self.captions.strings[i] for i in pick]
        texts = [templates[rng.integers(len(templates))].format(s) if len(s) < 60 else s for s in strings]
        return torch.from_numpy(pick), clip.token_ids(self.tokenizer, texts, TRAINED)

    def captioned(self, rng, rows, strings):
        """-> Draw of these rows"""
        ids, texts, told = self.captions.draw(rows, rng, self.share)
        return Draw(torch.from_numpy(rows), ids, clip.token_ids(self.tokenizer, texts, TRAINED), told, *self.further(rng, strings))

    def __iter__(self):
        worker = get_worker_info()
        rng = np.random.default_rng([*self.seed, worker.id if worker else 0])
        while True:
            near = int(self.near * self.batch)
            yield self.captioned(rng, np.concatenate([self.rows(rng, self.batch - near), self.rows_of_few_sets(rng, near)]), self.strings)


def batches(draws, workers):
    """An iterator over Draws; with workers, so many processes draw ahead."""
    if workers:
        os.environ['TOKENIZERS_PARALLELISM'] = 'false'  # the processes are parallel enough
    return iter(DataLoader(draws, batch_size=None, num_workers=workers, prefetch_factor=4 if workers else None, pin_memory=torch.cuda.is_available()))
