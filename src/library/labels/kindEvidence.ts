import type { IndexedImage } from '../images.ts';
import type { PictureKind } from './pictureKinds.ts';

/** Prompts that describe each kind of picture. */
export const PROMPTS: Readonly<Record<PictureKind, readonly string[]>> = {
  icon: ['icon', 'a simple icon', 'pictogram', 'symbol'],
  logo: ['logo', 'company logo', 'brand logo'],
  sprite: ['sprite', 'pixel art', 'video game sprite', 'a character in a video game'],
  texture: ['texture', 'a seamless pattern', 'a texture of stone', 'a texture of wood'],
  illustration: ['illustration', 'a drawing', 'clip art', 'cartoon'],
  photo: ['photo', 'photograph', 'a photo of a place', 'a photo of a person'],
  screenshot: ['screenshot', 'a screenshot of a program', 'a screenshot of a window', 'dialog box'],
  diagram: ['diagram', 'chart', 'flow chart', 'a diagram with boxes and arrows'],
};

/** Words of folders that usually contain a kind of picture, in lower case. */
export const FOLDER_WORDS: Readonly<Record<PictureKind, ReadonlySet<string>>> = {
  icon: setOf('icon icons ico icns glyph glyphs emoji symbols fontawesome actions apps mimetypes toolbar favicon'),
  logo: setOf('logo logos brand brands branding press partners sponsors badges'),
  sprite: setOf(
    'sprite sprites character characters enemy enemies player players monster monsters hero heroes item items tile ' +
      'tiles tileset tilesets weapon weapons ship ships unit units creatures effects animations animation projectile',
  ),
  texture: setOf('texture textures material materials pattern patterns normalmap tex'),
  illustration: setOf('illustration illustrations drawing drawings art clipart artwork'),
  photo: setOf(
    'photo photos photograph photography people team gallery galleries portraits camera wallpaper wallpapers',
  ),
  screenshot: setOf('screenshot screenshots screens screencast screengrab captures dialogs'),
  diagram: setOf('diagram diagrams figure figures chart charts architecture flowcharts uml plots graphs'),
};

/**
 * Evidence of the format, the size and the density of an image for each kind, in logits. Measured on icons, emoji and
 * illustrations as SVG and as PNG of 512 pixels, sprites and sheets of them, photos in three formats, and screenshots.
 */
export const EXPECTED: Readonly<Record<PictureKind, (image: IndexedImage) => number>> = {
  icon: (image) => {
    if (isVector(image)) return 2;
    if (isPhotoFormat(image) || isRich(image)) return -4;
    if (!isSquare(image)) return -2;
    return side(image) <= 64 ? 1.5 : -0.5;
  },
  logo: (image) => (isPhotoFormat(image) || isRich(image) ? -3 : -1.5),
  sprite: (image) => (isVector(image) || isPhotoFormat(image) ? -4 : side(image) <= 300 ? 1 : -1),
  texture: (image) => (isVector(image) ? -5 : isRich(image) && isPowerOfTwo(image) ? 0.5 : -3),
  illustration: (image) => (isRich(image) ? -1 : side(image) > 200 ? 0 : -1.5),
  photo: (image) => {
    if (isVector(image) || image.format === 'gif' || side(image) < 100) return -6;
    if (!isRich(image)) return isPhotoFormat(image) ? 0 : -4;
    return isPhotoFormat(image) ? 3 : isPowerOfTwo(image) ? -1 : 1.5;
  },
  screenshot: (image) => {
    if (isVector(image) || side(image) < 150) return -6;
    if (isPhotoFormat(image) && isRich(image)) return -1;
    return isSquare(image) ? -2 : 0.5;
  },
  diagram: (image) => (side(image) < 100 || isPhotoFormat(image) || isRich(image) ? -3 : -1),
};

/** Bytes of a pixel from which a picture has the details of a photo or a texture. Drawings have far fewer. */
const RICH = { lossy: 0.1, lossless: 0.7 };
const LOSSY_FORMATS = new Set(['jpeg', 'jpg', 'webp', 'avif', 'heif']);

function isRich(image: IndexedImage): boolean {
  const { width, height, bytes, format } = image;
  if (isVector(image) || side(image) < 100) return false;
  return bytes / (width * height) > (LOSSY_FORMATS.has(format) ? RICH.lossy : RICH.lossless);
}

function setOf(words: string): ReadonlySet<string> {
  return new Set(words.split(' '));
}

function isVector({ format }: IndexedImage): boolean {
  return format === 'svg' || format === 'vectordrawable';
}

/** JPEG is for photos; other formats are mostly not. */
function isPhotoFormat({ format }: IndexedImage): boolean {
  return format === 'jpeg' || format === 'jpg';
}

function side({ width, height }: IndexedImage): number {
  return Math.max(width, height);
}

function isSquare({ width, height }: IndexedImage): boolean {
  return Math.abs(width - height) <= 0.25 * Math.max(width, height);
}

function isPowerOfTwo({ width, height }: IndexedImage): boolean {
  return Number.isInteger(Math.log2(width)) && Number.isInteger(Math.log2(height));
}
