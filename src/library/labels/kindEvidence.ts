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

/** Evidence of the format and the size of an image for each kind, in logits. */
export const EXPECTED: Readonly<Record<PictureKind, (image: IndexedImage) => number>> = {
  icon: (image) => (isVector(image) ? 2 : side(image) <= 64 && isSquare(image) ? 1.5 : side(image) > 300 ? -4 : -1),
  logo: (image) => (isPhotoFormat(image) ? -3 : -0.5),
  sprite: (image) => (isVector(image) || isPhotoFormat(image) ? -4 : side(image) <= 300 ? 1 : -1),
  texture: (image) => (isVector(image) ? -5 : isPowerOfTwo(image) && side(image) >= 128 ? 1.5 : -1.5),
  illustration: (image) => (isPhotoFormat(image) ? -1 : side(image) > 200 ? 0 : -1.5),
  photo: (image) =>
    isVector(image) || image.format === 'gif' || side(image) < 100 ? -6 : isPhotoFormat(image) ? 3 : -1,
  screenshot: (image) => (isVector(image) || side(image) < 150 ? -6 : isPhotoFormat(image) ? -1 : 0.5),
  diagram: (image) => (side(image) < 100 ? -3 : isPhotoFormat(image) ? -3 : -0.5),
};

function setOf(words: string): ReadonlySet<string> {
  return new Set(words.split(' '));
}

function isVector({ format }: IndexedImage): boolean {
  return format === 'svg';
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
