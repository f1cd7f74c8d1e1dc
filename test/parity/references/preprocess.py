"""Writes test/parity/fixtures/preprocess: images made from seeds in every format, and what they become for an image encoder.

    python test/parity/references/preprocess.py

The reference is Pillow with torchvision's Resize and CenterCrop, as in the paper's code; numpy where those have no counterpart.
Needs: pip install numpy pillow torchvision.
"""

import io
import json
import math
import struct
import zlib
from pathlib import Path

import numpy as np
from PIL import Image, ImageCms, ImageDraw, ImageFilter
from torchvision.transforms import CenterCrop, InterpolationMode, Resize
from torchvision.transforms.functional import pad

FOLDER = Path(__file__).parents[1] / 'fixtures/preprocess'
WHITE = [255, 255, 255]
cases = []


def photo(width, height, seed):
    """A picture with smooth shading, texture, soft and hard edges, as a photograph has."""
    rng = np.random.default_rng(seed)
    image = np.zeros((height, width, 3))
    for octave in range(5):
        cells = 3 * 2**octave
        noise = rng.integers(0, 256, (cells, cells, 3), dtype=np.uint8)
        layer = Image.fromarray(noise).resize((width, height), Image.Resampling.BICUBIC)
        image += np.asarray(layer, float) / 2**octave / 1.94
    picture = Image.fromarray(np.clip(image, 0, 255).astype(np.uint8))
    draw = ImageDraw.Draw(picture)
    for _ in range(12):
        x, y, r = rng.integers(0, width), rng.integers(0, height), rng.integers(3, max(4, min(width, height) // 4))
        colour = tuple(int(c) for c in rng.integers(0, 256, 3))
        if rng.random() < 0.5:
            draw.ellipse([x - r, y - r, x + r, y + r], fill=colour)
        else:
            draw.line([x - r, y, x + r, y + r], fill=colour, width=2)
    return picture.filter(ImageFilter.GaussianBlur(0.4))


def icon(width, height, colour, seed=5):
    """A drawing of one colour with soft edges on nothing."""
    big = Image.new('L', (width * 8, height * 8))
    rng = np.random.default_rng(seed)
    draw = ImageDraw.Draw(big)
    draw.ellipse([width, height, width * 7, height * 7], outline=255, width=width)
    draw.line([int(v) for v in rng.integers(0, 8 * min(width, height), 4)], fill=255, width=width)
    alpha = big.resize((width, height), Image.Resampling.BOX)
    picture = Image.new('RGBA', (width, height), (*colour, 0))
    picture.putalpha(alpha)
    return picture


def over(picture, background):
    """RGBA on an opaque colour."""
    rgba = np.asarray(picture.convert('RGBA'), float)
    alpha = rgba[..., 3:] / 255
    return Image.fromarray(np.rint(rgba[..., :3] * alpha + np.array(background) * (1 - alpha)).astype(np.uint8))


def fitted(rgb, size, resize, background=WHITE):
    """What torchvision and open_clip make of an RGB picture, bicubic."""
    bicubic = InterpolationMode.BICUBIC
    if resize == 'shortest':
        return CenterCrop(size)(Resize(size, bicubic)(rgb))
    if resize == 'squash':
        return Resize((size, size), bicubic)(rgb)
    scale = size / max(rgb.size)
    width, height = (max(1, round(side * scale)) for side in rgb.size)
    x, y = size - width, size - height
    return pad(Resize((height, width), bicubic)(rgb), [x // 2, y // 2, x - x // 2, y - y // 2], fill=tuple(background))


def area(rgb, width, height):
    """The mean over the area of each pixel, exactly, where the sides get shorter."""

    def weights(of, to):
        edges = np.linspace(0, of, to + 1)
        pixels = np.arange(of)
        cover = np.minimum(pixels + 1, edges[1:, None]) - np.maximum(pixels, edges[:-1, None])
        return np.clip(cover, 0, None) / (of / to)

    pixels = np.asarray(rgb, float)
    rows, columns = weights(rgb.height, height), weights(rgb.width, width)
    return Image.fromarray(np.rint(np.einsum('yi,xj,ijc->yxc', rows, columns, pixels)).astype(np.uint8))


def save(name, content):
    name = name.replace(',', '').replace(':', '').replace(' ', '-')
    (FOLDER / name).write_bytes(content)
    return name


def encoded(picture, kind, **options):
    out = io.BytesIO()
    picture.save(out, kind, **options)
    return out.getvalue()


def case(name, file, content, expected, size, resize, mean, most=None, interpolation='bicubic', background=WHITE, shown=None):
    """mean, most: the difference allowed, of 255. expected: a picture, or the name of a file that is there."""
    file = save(file, content)
    if not isinstance(expected, str):
        expected = save(f'{name}.expected.png', encoded(expected, 'PNG', optimize=True))
    input_ = {'size': size, 'resize': resize, 'interpolation': interpolation, 'background': background}
    cases.append({'name': name, 'file': file, 'expected': expected, 'input': input_, 'mean': mean, 'most': most, 'shown': shown})


def resizing():
    for name, width, height, size, resize, quality in [
        ('landscape', 640, 427, 224, 'shortest', 88),
        ('portrait', 301, 455, 96, 'shortest', 90),
        ('odd sides', 333, 217, 64, 'shortest', 90),
        ('even crop of odd', 131, 97, 96, 'shortest', 95),
        ('panorama', 700, 90, 64, 'shortest', 90),
        ('letterboxed', 300, 197, 64, 'longest', 90),
        ('pillarboxed', 97, 250, 64, 'longest', 90),
        ('squashed', 300, 170, 64, 'squash', 90),
        ('large', 1600, 1201, 96, 'shortest', 60),
    ]:
        content = encoded(photo(width, height, len(name)), 'JPEG', quality=quality)
        rgb = Image.open(io.BytesIO(content)).convert('RGB')
        # Thin lines that shrink to a fourth and less: libvips first takes the mean of pixels beside each other.
        mean = 0.75 if name == 'letterboxed' else 0.5
        case(name, f'{name}.jpg', content, fitted(rgb, size, resize), size, resize, mean, shown=[width, height])
    # Enlarging is exact to the bit, also of one side alone.
    for name, width, height, size, resize in [
        ('enlarged', 40, 30, 96, 'shortest'),
        ('enlarged a little', 63, 61, 64, 'longest'),
        ('enlarged much', 5, 7, 96, 'shortest'),
        ('enlarged, mostly cropped', 12, 200, 64, 'shortest'),
        ('enlarged and squashed', 33, 50, 64, 'squash'),
        ('as large as wanted', 96, 96, 96, 'shortest'),
    ]:
        picture = photo(width, height, len(name))
        case(name, f'{name}.png', encoded(picture, 'PNG'), fitted(picture, size, resize), size, resize, 0, 0, shown=[width, height])
    picture = photo(20, 150, 9)
    case('one side enlarged', 'one side enlarged.png', encoded(picture, 'PNG'), fitted(picture, 64, 'squash'), 64, 'squash', 0.5)


def areas():
    for name, width, height in [('area, whole factor', 512, 512), ('area, broken factor', 150, 150), ('area, little less', 70, 70)]:
        picture = photo(width, height, 3).quantize(64).convert('RGB')
        content = encoded(picture.quantize(64, dither=Image.Dither.NONE), 'PNG', optimize=True)
        rgb = Image.open(io.BytesIO(content)).convert('RGB')
        case(name, f'{name}.png', content, area(rgb, 64, 64), 64, 'longest', 0.5, 16, 'area')
    content = encoded(photo(1000, 800, 4), 'JPEG', quality=70)
    rgb = Image.open(io.BytesIO(content)).convert('RGB')
    narrow = area(rgb, 64, 51)
    expected = Image.new('RGB', (64, 64), (255, 255, 255))
    expected.paste(narrow, (0, 6))
    case('area of a photo', 'area of a photo.jpg', content, expected, 64, 'longest', 1, None, 'area')


def backgrounds():
    for name, colour, background, behind in [
        ('black on contrast', (0, 0, 0), 'contrast', [255] * 3),
        ('white on contrast', (255, 255, 255), 'contrast', [31] * 3),
        ('light grey on contrast', (214, 214, 214), 'contrast', [255] * 3),
        ('lighter grey on contrast', (220, 220, 220), 'contrast', [31] * 3),
        ('yellow on contrast', (255, 255, 0), 'contrast', [31] * 3),
        ('cyan on contrast', (0, 255, 255), 'contrast', [255] * 3),
        ('red on blue', (255, 0, 0), [0, 0, 255], [0, 0, 255]),
    ]:
        picture = icon(64, 64, colour)
        case(name, f'{name}.png', encoded(picture, 'PNG'), over(picture, behind), 64, 'longest', 0, 0, 'area', background)
    # Transparent pixels have a colour of their own, which must not show at the edges.
    picture = icon(256, 256, (200, 30, 60))
    pixels = np.array(picture)
    pixels[pixels[..., 3] == 0, :3] = [0, 255, 0]
    picture = Image.fromarray(pixels)
    content = encoded(picture, 'PNG', optimize=True)
    expected = fitted(over(picture, [255, 255, 255]), 64, 'longest')
    case('colour under transparency', 'colour under transparency.png', content, expected, 64, 'longest', 0.75)
    case('transparent bars', 'wide.png', encoded(icon(64, 40, (255, 250, 255)), 'PNG'), bars(icon(64, 40, (255, 250, 255))), 64, 'longest', 0, 0, 'area', 'contrast')


def bars(picture):
    expected = Image.new('RGB', (64, 64), (31, 31, 31))
    expected.paste(over(picture, [31] * 3), (0, 12))
    return expected


def orientations():
    """All eight ways to store one upright picture."""
    upright = photo(120, 80, 8)
    stored = {
        1: upright,
        2: upright.transpose(Image.Transpose.FLIP_LEFT_RIGHT),
        3: upright.transpose(Image.Transpose.ROTATE_180),
        4: upright.transpose(Image.Transpose.FLIP_TOP_BOTTOM),
        5: upright.transpose(Image.Transpose.TRANSPOSE),
        6: upright.transpose(Image.Transpose.ROTATE_90),
        7: upright.transpose(Image.Transpose.TRANSVERSE),
        8: upright.transpose(Image.Transpose.ROTATE_270),
    }
    for kind, extension, options, mean in [('JPEG', 'jpg', {'quality': 97, 'subsampling': 0}, 1.5), ('PNG', 'png', {}, 0.5)]:
        for number in stored if kind == 'JPEG' else (1, 6, 7):
            exif = Image.Exif()
            exif[0x0112] = number
            content = encoded(stored[number], kind, exif=exif, **options)
            for size, resize in [(32, 'shortest'), (48, 'longest'), (200, 'shortest')] if kind == 'JPEG' else [(32, 'shortest')]:
                expected = save(f'upright {size}.expected.png', encoded(fitted(upright, size, resize), 'PNG', optimize=True))
                name = f'orientation {number} of {kind} to {size}'
                case(name, f'orientation {number}.{extension}', content, expected, size, resize, mean, shown=[120, 80])


def chunk(kind, data):
    return struct.pack('>I', len(data)) + kind + data + struct.pack('>I', zlib.crc32(kind + data))


def png16(pixels):
    """uint16 [height, width, channels] -> a PNG of 16 bits a channel, which Pillow does not write."""
    height, width, channels = pixels.shape
    colour = {1: 0, 2: 4, 3: 2, 4: 6}[channels]
    rows = b''.join(b'\0' + row.astype('>u2').tobytes() for row in pixels)
    header = struct.pack('>IIBBBBB', width, height, 16, colour, 0, 0, 0)
    return b'\x89PNG\r\n\x1a\n' + chunk(b'IHDR', header) + chunk(b'IDAT', zlib.compress(rows, 9)) + chunk(b'IEND', b'')


def display_p3():
    """A matrix profile of Display P3 (SMPTE EG 432-1 primaries adapted to D50, the transfer function of sRGB)."""

    def fixed(value):
        return struct.pack('>i', round(value * 65536))

    def xyz(*values):
        return b'XYZ \0\0\0\0' + b''.join(map(fixed, values))

    curve = b'para\0\0\0\0\0\3\0\0' + b''.join(map(fixed, [2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045]))
    text = b'Display P3'
    tags = {
        b'desc': b'desc\0\0\0\0' + struct.pack('>I', len(text) + 1) + text + bytes(1 + 4 + 4 + 2 + 1 + 67),
        b'cprt': b'text\0\0\0\0public domain\0',
        b'wtpt': xyz(0.9642, 1, 0.8249),
        b'rXYZ': xyz(0.51512, 0.2412, -0.00105),
        b'gXYZ': xyz(0.29198, 0.69225, 0.04189),
        b'bXYZ': xyz(0.1571, 0.06657, 0.78407),
        b'rTRC': curve,
        b'gTRC': curve,
        b'bTRC': curve,
    }
    table, body = struct.pack('>I', len(tags)), b''
    start = 128 + 4 + 12 * len(tags)
    for name, data in tags.items():
        data += bytes(-len(data) % 4)
        table += name + struct.pack('>II', start + len(body), len(data))
        body += data
    head = struct.pack('>I4sI4s4s4s', start + len(body), b'\0\0\0\0', 0x02400000, b'mntr', b'RGB ', b'XYZ ')
    head += struct.pack('>6H', 2026, 1, 1, 0, 0, 0) + b'acsp' + bytes(28) + fixed(0.9642) + fixed(1) + fixed(0.8249)
    return head + bytes(128 - len(head)) + table + body


def rle(indices, bits):
    """uint8 [height, width] -> run lengths of 8 or 4 bits a pixel, with literal runs, a skip at the start of a row and an end."""
    out = b''
    for y, row in enumerate(indices[::-1]):
        x = 0
        while x < len(row):
            run = 1
            while x + run < len(row) and row[x + run] == row[x] and run < 255:
                run += 1
            if run < 3 and len(row) - x >= 5:
                literal = row[x : x + 5]
                if bits == 8:
                    out += bytes([0, 5, *literal, 0])
                else:
                    out += bytes([0, 5, literal[0] << 4 | literal[1], literal[2] << 4 | literal[3], literal[4] << 4, 0])
                x += 5
                continue
            out += bytes([run, row[x] if bits == 8 else row[x] << 4 | row[x]])
            x += run
        out += b'\0\1' if y == len(indices) - 1 else b'\0\0'
    return out


def bmp(width, height, bits, pixels, palette=b'', compression=0, masks=b'', size=40):
    """A BMP file from the bytes of its parts; height < 0 stores from the top."""
    head = struct.pack('<IiiHHIIiiII', size, width, height, 1, bits, compression, len(pixels), 2835, 2835, len(palette) // 4, 0)
    head += masks + bytes(max(0, size - 40 - len(masks)))
    start = 14 + len(head) + len(palette)
    return b'BM' + struct.pack('<IHHI', start + len(pixels), 0, 0, start) + head + palette + pixels


def windows(base):
    """BMP of every depth; the decoders compared with Pillow where it reads them, else with the picture itself."""

    def exact(name, content, rgb):
        case(f'BMP, {name}', f'{name}.bmp', content, rgb, 64, 'squash', 0, 0)

    for name, picture in [
        ('1 bit', base.convert('1')),
        ('8 bits', base.quantize(200)),
        ('8 bits grey', base.convert('L')),
        ('24 bits', base),
    ]:
        exact(name, encoded(picture, 'BMP'), picture.convert('RGB'))
    rgb = np.asarray(base)
    bgr = rgb[::-1, :, ::-1]
    exact('24 bits from the top', bmp(64, -64, 24, rgb[..., ::-1].tobytes()), base)
    exact('32 bits, the fourth unused', bmp(64, 64, 32, np.dstack([bgr, np.zeros((64, 64, 1), np.uint8)]).tobytes()), base)
    soft = icon(64, 64, (20, 90, 200))
    bgra = np.asarray(soft)[::-1, :, [2, 1, 0, 3]]
    masks = struct.pack('<4I', 0xFF0000, 0xFF00, 0xFF, 0xFF000000)
    exact('32 bits with alpha', bmp(64, 64, 32, bgra.tobytes(), compression=3, masks=masks, size=108), over(soft, WHITE))
    five = rgb >> 3
    packed = (five[..., 0].astype('<u2') << 10 | five[..., 1].astype('<u2') << 5 | five[..., 2])[::-1]
    wide = Image.fromarray(np.rint(five.astype(float) * 255 / 31).astype(np.uint8))
    exact('16 bits', bmp(64, 64, 16, packed.tobytes()), wide)
    six = np.dstack([rgb[..., 0] >> 3, rgb[..., 1] >> 2, rgb[..., 2] >> 3]).astype('<u2')
    packed = (six[..., 0] << 11 | six[..., 1] << 5 | six[..., 2])[::-1]
    wide = Image.fromarray(np.rint(six * 255 / np.array([31, 63, 31])).astype(np.uint8))
    masks = struct.pack('<3I', 0xF800, 0x07E0, 0x001F)
    exact('16 bits, 5 6 5', bmp(64, 64, 16, packed.tobytes(), compression=3, masks=masks), wide)
    for bits, colours in [(4, 16), (8, 100)]:
        few = base.quantize(colours, dither=Image.Dither.NONE)
        indices = np.asarray(few)
        palette = b''.join(bytes([b, g, r, 0]) for r, g, b in np.array(few.getpalette()).reshape(-1, 3)[:colours])
        if bits == 4:
            nibbles = indices[::-1, ::2] << 4 | indices[::-1, 1::2]
            exact('4 bits', bmp(64, 64, 4, nibbles.astype(np.uint8).tobytes(), palette), few.convert('RGB'))
        content = bmp(64, 64, bits, rle(indices, bits), palette, compression=1 if bits == 8 else 2)
        exact(f'{bits} bits of run lengths', content, few.convert('RGB'))
    # Icons: bitmaps with a mask, PNG, and several sizes in one file.
    sizes = [(16, 16), (32, 32), (64, 64), (128, 128)]
    large = icon(128, 128, (20, 90, 200))
    for kind in 'bmp', 'png':
        content = encoded(large, 'ICO', sizes=sizes, bitmap_format=kind)
        stored = Image.open(io.BytesIO(content))
        stored.size = (64, 64)
        expected = over(stored.convert('RGBA'), WHITE)
        case(f'ICO of {kind}', f'{kind}.ico', content, expected, 64, 'squash', 0, 0, shown=[128, 128])
    for bits, picture in [(24, base), (8, base.quantize(100))]:
        pixels = np.asarray(picture)
        body = (pixels[::-1, :, ::-1] if bits == 24 else pixels[::-1]).tobytes()
        palette = b'' if bits == 24 else bmp_palette(picture)
        hidden = np.zeros((64, 64), np.uint8)
        hidden[:20, 30:] = 1
        mask = np.packbits(hidden[::-1], axis=1).tobytes()
        head = struct.pack('<IiiHHIIiiII', 40, 64, 128, 1, bits, 0, 0, 0, 0, len(palette) // 4, 0)
        entry = head + palette + body + mask
        content = struct.pack('<HHH', 0, 1, 1) + struct.pack('<BBBBHHII', 64, 64, 0, 0, 1, bits, len(entry), 22) + entry
        expected = np.array(picture.convert('RGB'))
        expected[hidden == 1] = 255
        case(f'ICO of {bits} bits and a mask', f'{bits}.ico', content, Image.fromarray(expected), 64, 'squash', 0, 0)


def bmp_palette(picture):
    colours = np.array(picture.getpalette()).reshape(-1, 3)
    return b''.join(bytes([b, g, r, 0]) for r, g, b in colours)


def formats():
    base = photo(64, 64, 6)
    plain = save('base.expected.png', encoded(base, 'PNG', optimize=True))

    def same(name, file, content, expected=plain, mean=0.0, most=0):
        case(name, file, content, expected, 64, 'squash', mean, most)

    grey = base.convert('L')
    soft = icon(64, 64, (20, 90, 200))
    soft_grey = Image.merge('LA', [grey, soft.getchannel('A')])
    same('PNG, grey', 'grey.png', encoded(grey, 'PNG'), grey.convert('RGB'))
    same('PNG, grey and alpha', 'grey alpha.png', encoded(soft_grey, 'PNG'), over(soft_grey, WHITE), 0.2, 1)
    same('PNG, 1 bit', '1 bit.png', encoded(base.convert('1'), 'PNG'), base.convert('1').convert('RGB'))
    same('PNG, palette', 'palette.png', encoded(base.quantize(50), 'PNG'), base.quantize(50).convert('RGB'))
    holes = base.quantize(20)
    same('PNG, palette with transparency', 'holes.png', encoded(holes, 'PNG', transparency=bytes([0, 128, 255])), over(Image.open(io.BytesIO(encoded(holes, 'PNG', transparency=bytes([0, 128, 255])))), WHITE), 0.2, 1)
    same('PNG, interlaced', 'interlaced.png', interlaced(base))
    rng = np.random.default_rng(2)
    deep = np.asarray(base).astype(np.uint16) << 8 | rng.integers(0, 256, (64, 64, 3), dtype=np.uint16)
    same('PNG, 16 bits', '16 bits.png', png16(deep), plain, 0.6, 1)
    same('PNG, 16 bits grey', '16 bits grey.png', png16(deep[..., :1]), Image.fromarray((deep[..., 0] >> 8).astype(np.uint8)).convert('RGB'), 0.6, 1)
    with_alpha = np.dstack([deep, np.asarray(soft)[..., 3].astype(np.uint16) * 257])
    flat = base.copy()
    flat.putalpha(soft.getchannel('A'))
    same('PNG, 16 bits and alpha', '16 bits alpha.png', png16(with_alpha), over(flat, WHITE), 0.6, 2)
    jpeg = encoded(base, 'JPEG', quality=90)
    same('JPEG', 'base.jpg', jpeg, Image.open(io.BytesIO(jpeg)).convert('RGB'), 0.3, 4)
    jpeg = encoded(base, 'JPEG', quality=90, progressive=True, subsampling=0)
    same('JPEG, progressive', 'progressive.jpg', jpeg, Image.open(io.BytesIO(jpeg)).convert('RGB'), 0.3, 4)
    jpeg = encoded(grey, 'JPEG', quality=90)
    same('JPEG, grey', 'grey.jpg', jpeg, Image.open(io.BytesIO(jpeg)).convert('RGB'), 0.3, 4)
    # Printers' inks: without a profile two programs agree on no more than what is light, dark and of which hue.
    inks = photo(64, 64, 11).convert('CMYK')
    jpeg = encoded(inks, 'JPEG', quality=95)
    same('JPEG, CMYK', 'inks.jpg', jpeg, Image.open(io.BytesIO(jpeg)).convert('RGB'), 32, None)
    for name, options in [('lossless', {'lossless': True, 'exact': True}), ('lossy', {'quality': 80})]:
        webp = encoded(base, 'WEBP', **options)
        same(f'WebP, {name}', f'{name}.webp', webp, plain if name == 'lossless' else Image.open(io.BytesIO(webp)).convert('RGB'), 0.3, 4)
    webp = encoded(soft, 'WEBP', lossless=True)
    same('WebP, alpha', 'alpha.webp', webp, over(soft, WHITE), 0.2, 1)
    webp = encoded(base, 'WEBP', save_all=True, append_images=[photo(64, 64, 70 + i) for i in range(3)], lossless=True)
    same('WebP, animated: its first frame', 'animated.webp', webp)
    few = base.quantize(60)
    same('GIF', 'base.gif', encoded(few, 'GIF'), few.convert('RGB'))
    frames = [photo(64, 64, 70 + i).quantize(60) for i in range(3)]
    same('GIF, animated: its first frame', 'animated.gif', encoded(few, 'GIF', save_all=True, append_images=frames), few.convert('RGB'))
    holes = Image.open(io.BytesIO(encoded(few, 'GIF', transparency=3)))
    same('GIF, transparent', 'holes.gif', encoded(few, 'GIF', transparency=3), over(holes, WHITE))
    avif = encoded(base, 'AVIF', quality=95, subsampling='4:4:4')
    same('AVIF', 'base.avif', avif, Image.open(io.BytesIO(avif)).convert('RGB'), 1, 8)
    for compression in 'raw', 'tiff_lzw', 'tiff_adobe_deflate', 'packbits':
        same(f'TIFF, {compression}', f'{compression}.tif', encoded(base, 'TIFF', compression=compression))
    same('TIFF, alpha', 'alpha.tif', encoded(soft, 'TIFF', compression='tiff_lzw'), over(soft, WHITE), 0.2, 1)
    same('TIFF, several pages: the first', 'pages.tif', encoded(base, 'TIFF', save_all=True, append_images=frames, compression='tiff_lzw'))
    profile = display_p3()
    jpeg = encoded(base, 'JPEG', quality=95, subsampling=0, icc_profile=profile)
    for file, content in [('p3.png', encoded(base, 'PNG', icc_profile=profile)), ('p3.jpg', jpeg)]:
        stored = Image.open(io.BytesIO(content)).convert('RGB')
        srgb = ImageCms.profileToProfile(stored, ImageCms.ImageCmsProfile(io.BytesIO(profile)), ImageCms.createProfile('sRGB'), renderingIntent=1)
        del srgb.info['icc_profile']  # which carries the time at which it was made
        same(f'{file[3:].upper()}, Display P3', file, content, srgb, 1, 8)
    windows(base)


def interlaced(picture):
    """Adam7, which Pillow reads but does not write."""
    pixels = np.asarray(picture)
    passes = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]
    rows = b''.join(b'\0' + row.tobytes() for x, y, dx, dy in passes for row in pixels[y::dy, x::dx])
    header = struct.pack('>IIBBBBB', *picture.size, 8, 2, 0, 0, 1)
    return b'\x89PNG\r\n\x1a\n' + chunk(b'IHDR', header) + chunk(b'IDAT', zlib.compress(rows, 9)) + chunk(b'IEND', b'')


def main():
    FOLDER.mkdir(parents=True, exist_ok=True)
    for old in FOLDER.iterdir():
        old.unlink()
    resizing()
    areas()
    backgrounds()
    orientations()
    formats()
    rows = ',\n'.join(json.dumps(one) for one in cases)
    (FOLDER / 'cases.json').write_text(f'[\n{rows}\n]\n')
    size = sum(file.stat().st_size for file in FOLDER.iterdir())
    print(len(cases), 'cases,', math.ceil(size / 1024), 'KiB')


main()
