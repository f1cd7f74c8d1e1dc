import type { Thumbnail } from '../../clip/index.ts';

interface Size {
  readonly width: number;
  readonly height: number;
}

/**
 * The largest picture of a hover, in CSS pixels. The editor makes a hover 250 high, which includes labels and links.
 */
const SHOWN: Size = { width: 240, height: 112 };
/** Device pixels for each CSS pixel: screens of high density have two or more. */
const DENSITY = 2;

/** The box of the thumbnail, in device pixels. */
export const THUMBNAIL_BOX: Size = { width: SHOWN.width * DENSITY, height: SHOWN.height * DENSITY };

/**
 * Returns the size of a thumbnail in a hover, in CSS pixels: the size of the image if it fits. Vector graphics and
 * enlarged images fill the box.
 */
export function shownSize({ width, height, image }: Thumbnail): Size {
  const enlarged = width > image.width || image.format === 'SVG';
  const natural = enlarged ? { width: width / DENSITY, height: height / DENSITY } : image;
  const scale = Math.min(1, SHOWN.width / natural.width, SHOWN.height / natural.height);
  const shown = (length: number): number => Math.max(1, Math.round(length * scale));
  return { width: shown(natural.width), height: shown(natural.height) };
}
