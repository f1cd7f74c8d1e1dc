"""Game art as a corpus of its own: OUT/images.u8, rows.jsonl and attribution.json, the row format of README.md.

  python3 sprites.py game-art.zip [--out build/art]

The archive has rows.jsonl (file, set, name, licence, kind) and a PNG each. Two tile sets are held out for the score. SIDE, an
environment variable, is how large the pictures become (default 64); small ones are enlarged by a whole factor and stay sharp.
"""

import argparse
import io
import json
import os
import zipfile
from collections import Counter

import numpy as np
from PIL import Image

SIDE = int(os.environ.get('SIDE') or 64)
HELD_OUT = {'cdda-retrodays', 'cdda-brownlikebears'}
SOURCES = {
    'cdda': ('Cataclysm: Dark Days Ahead tile set', 'https://github.com/CleverRaven/Cataclysm-DDA', 'the contributors of Cataclysm: Dark Days Ahead'),
    'kenney': ('Kenney game assets', 'https://kenney.nl', 'Kenney'),
}


def fitted(image, side):
    """An RGBA picture in the middle of a transparent square of this side."""
    longest = max(image.size)
    if longest <= side // 2:
        image = image.resize((image.width * (side // longest), image.height * (side // longest)), Image.NEAREST)
    elif longest > side:
        image = image.resize((max(1, round(image.width * side / longest)), max(1, round(image.height * side / longest))), Image.LANCZOS)
    square = Image.new('RGBA', (side, side))
    square.paste(image, ((side - image.width) // 2, (side - image.height) // 2))
    return np.asarray(square)


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument('archive')
    p.add_argument('--out', default='build/art', help='folder of the corpus (default: %(default)s)')
    a = p.parse_args()
    os.makedirs(a.out, exist_ok=True)
    sets = {}
    with zipfile.ZipFile(a.archive) as archive, open(f'{a.out}/images.u8', 'wb') as images, open(f'{a.out}/rows.jsonl', 'w') as lines:
        for row in map(json.loads, archive.read('rows.jsonl').decode().splitlines()):
            split = 'eval' if row['set'] in HELD_OUT else 'train'
            images.write(fitted(Image.open(io.BytesIO(archive.read(row['file']))).convert('RGBA'), SIDE).tobytes())
            new = {'set': row['set'], 'id': row['source'], 'name': row['name'], 'tags': [], 'tagSource': None, 'category': None}
            lines.write(json.dumps({**new, 'kind': row['kind'], 'mono': False, 'licence': row['licence'], 'split': split}, ensure_ascii=False) + '\n')
            name, url, author = SOURCES[row['set'].split('-')[0]]
            sets.setdefault(row['set'], {'rows': 0, 'name': f'{name} ({row["set"]})', 'licence': row['licence'], 'author': author, 'url': url, 'split': split})['rows'] += 1
    with open(f'{a.out}/attribution.json', 'w') as f:
        json.dump(sets, f, indent=1)
    print(Counter({s: e['rows'] for s, e in sets.items()}))


if __name__ == '__main__':
    main()
