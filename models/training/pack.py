"""Packs a corpus into parts small enough to carry to another machine, and unpacks it there.

  python3 pack.py build/corpus build/packed --megabytes 30       300 MB for the whole corpus, in five minutes of one core
  python3 pack.py --unpack build/packed build/corpus             seconds on many cores

Pictures stay what they are (lossless WebP), the teacher's embeddings become eight-bit, and WordNet's nouns, which training reads, travel along.
"""

import argparse
import glob
import io
import json
import os
import zipfile
from multiprocessing import Pool

import numpy as np
from PIL import Image

SIDE, CHUNK = 64, 500
TEXTS = ('rows.jsonl', 'strings.json', 'nouns.json')
VECTORS = ('minilm.npy', 'nouns.npy')


def encoded(pictures):
    """[n, 64, 64, 4] uint8 -> their WebP files"""
    out = []
    for picture in pictures:
        file = io.BytesIO()
        Image.fromarray(picture).save(file, 'webp', lossless=True, exact=True, method=4)
        out.append(file.getvalue())
    return out


def decoded(files):
    """WebP files -> the bytes of their pictures, one after the other"""
    return b''.join(Image.open(io.BytesIO(f)).convert('RGBA').tobytes() for f in files)


def as_bytes(vectors):
    """float [n, d] -> int8 [n, d] and the size of a step of each vector, float16 [n]"""
    vectors = np.asarray(vectors, np.float32)
    step = np.maximum(np.abs(vectors).max(1) / 127, 1e-6).astype(np.float16)
    return np.clip(np.round(vectors / step[:, None].astype(np.float32)), -127, 127).astype(np.int8), step


def pack(corpus, wordnet, out, size, processes):
    """Writes OUT/part-00, part-01, ... of at most `size` bytes: together a zip."""
    with open(f'{corpus}/rows.jsonl') as f:
        count = sum(1 for _ in f)
    images = np.memmap(f'{corpus}/images.u8', np.uint8, 'r', shape=(count, SIDE, SIDE, 4))
    os.makedirs(out, exist_ok=True)
    whole, lengths = f'{out}/whole.zip', []
    with zipfile.ZipFile(whole, 'w', zipfile.ZIP_STORED) as z, Pool(processes) as pool:
        with z.open('pictures', 'w', force_zip64=True) as pictures:
            for files in pool.imap(encoded, (np.array(images[k : k + CHUNK]) for k in range(0, count, CHUNK))):
                lengths += map(len, files)
                pictures.write(b''.join(files))
        z.writestr('lengths', np.array(lengths, '<u4').tobytes(), zipfile.ZIP_LZMA)
        for name in TEXTS:
            z.write(f'{corpus}/{name}', name, zipfile.ZIP_LZMA)
        for name in VECTORS:
            for kind, array in zip(('vectors', 'steps'), as_bytes(np.load(f'{corpus}/{name}'))):
                with z.open(f'{name}.{kind}', 'w') as f:
                    np.save(f, array)
        for path in sorted(glob.glob(f'{wordnet}/**/*.noun', recursive=True)):
            z.write(path, f'wordnet/{os.path.basename(path)}', zipfile.ZIP_LZMA)
    for old in glob.glob(f'{out}/part-*'):
        os.remove(old)
    with open(whole, 'rb') as f:
        number = 0
        while part := f.read(size):
            with open(f'{out}/part-{number:02d}', 'wb') as o:
                o.write(part)
            number += 1
    os.remove(whole)
    return count, number


def unpack(packed, corpus, processes):
    """The corpus again, and WordNet's nouns in CORPUS/wordnet."""
    parts = sorted(glob.glob(f'{packed}/part-*'))
    if not parts:
        raise SystemExit(f'no parts in {packed}: run pack.py there where the corpus is, and bring them')
    lacking = f'{packed} lacks parts: there are {len(parts)}, from {os.path.basename(parts[0])} to {os.path.basename(parts[-1])}'
    if os.path.basename(parts[-1]) != f'part-{len(parts) - 1:02d}':
        raise SystemExit(lacking)
    os.makedirs(corpus, exist_ok=True)
    whole = f'{corpus}/whole.zip'
    with open(whole, 'wb') as o:
        for part in parts:
            with open(part, 'rb') as f:
                o.write(f.read())
    try:
        z = zipfile.ZipFile(whole)
    except zipfile.BadZipFile:
        raise SystemExit(lacking) from None
    with z, Pool(processes) as pool:
        for name in z.namelist():
            if name in TEXTS or name.startswith('wordnet/'):
                z.extract(name, corpus)
        for name in VECTORS:
            vectors, steps = (np.load(io.BytesIO(z.read(f'{name}.{kind}'))) for kind in ('vectors', 'steps'))
            np.save(f'{corpus}/{name}', (vectors * steps[:, None].astype(np.float32)).astype(np.float16))
        lengths = np.frombuffer(z.read('lengths'), '<u4').tolist()
        with z.open('pictures') as pictures, open(f'{corpus}/images.u8', 'wb') as images:
            chunks = ([pictures.read(n) for n in lengths[k : k + CHUNK]] for k in range(0, len(lengths), CHUNK))
            for pixels in pool.imap(decoded, chunks):
                images.write(pixels)
    os.remove(whole)
    return len(lengths)


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument('source', help='folder of the corpus; with --unpack that of the parts')
    p.add_argument('target', help='folder of the parts; with --unpack that of the corpus')
    p.add_argument('--unpack', action='store_true', help='from parts to a corpus')
    p.add_argument('--megabytes', type=float, default=30, help='of a part (default: %(default)s)')
    p.add_argument('--wordnet', default='build/debian/root/wordnet-base', help='the unpacked package (default: %(default)s)')
    p.add_argument('--processes', type=int, default=os.cpu_count(), help='(default here: %(default)s)')
    a = p.parse_args()
    if a.unpack:
        print(unpack(a.source, a.target, a.processes), 'pictures in', a.target, json.dumps(sorted(os.listdir(a.target))))
    else:
        count, parts = pack(a.source, a.wordnet, a.target, int(a.megabytes * 1e6), a.processes)
        print(count, 'pictures in', parts, 'parts')


if __name__ == '__main__':
    main()
