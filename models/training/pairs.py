"""Which texts hold for which pictures, and what the text head reads of them: tensors on the device that trains."""

import torch


class Pairs:
    """Of a corpus (captions.py), rows and strings by their numbers."""

    def __init__(self, captions, device):
        self.strings = len(captions.strings)
        self.teacher, self.words = captions.teacher.to(device), captions.words.to(device)
        self.own = torch.from_numpy(captions.own).to(device)
        self.names = torch.from_numpy(captions.names).to(device)
        self.kinds = torch.from_numpy(captions.kinds).to(device)
        self.mono, self.flips = captions.mono.to(device), captions.flips.to(device)

    def texts(self, ids):
        """What the text head reads of these strings."""
        return self.teacher[ids], self.words[ids]

    def another(self, rows, chance):
        """Of each row one of its strings; chance: numbers below 1 [B] that decide which."""
        own = self.own[rows].long()
        at = (chance * (own >= 0).sum(1)).long()
        return own.gather(1, at[:, None]).squeeze(1)

    def holds(self, rows, ids):
        """Whether each string [columns] is one of the words of each row [rows] -> bool [rows, columns]"""
        unique, column = ids.unique(return_inverse=True)
        at = torch.full((self.strings + 1,), len(unique), device=ids.device)  # where what is asked for by nobody goes, and the padding
        at[unique] = torch.arange(len(unique), device=ids.device)
        found = torch.zeros(len(rows), len(unique) + 1, dtype=torch.bool, device=ids.device)
        found.scatter_(1, at[self.own[rows].long()], True)
        return found[:, column]

    def matches(self, rows, ids, told):
        """Which texts [B, columns] hold for which pictures [B, rows]: 1 same name, 0.5 a tag of it, else 0;
        and which pairs to leave out: the text holds, but for a picture of another kind."""
        names, kinds = self.names[rows], self.kinds[rows]
        match = self.holds(rows, ids).float() * 0.5
        match[names[:, None] == names[None]] = 1
        match.fill_diagonal_(1)
        other = (told[None] >= 0) & (told[None] != kinds[:, None])
        return match * ~other, (match > 0) & other
