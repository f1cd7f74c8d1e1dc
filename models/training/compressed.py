"""The pictures of a corpus, each compressed by itself, so that all of them fit into memory.

  python3 compressed.py CORPUS        writes images.zst and images.offsets.npy beside images.u8

334,000 pictures of 96 px take 12 GB as they are, and 1 to 2 GB so. Without these files trunk.py reads images.u8, whose random
reads are slow where other programs need the memory.
"""

import os
import sys

import numpy as np
import zstandard

LEVEL = 3


def compress(folder, images):
    """Writes images [n, side, side, 4] uint8 beside their corpus. Each file appears whole."""
    packer, offsets, end = zstandard.ZstdCompressor(LEVEL), [0], 0
    with open(f'{folder}/images.zst.tmp', 'wb') as f:
        for image in images:
            end += f.write(packer.compress(np.ascontiguousarray(image)))
            offsets.append(end)
    with open(f'{folder}/images.offsets.npy', 'wb') as f:
        np.save(f, np.array(offsets, np.int64))
    os.replace(f'{folder}/images.zst.tmp', f'{folder}/images.zst')


class Compressed:
    """Pictures by number, as numpy's memmap has them: pictures[i] is uint8 [side, side, 4]."""

    def __init__(self, folder, side):
        self.shape = (None, side, side, 4)
        self.bytes = np.fromfile(f'{folder}/images.zst', np.uint8)
        self.offsets = np.load(f'{folder}/images.offsets.npy')
        self.unpacker = zstandard.ZstdDecompressor()

    def __getitem__(self, i):
        packed = memoryview(self.bytes[self.offsets[i] : self.offsets[i + 1]])
        return np.frombuffer(self.unpacker.decompress(packed), np.uint8).reshape(self.shape[1:])


def pictures(folder, images):
    """The compressed pictures of a corpus where there are any, else the images themselves."""
    return Compressed(folder, images.shape[1]) if os.path.exists(f'{folder}/images.zst') else images


if __name__ == '__main__':
    from data import read

    compress(sys.argv[1], read(sys.argv[1])[1])
