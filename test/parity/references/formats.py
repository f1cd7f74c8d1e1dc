"""Writes small files of many formats with their pixels, for the tests of formats. Pillow, tifffile, imagecodecs
and psd-tools write them; AssetLens does not.

    python test/parity/references/formats.py
"""

import base64
import io
import json
import struct
import sys
import zipfile
import zlib
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


def tgas():
    for name, image, options in [
        ('colours.tga', rgb, {}),
        ('alpha-run-lengths.tga', rgba, {'compression': 'tga_rle'}),
        ('grey-top-down.tga', Image.fromarray(grey), {'orientation': 1}),
        ('palette.tga', rgb.quantize(20), {'compression': 'tga_rle'}),
    ]:
        image.save(folder / name, **options)
        add(name, image)
    five = (values.astype(int) * 31 + 127) // 255
    words = (five[:, :, 0] << 10 | five[:, :, 1] << 5 | five[:, :, 2]).astype('<u2')
    header = struct.pack('<BBB5xHHHHBB', 0, 0, 2, 0, 0, 24, 16, 16, 0x20)
    shown = Image.fromarray((five * 255 / 31).round().astype(np.uint8))
    add('16-bits.tga', shown, 1, header + words.tobytes())


def qois():
    add('alpha.qoi', rgba, 0, imagecodecs.qoi_encode(np.asarray(rgba)))
    add('colours.qoi', rgb, 0, imagecodecs.qoi_encode(values))


def pnms():
    rgb.save(folder / 'colours.ppm')
    add('colours.ppm', rgb, 0)
    grey_image = Image.fromarray(grey)
    grey_image.save(folder / 'grey.pgm')
    add('grey.pgm', grey_image, 0)
    bits = grey_image.point(lambda v: 255 if v > 128 else 0).convert('1')
    bits.save(folder / 'bits.pbm')
    add('bits.pbm', bits, 0)
    digits = '\n'.join(''.join('0' if v else '1' for v in row) for row in np.asarray(bits))
    add('text.pbm', bits, 0, f'P1\n# a comment\n24 16\n{digits}\n'.encode())
    numbers = ' '.join(str(int(v)) for v in values.flat)
    add('text.ppm', rgb, 0, f'P3 24 # width\n16\n255\n{numbers}'.encode())
    deep = values.astype('>u2') * 257
    add('16-bits.ppm', rgb, 0, b'P6\n24 16\n65535\n' + deep.tobytes())
    head = b'P7\nWIDTH 24\nHEIGHT 16\nDEPTH 4\nMAXVAL 255\nTUPLTYPE RGB_ALPHA\nENDHDR\n'
    add('alpha.pam', rgba, 0, head + rgba.tobytes())


def runs(plane):
    """The run lengths of icons: literals below 128, then repetitions of 3 to 130 bytes."""
    out, i, values = b'', 0, plane.tobytes()
    while i < len(values):
        run = 1
        while i + run < len(values) and values[i + run] == values[i] and run < 130:
            run += 1
        if run >= 3:
            out += bytes([run + 125, values[i]])
            i += run
        else:
            out += bytes([0, values[i]])
            i += 1
    return out


def icon_files():
    square = rgba.crop((0, 0, 16, 16))
    large = square.resize((128, 128), Image.Resampling.NEAREST)
    png = io.BytesIO()
    large.save(png, 'PNG')
    block = lambda name, data: name + struct.pack('>I', len(data) + 8) + data
    add('png.icns', large, 0, b'icns' + struct.pack('>I', png.tell() + 16) + block(b'ic07', png.getvalue()))
    channels = [np.asarray(square)[:, :, i].copy() for i in range(4)]
    old = block(b'is32', b''.join(runs(c) for c in channels[:3])) + block(b's8mk', channels[3].tobytes())
    add('run-lengths.icns', square, 0, b'icns' + struct.pack('>I', len(old) + 8) + old)
    new = block(b'ic04', b'ARGB' + b''.join(runs(channels[i]) for i in [3, 0, 1, 2]))
    add('argb.icns', square, 0, b'icns' + struct.pack('>I', len(new) + 8) + new)
    jpeg2000 = block(b'ic08', bytes.fromhex('0000000c6a5020200d0a870a') + bytes(40))
    (folder / 'jpeg-2000.icns').write_bytes(b'icns' + struct.pack('>I', len(jpeg2000) + 8) + jpeg2000)


def archives():
    merged = io.BytesIO()
    rgba.save(merged, 'PNG')
    for name, mime_type in [('merged.ora', 'image/openraster'), ('merged.kra', 'application/x-krita')]:
        with zipfile.ZipFile(folder / name, 'w', zipfile.ZIP_DEFLATED) as archive:
            archive.writestr('mimetype', mime_type, zipfile.ZIP_STORED)
            archive.writestr('stack.xml', '<image/>')
            archive.writestr('mergedimage.png', merged.getvalue())
        add(name, rgba, 0)
    with zipfile.ZipFile(folder / 'no-merged-image.kra', 'w') as archive:
        archive.writestr('mimetype', 'application/x-krita')


def tone_mapped(light):
    """Reinhard et al. 2002, equations 1, 2 and 4, and the curve of sRGB."""
    luminance = light @ [0.2126, 0.7152, 0.0722]
    scaled = 0.18 / np.exp(np.log(1e-6 + luminance).mean()) * luminance
    mapped = scaled * (1 + scaled / scaled.max() ** 2) / (1 + scaled)
    colours = light * np.divide(mapped, luminance, out=np.zeros_like(mapped), where=luminance > 0)[:, :, None]
    colours = colours.clip(0, 1)
    curve = np.where(colours <= 0.0031308, 12.92 * colours, 1.055 * colours ** (1 / 2.4) - 0.055)
    return Image.fromarray((255 * curve).round().astype(np.uint8))


