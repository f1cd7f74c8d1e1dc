import type { Thumbnail } from '../../clip/index.ts';

interface Size {
  readonly width: number;
  readonly height: number;
}

/** Where a hover shows a picture, in pixels of the page. The editor makes a hover 250 high, and labels and links belong there, too. */
const SHOWN: Size = { width: 240, height: 112 };
/** Pixels of the screen for each of them: screens of high density have two or more. */
const DENSITY = 2;

/** What to ask a thumbnail to fit into. */
export const THUMBNAIL_BOX: Size = { width: SHOWN.width * DENSITY, height: SHOWN.height * DENSITY };

/** How large it is shown: an image in its own pixels where they fit; what was drawn or enlarged fills the place. */
export function shownSize({ width, height, image }: Thumbnail): Size {
  const enlarged = width > image.width || image.format === 'SVG';
  const natural = enlarged ? { width: width / DENSITY, height: height / DENSITY } : image;
  const scale = Math.min(1, SHOWN.width / natural.width, SHOWN.height / natural.height);
  const shown = (length: number): number => Math.max(1, Math.round(length * scale));
  return { width: shown(natural.width), height: shown(natural.height) };
}
