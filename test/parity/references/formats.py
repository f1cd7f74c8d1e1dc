"""Writes small files of many formats with their pixels, for the tests of formats. Pillow, tifffile, OpenEXR and
psd-tools write and read them; AssetLens does not.

    python test/parity/references/formats.py
"""

import base64
import json
import struct
import sys
from pathlib import Path

import imagecodecs
import numpy as np
import tifffile
from PIL import Image, ImageDraw
from psd_tools import PSDImage
from psd_tools.constants import Compression

folder = Path(__file__).parent.parent / 'fixtures' / 'formats'
folder.mkdir(parents=True, exist_ok=True)
expected = {}


def picture(mode='RGBA'):
    """24 x 16 pixels: a red disc, a blue bar, a gradient, on nothing or on white."""
    image = Image.new('RGBA', (24, 16), (0, 0, 0, 0) if mode == 'RGBA' else 'white')
    draw = ImageDraw.Draw(image)
    draw.ellipse([2, 2, 11, 11], fill=(220, 30, 40, 255))
    draw.rectangle([14, 1, 17, 14], fill=(20, 60, 230, 255))
    for x in range(24):
        draw.point((x, 15), (10 * x, 255 - 10 * x, 100, 255))
    if mode == 'RGBA':
        draw.rectangle([19, 4, 22, 9], fill=(0, 160, 80, 128))
    return image if mode == 'RGBA' else image.convert(mode)


def add(name, image, tolerance=1, data=None):
    """Registers a file with its right pixels, as RGBA."""
    if data is not None:
        (folder / name).write_bytes(data)
    rgba = image.convert('RGBA')
    pixels = base64.b64encode(rgba.tobytes()).decode()
    expected[name] = {'width': rgba.width, 'height': rgba.height, 'tolerance': tolerance, 'rgba': pixels}


rgb, rgba = picture('RGB'), picture()
values = np.asarray(rgb)
grey = np.asarray(rgb.convert('L'))


def tiff(name, array, shown, tolerance=1, **options):
    tifffile.imwrite(folder / name, array, metadata=None, **options)
    add(name, shown, tolerance)


def tiffs():
    tiff('zstd.tif', values, rgb, photometric='rgb', compression='zstd', rowsperstrip=5)
    tiff('zstd-tiles.tif', values, rgb, photometric='rgb', compression='zstd', predictor=True, tile=(16, 16))
    tiff('zstd-planes.tif', values.transpose(2, 0, 1).copy(), rgb, photometric='rgb', planarconfig='separate', compression='zstd')
    tiff('zstd-big.tif', values, rgb, photometric='rgb', compression='zstd', bigtiff=True, byteorder='>')
    tiff('float-grey.tif', (grey / 255).astype(np.float32), Image.fromarray(grey))
    linear = np.where(values / 255 <= 0.04045, values / 255 / 12.92, ((values / 255 + 0.055) / 1.055) ** 2.4)
    tiff('float-colours.tif', linear.astype(np.float32), rgb, photometric='rgb', compression='zstd', predictor=True)
    tiff('float-bytes.tif', values.astype(np.float32), rgb, photometric='rgb')
    heights = grey.astype(np.float32) * 12 - 100
    stretched = (grey.astype(float) - grey.min()) / (int(grey.max()) - int(grey.min())) * 255
    tiff('float-heights.tif', heights, Image.fromarray(stretched.round().astype(np.uint8)))
    tifffile.imwrite(folder / 'lzma.tif', values, photometric='rgb', compression='lzma', metadata=None)


def animations():
    """Frame 1 is blank, the last one shows most."""
    frames = []
    for i in range(6):
        frame = Image.new('RGBA', (24, 16), (0, 0, 0, 0))
        if i > 0:
            ImageDraw.Draw(frame).rectangle([10 - i, 8 - i, 11 + 2 * i, 8 + i], fill=(200, 20, 20, 255))
        frames.append(frame)
    last = frames[-1]
    options = {'save_all': True, 'append_images': frames[1:], 'duration': 100}
    frames[0].save(folder / 'blank-first.gif', disposal=2, **options)
    frames[0].save(folder / 'blank-first.webp', lossless=True, **options)
    frames[0].save(folder / 'blank-first.apng', format='PNG', **options)
    frames[0].save(folder / 'dispose.apng', format='PNG', disposal=1, blend=1, **options)
    for name in ['blank-first.gif', 'blank-first.webp', 'blank-first.apng', 'dispose.apng']:
        add(name, last)
    rgb.save(folder / 'animated.avif', save_all=True, append_images=[rgb.rotate(180)] * 2, quality=100, subsampling='4:4:4')
    add('animated.avif', rgb, 3)


