"""The mean of the weights of two checkpoints, of which one went on from the other (model soups, 2203.05482).

  python3 mean.py ../assetlens-icons build/joint/clip build/mean --share .4
"""

import argparse

import torch

import clip


def between(a, b, share):
    """a's state with so much of b's in it; counters are a's."""
    return {k: torch.lerp(v, b[k], share) if v.is_floating_point() else v for k, v in a.items()}


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument('first', help='folder of an open_clip checkpoint')
    p.add_argument('second', help='folder of another, with the same tokenizer')
    p.add_argument('out', help='folder to write')
    p.add_argument('--share', type=float, default=0.5, help='of the second (default: %(default)s)')
    a = p.parse_args()
    net, text, tokenizer, scale, config = clip.load(a.first)
    net2, text2, tokenizer2, scale2, _ = clip.load(a.second)
    if tokenizer.get_vocab() != tokenizer2.get_vocab():
        p.error('their tokenizers differ')
    net.load_state_dict(between(net.state_dict(), net2.state_dict(), a.share))
    text.load_state_dict(between(text.state_dict(), text2.state_dict(), a.share))
    clip.save(a.out, net, text, tokenizer, torch.lerp(scale, scale2, a.share), config)


if __name__ == '__main__':
    main()
