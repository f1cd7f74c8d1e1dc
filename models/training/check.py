"""Does open_clip load the checkpoint without a missing key, and say the same?

  python3 check.py build/joint/clip
"""

import sys

import open_clip
import torch
from safetensors.torch import load_file

import clip


def main():
    folder = sys.argv[1] if len(sys.argv) > 1 else 'build/joint/clip'
    net, text, tokenizer, scale, config = clip.load(folder)
    tensors = {k: v.float() for k, v in load_file(f'{folder}/open_clip_model.safetensors').items()}
    theirs = open_clip.model.CLIP(**config).eval()
    keys = theirs.load_state_dict(tensors, strict=False)
    print('missing', [k for k in keys.missing_keys if 'attn_mask' not in k], 'unexpected', keys.unexpected_keys)
    assert all(v.isfinite().all() for v in tensors.values())
    ids = clip.token_ids(tokenizer, ['cat', 'shopping cart', 'an icon of a traffic light', 'a screenshot of a settings dialog'])
    padded = torch.zeros(len(ids), config['text_cfg']['context_length'], dtype=torch.long)
    padded[:, : ids.shape[1]] = ids
    pictures = torch.randn(4, 3, 64, 64)
    with torch.inference_mode():
        a, b = net.eval()(pictures), theirs.encode_image(pictures)
        c, d = text.eval()(ids), theirs.encode_text(padded)
    print(f'largest difference: pictures {(a - b).abs().max():.2e} of {b.abs().max():.2f}, texts {(c - d).abs().max():.2e} of {d.abs().max():.2f}; scale {scale.exp():.2f}')


if __name__ == '__main__':
    main()