def hdrs():
    light = (values / 255) ** 2.2 * np.linspace(0.5, 40, 24)[None, :, None]
    exponent = np.floor(np.log2(np.maximum(light.max(axis=2), 1e-30))).astype(int) + 1
    mantissas = np.floor(light / 2.0 ** exponent[:, :, None] * 256).astype(np.uint8)
    pixels = np.concatenate([mantissas, (exponent + 128).astype(np.uint8)[:, :, None]], axis=2)
    shown = tone_mapped(mantissas * 2.0 ** (exponent[:, :, None] - 8))
    head = b'#?RADIANCE\nFORMAT=32-bit_rle_rgbe\n\n-Y 16 +X 24\n'
    add('plain.hdr', shown, 1, head + pixels.tobytes())
    data = b''
    for row in pixels:
        data += bytes([2, 2, 0, 24])
        for channel in range(4):
            first = row[:, channel].tobytes()
            data += bytes([20]) + first[:20]
            same = len(set(first[20:])) == 1
            data += bytes([132, first[20]]) if same else bytes([4]) + first[20:]
    add('run-lengths.hdr', shown, 1, head + data)


def dds_files():
    for name, image, options in [
        ('bc1.dds', rgb, {'pixel_format': 'DXT1'}),
        ('bc2.dds', rgba, {'pixel_format': 'DXT3'}),
        ('bc3.dds', rgba.crop((0, 0, 22, 15)), {'pixel_format': 'DXT5'}),
        ('bc3-extended.dds', rgba, {'pixel_format': 'BC3'}),
        ('bc5.dds', rgb, {'pixel_format': 'BC5'}),
        ('32-bits.dds', rgba, {}),
        ('24-bits.dds', rgb, {}),
        ('grey.dds', Image.fromarray(grey), {}),
    ]:
        image.save(folder / name, **options)
        add(name, Image.open(folder / name), 2)
    extended = bytearray((folder / 'bc3-extended.dds').read_bytes())
    extended[128] = 98
    (folder / 'bc7.dds').write_bytes(bytes(extended))


def aseprite_bytes(bits, layers, frames, chunks=b'', transparent=0):
    """layers: (flags, type, level, blend, opacity); frames: lists of (layer, x, y, opacity, Image or array or frame)"""
    chunk = lambda kind, data: struct.pack('<IH', len(data) + 6, kind) + data
    body = b''
    for i, cels in enumerate(frames):
        parts = []
        if i == 0:
            for flags, kind, level, blend, opacity in layers:
                data = struct.pack('<HHHHHHB3xH', flags, kind, level, 0, 0, blend, opacity, 1) + b'x'
                parts.append(chunk(0x2004, data))
            if chunks:
                parts.append(chunks)
        for layer, x, y, opacity, content in cels:
            if isinstance(content, int):
                data = struct.pack('<HhhBHh5xH', layer, x, y, opacity, 1, 0, content)
            else:
                array = np.asarray(content)
                pixels = zlib.compress(array.tobytes())
                data = struct.pack('<HhhBHh5xHH', layer, x, y, opacity, 2, 0, array.shape[1], array.shape[0]) + pixels
            parts.append(chunk(0x2005, data))
        frame = b''.join(parts)
        body += struct.pack('<IHHH2xI', len(frame) + 16, 0xF1FA, len(parts), 100, len(parts)) + frame
    head = struct.pack('<IHHHHHIH8xB', len(body) + 128, 0xA5E0, len(frames), 24, 16, bits, 1, 100, transparent)
    return head.ljust(128, b'\0') + body


def sprites():
    dot = Image.new('RGBA', (6, 4), (250, 200, 0, 255))
    shown = rgba.copy()
    faded = Image.new('RGBA', (6, 4), (250, 200, 0, 128))
    shown.alpha_composite(faded, (3, 5))
    hidden = Image.new('RGBA', (24, 16), 'lime')
    layers = [(1, 0, 0, 0, 255), (0, 1, 0, 0, 255), (1, 0, 1, 0, 255), (1, 0, 0, 0, 128)]
    blank = Image.new('RGBA', (1, 1), (0, 0, 0, 0))
    frames = [[(0, 0, 0, 255, blank)], [(0, 0, 0, 255, rgba), (2, 0, 0, 255, hidden), (3, 3, 5, 255, dot)]]
    add('layers.aseprite', shown, 2, aseprite_bytes(32, layers, frames))
    linked = [[(0, 0, 0, 255, rgb.convert('RGBA'))], [(0, 0, 0, 255, 0)]]
    add('linked.aseprite', rgb, 0, aseprite_bytes(32, layers[:1], linked))
    indexed = rgb.quantize(30)
    colours = np.array(indexed.getpalette(), np.uint8).reshape(-1, 3)
    entries = b''.join(struct.pack('<H4B', 0, *colour, 255) for colour in colours)
    palette = struct.pack('<III8x', len(colours), 0, len(colours) - 1) + entries
    palette = struct.pack('<IH', len(palette) + 6, 0x2019) + palette
    add('indexed.ase', indexed, 0, aseprite_bytes(8, layers[:1], [[(0, 0, 0, 255, indexed)]], palette, transparent=255))


for group in [tiffs, animations, jpegs, psds, tgas, qois, pnms, icon_files, archives, hdrs, dds_files, sprites]:
    group()
(folder / 'expected.json').write_text(json.dumps(expected, indent=1) + '\n')
print(f'{len(expected)} files', file=sys.stderr)
