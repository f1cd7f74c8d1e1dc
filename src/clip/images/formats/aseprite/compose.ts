import { inflateSync } from 'node:zlib';
import { UserError } from '../../../../base/userError.ts';
import type { Raster } from '../../raster.ts';
import type { AsepriteFile, Cel, Layer } from './asepriteFile.ts';

/** Pixels of a cel, which may be larger than the picture. */
const MOST_PIXELS = 25_000_000;

type PixelContent = Extract<Cel['content'], { readonly kind: 'pixels' }>;

interface Pixels {
  readonly width: number;
  readonly height: number;
  readonly bytes: Buffer;
}

/**
 * Draws the visible layers of a frame, in their order.
 * @throws UserError where pixels are truncated or damaged
 */
export function composeAseprite(sprite: AsepriteFile, frame: number): Raster {
  const { width, height, layers } = sprite;
  const data = new Uint8Array(width * height * 4);
  const cels = [...(sprite.frames[frame] ?? [])];
  cels.sort((a, b) => a.layer + a.zIndex - (b.layer + b.zIndex) || a.zIndex - b.zIndex);
  for (const cel of cels) {
    const layer = layers[cel.layer];
    if (!layer?.isVisible || layer.isGroup) continue;
    const pixels = pixelsOf(sprite, cel);
    if (pixels) draw(data, sprite, cel, layer, pixels);
  }
  return { data, width, height, channels: 4 };
}

/** Bytes to unpack the largest cel of some frames: its parts and the whole. */
export function mostCelBytes(sprite: AsepriteFile, frames: readonly number[]): number {
  let most = 0;
  for (const cel of frames.flatMap((frame) => sprite.frames[frame] ?? [])) {
    const content = contentOf(sprite, cel);
    if (content?.isCompressed === true) most = Math.max(most, (2 * content.width * content.height * sprite.bits) / 8);
  }
  return most;
}

/** A linked cel shows the one of the same layer in an earlier frame. */
function contentOf({ frames }: AsepriteFile, cel: Cel): PixelContent | undefined {
  const linked = cel.content.kind === 'linked' ? cel.content.frame : undefined;
  const content =
    linked === undefined ? cel.content : frames[linked]?.find(({ layer }) => layer === cel.layer)?.content;
  return content?.kind === 'pixels' ? content : undefined;
}

function pixelsOf(sprite: AsepriteFile, cel: Cel): Pixels | undefined {
  const content = contentOf(sprite, cel);
  if (!content) return undefined;
  const { bits } = sprite;
  const { width, height, isCompressed } = content;
  const length = (width * height * bits) / 8;
  if (width * height > MOST_PIXELS) throw new UserError('Aseprite with a layer that is too large');
  const bytes = isCompressed ? inflate(content.bytes, length) : content.bytes;
  if (bytes.length < length) throw new UserError('truncated Aseprite');
  return { width, height, bytes };
}

function inflate(bytes: Buffer, length: number): Buffer {
  try {
    return inflateSync(bytes, { maxOutputLength: Math.max(1, length) });
  } catch (error) {
    throw new UserError('damaged Aseprite (layer)', { cause: error });
  }
}

function draw(data: Uint8Array, sprite: AsepriteFile, cel: Cel, layer: Layer, { width, height, bytes }: Pixels): void {
  const opacity = (layer.opacity * cel.opacity) / (255 * 255);
  const rgba = new Uint8Array(4);
  for (let y = Math.max(0, -cel.y); y < height && cel.y + y < sprite.height; y++) {
    for (let x = Math.max(0, -cel.x); x < width && cel.x + x < sprite.width; x++) {
      readPixel(sprite, bytes, y * width + x, rgba);
      blendOver(data, 4 * ((cel.y + y) * sprite.width + cel.x + x), rgba, opacity, layer.blend);
    }
  }
}

function readPixel(
  { bits, palette, transparentIndex }: AsepriteFile,
  bytes: Buffer,
  i: number,
  rgba: Uint8Array,
): void {
  if (bits === 32) rgba.set(bytes.subarray(4 * i, 4 * i + 4));
  else if (bits === 16) rgba.fill(bytes[2 * i] ?? 0, 0, 3).fill(bytes[2 * i + 1] ?? 0, 3);
  else {
    const index = bytes[i] ?? 0;
    if (index === transparentIndex) rgba.fill(0);
    else rgba.set(palette.subarray(4 * index, 4 * index + 4));
  }
}

/** The operator "over" with a blend function ("Compositing and Blending Level 1", W3C, section 10). */
function blendOver(data: Uint8Array, at: number, source: Uint8Array, opacity: number, mode: number): void {
  const alpha = ((source[3] ?? 0) / 255) * opacity;
  const below = (data[at + 3] ?? 0) / 255;
  const total = alpha + below * (1 - alpha);
  if (total === 0) return;
  for (let c = 0; c < 3; c++) {
    const [above, backdrop] = [(source[c] ?? 0) / 255, (data[at + c] ?? 0) / 255];
    const mixed = (1 - below) * above + below * blended(mode, above, backdrop);
    data[at + c] = Math.round((255 * (alpha * mixed + (1 - alpha) * below * backdrop)) / total);
  }
  data[at + 3] = Math.round(255 * total);
}

function blended(mode: number, above: number, backdrop: number): number {
  switch (mode) {
    case 1:
      return above * backdrop;
    case 2:
      return above + backdrop - above * backdrop;
    case 16:
      return Math.min(1, above + backdrop);
    default:
      return above;
  }
}