def jpegs():
    for name, options in [('baseline', {}), ('progressive', {'progressive': True})]:
        path = folder / f'{name}-without-end.jpg'
        rgb.save(path, quality=95, subsampling=0, **options)
        add(path.name, Image.open(path), 2)
        path.write_bytes(path.read_bytes()[:-2])


def psd_bytes(planes, mode, bits, transparency=False, large=False, compression=1, palette=b'', resources=b''):
    """A file of one merged picture. psd-tools checks it."""
    count, height, width = planes.shape
    word = '>Q' if large else '>I'
    header = struct.pack('>4sH6xHIIHH', b'8BPS', 2 if large else 1, count, height, width, bits, mode)
    layers = struct.pack(word, 2) + struct.pack('>h', -1 if transparency else 0) if transparency else b''
    body = struct.pack('>I', len(palette)) + palette + struct.pack('>I', len(resources)) + resources
    body += struct.pack(word, len(layers)) + layers + struct.pack('>H', compression)
    rows = [row.astype('>u2' if bits == 16 else 'u1').tobytes() for plane in planes for row in plane]
    if compression == 1:
        rows = [imagecodecs.packbits_encode(row) for row in rows]
        body += b''.join(struct.pack('>I' if large else '>H', len(row)) for row in rows)
    return header + body + b''.join(rows)


def psds():
    planes = values.transpose(2, 0, 1)
    PSDImage.frompil(rgb, compression=Compression.RLE).save(folder / 'psd-tools.psd')
    add('psd-tools.psd', rgb)
    add('raw-16-bits.psd', rgb, 1, psd_bytes(planes.astype(int) * 257, 3, 16, compression=0))
    add('large.psb', rgb, 1, psd_bytes(planes, 3, 8, large=True))
    add('grey.psd', Image.fromarray(grey), 1, psd_bytes(grey[None], 1, 8))
    # A fourth channel is a saved selection unless the number of layers is negative.
    selection = np.concatenate([planes, np.full((1, 16, 24), 77, np.uint8)])
    add('selection.psd', rgb, 1, psd_bytes(selection, 3, 8))
    colours = np.asarray(rgba).astype(float)
    alpha = colours[:, :, 3:] / 255
    matted = (colours[:, :, :3] * alpha + 255 * (1 - alpha)).round().astype(np.uint8)
    merged = np.concatenate([matted, np.asarray(rgba)[:, :, 3:]], axis=2).transpose(2, 0, 1)
    add('transparent.psd', rgba, 3, psd_bytes(merged, 3, 8, transparency=True))
    indexed = rgb.quantize(64)
    palette = np.zeros((256, 3), np.uint8)
    used = np.array(indexed.getpalette(), np.uint8).reshape(-1, 3)
    palette[: len(used)] = used
    add('indexed.psd', indexed.convert('RGB'), 1, psd_bytes(np.asarray(indexed)[None], 2, 8, palette=palette.T.tobytes()))
    inks = np.array([[[0, 0, 0, 0], [0, 0, 0, 255]] * 4] * 4, np.uint8).transpose(2, 0, 1)
    black = Image.fromarray(np.array([[255, 36] * 4] * 4, np.uint8))
    add('cmyk.psd', black, 40, psd_bytes(255 - inks, 4, 8))
    no_merged = struct.pack('>4sHHI', b'8BIM', 1057, 0, 5) + b'\0\0\0\1\0\0'
    (folder / 'no-merged-picture.psd').write_bytes(psd_bytes(planes, 3, 8, resources=no_merged))


for group in [tiffs, animations, jpegs, psds]:
    group()
(folder / 'expected.json').write_text(json.dumps(expected, indent=1) + '\n')
print(f'{len(expected)} files', file=sys.stderr)
