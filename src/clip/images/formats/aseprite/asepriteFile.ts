/** Files of Aseprite and LibreSprite ("Aseprite File Format Specifications"). */
import { UserError } from '../../../../base/userError.ts';
import type { Size } from '../imageFormat.ts';

const HEADER_BYTES = 128;
const FRAME_HEADER_BYTES = 16;
const [FILE_MAGIC, FRAME_MAGIC] = [0xa5e0, 0xf1fa];
const [OLD_PALETTE, LAYER, CEL, PALETTE] = [0x0004, 0x2004, 0x2005, 0x2019];
const [GROUP, TILE_MAP] = [1, 2];

export interface Layer {
  /** Whether the layer and all groups that it is in are visible. */
  readonly isVisible: boolean;
  readonly isGroup: boolean;
  /** 0 normal, 1 multiply, 2 screen, 16 addition; others are drawn as normal. */
  readonly blend: number;
  /** 0 to 255. */
  readonly opacity: number;
}

/** A part of a layer in one frame. */
export interface Cel {
  readonly layer: number;
  readonly x: number;
  readonly y: number;
  readonly opacity: number;
  readonly zIndex: number;
  readonly content:
    | { readonly kind: 'linked'; readonly frame: number }
    | (Size & { readonly kind: 'pixels'; readonly bytes: Buffer; readonly isCompressed: boolean });
}

export interface AsepriteFile extends Size {
  /** Bits of a pixel: 32 RGBA, 16 grey and alpha, 8 an index. */
  readonly bits: number;
  readonly transparentIndex: number;
  readonly layers: readonly Layer[];
  readonly frames: readonly (readonly Cel[])[];
  /** [256, 4] */
  readonly palette: Uint8Array;
}

export function isAseprite(file: Buffer): boolean {
  return (
    file.length >= HEADER_BYTES && file.readUInt16LE(4) === FILE_MAGIC && [8, 16, 32].includes(file.readUInt16LE(12))
  );
}

export function asepriteSize(file: Buffer): Size {
  const [width, height] = [file.readUInt16LE(8), file.readUInt16LE(10)];
  if (width === 0 || height === 0) throw new UserError('Aseprite without a usable size');
  return { width, height };
}

/** @throws UserError where the file is truncated, damaged, or has layers of tiles */
export function readAseprite(file: Buffer): AsepriteFile {
  const hasOpacity = (file.readUInt32LE(14) & 1) !== 0;
  const palette = new Uint8Array(256 * 4);
  const layers: Layer[] = [];
  const groups: boolean[] = [];
  const frames: Cel[][] = [];
  let at = HEADER_BYTES;
  for (let frame = 0; frame < file.readUInt16LE(6); frame++) {
    const { chunks, end } = readFrame(file, at);
    const cels: Cel[] = [];
    const hasPalette = chunks.some(({ type }) => type === PALETTE);
    for (const { type, data } of chunks) {
      if (type === PALETTE) readPalette(data, palette);
      else if (type === OLD_PALETTE && !hasPalette) readOldPalette(data, palette);
      else if (type === LAYER) layers.push(readLayer(data, groups, hasOpacity));
      else if (type === CEL) cels.push(...readCel(data));
    }
    frames.push(cels);
    at = end;
  }
  return {
    ...{ ...asepriteSize(file), bits: file.readUInt16LE(12), transparentIndex: file[28] ?? 0 },
    ...{ layers, frames, palette },
  };
}

interface Chunk {
  readonly type: number;
  readonly data: Buffer;
}

function readFrame(file: Buffer, start: number): { readonly chunks: Chunk[]; readonly end: number } {
  if (start + FRAME_HEADER_BYTES > file.length) throw new UserError('truncated Aseprite');
  const end = start + file.readUInt32LE(start);
  if (file.readUInt16LE(start + 4) !== FRAME_MAGIC) throw new UserError('damaged Aseprite');
  if (end > file.length) throw new UserError('truncated Aseprite');
  const chunks: Chunk[] = [];
  for (let at = start + FRAME_HEADER_BYTES; at + 6 <= end;) {
    const length = file.readUInt32LE(at);
    if (length < 6 || at + length > end) throw new UserError('damaged Aseprite');
    chunks.push({ type: file.readUInt16LE(at + 4), data: file.subarray(at + 6, at + length) });
    at += length;
  }
  if (end < start + FRAME_HEADER_BYTES) throw new UserError('damaged Aseprite');
  return { chunks, end };
}

/** @param groups whether the groups above are visible, by their level */
function readLayer(data: Buffer, groups: boolean[], hasOpacity: boolean): Layer {
  if (data.length < 13) throw new UserError('damaged Aseprite');
  const [flags, type, level] = [data.readUInt16LE(0), data.readUInt16LE(2), data.readUInt16LE(4)];
  const isVisible = (flags & 1) !== 0 && (level === 0 || groups[level - 1] !== false);
  if (type === GROUP) groups[level] = isVisible;
  if (type === TILE_MAP && isVisible) throw new UserError('Aseprite with layers of tiles, which are not supported');
  const opacity = hasOpacity ? (data[12] ?? 255) : 255;
  return { isVisible, isGroup: type === GROUP, blend: data.readUInt16LE(10), opacity };
}

function readCel(data: Buffer): Cel[] {
  if (data.length < 18) throw new UserError('damaged Aseprite');
  const place = {
    ...{ layer: data.readUInt16LE(0), x: data.readInt16LE(2), y: data.readInt16LE(4) },
    ...{ opacity: data[6] ?? 255, zIndex: data.readInt16LE(9) },
  };
  const type = data.readUInt16LE(7);
  if (type === 1) return [{ ...place, content: { kind: 'linked', frame: data.readUInt16LE(16) } }];
  if ((type !== 0 && type !== 2) || data.length < 20) return [];
  const [width, height] = [data.readUInt16LE(16), data.readUInt16LE(18)];
  const bytes = data.subarray(20);
  return [{ ...place, content: { kind: 'pixels', width, height, bytes, isCompressed: type === 2 } }];
}

function readPalette(data: Buffer, palette: Uint8Array): void {
  if (data.length < 20) return;
  const [first, last] = [data.readUInt32LE(4), data.readUInt32LE(8)];
  let at = 20;
  for (let index = first; index <= Math.min(255, last) && at + 6 <= data.length; index++) {
    palette.set(data.subarray(at + 2, at + 6), 4 * index);
    const hasName = (data.readUInt16LE(at) & 1) !== 0;
    at += 6 + (hasName && at + 8 <= data.length ? 2 + data.readUInt16LE(at + 6) : 0);
  }
}

function readOldPalette(data: Buffer, palette: Uint8Array): void {
  let [at, index] = [2, 0];
  for (let packet = data.length >= 2 ? data.readUInt16LE(0) : 0; packet > 0 && at + 2 <= data.length; packet--) {
    index += data[at] ?? 0;
    const count = data[at + 1] === 0 ? 256 : (data[at + 1] ?? 0);
    at += 2;
    for (let i = 0; i < count && index < 256 && at + 3 <= data.length; i++, index++, at += 3) {
      palette.set([data[at] ?? 0, data[at + 1] ?? 0, data[at + 2] ?? 0, 255], 4 * index);
    }
  }
}
