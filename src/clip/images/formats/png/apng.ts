/** Animated PNG (PNG specification, third edition, section 12), of which libpng decodes only the first picture. */
import { crc32 } from 'node:zlib';
import type { FramePart } from '../imageFormat.ts';
import { chunksOf } from './chunks.ts';

const SIGNATURE_BYTES = 8;
const FRAME_CONTROL_BYTES = 26;
/** Chunks of the file that the pixels of every frame depend on. */
const SHARED = new Set(['PLTE', 'tRNS', 'gAMA', 'cHRM', 'sRGB', 'iCCP', 'cICP']);
/** Bytes of these chunks. They are copied for each frame. */
const MOST_SHARED = 4_000_000;
const DISPOSE = ['none', 'background', 'previous'] as const;

/** Frames by the chunk acTL, which precedes the pixels; 1 for a still PNG. */
export function frameCount(file: Buffer): number {
  for (const { name, data } of chunksOf(file)) {
    if (name === 'IDAT') return 1;
    if (name === 'acTL' && data.length >= 4) return Math.max(1, data.readUInt32BE(0));
  }
  return 1;
}

/**
 * The first frames of an animation, each as a PNG of its own, up to one that is damaged. A PNG is made when it is
 * decoded, because the frames of a long animation share many bytes.
 */
export function framesOf(file: Buffer, limit: number): FramePart[] {
  const shared: Buffer[] = [];
  let sharedBytes = 0;
  const frames: FramePart[] = [];
  let current: { readonly control: Buffer; readonly data: Buffer[] } | undefined;
  const finish = (): boolean => {
    const part = current && current.data.length > 0 ? toPart(file, current.control, shared, current.data) : undefined;
    if (part) frames.push(part);
    return part !== undefined;
  };
  for (const { name, data } of chunksOf(file)) {
    if (name === 'fcTL' || name === 'IEND') {
      if (current && !finish()) return frames;
      if (frames.length >= limit || data.length < FRAME_CONTROL_BYTES) return frames;
      current = { control: data, data: [] };
    } else if (name === 'IDAT') current?.data.push(data);
    else if (name === 'fdAT') current?.data.push(data.subarray(4));
    else if (SHARED.has(name)) {
      if ((sharedBytes += data.length) > MOST_SHARED) return [];
      shared.push(chunk(name, data));
    }
  }
  return frames;
}

/** @returns undefined where the frame does not lie within the picture */
function toPart(
  file: Buffer,
  control: Buffer,
  shared: readonly Buffer[],
  data: readonly Buffer[],
): FramePart | undefined {
  const [width, height] = [control.readUInt32BE(4), control.readUInt32BE(8)];
  const [left, top] = [control.readUInt32BE(12), control.readUInt32BE(16)];
  const dispose = DISPOSE[control[24] ?? 0];
  const isInside = left + width <= file.readUInt32BE(16) && top + height <= file.readUInt32BE(20);
  if (width === 0 || height === 0 || !isInside || dispose === undefined) return undefined;
  const header = Buffer.from(file.subarray(16, 29));
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  const bytes = (): Buffer => {
    const pixels = data.map((part) => chunk('IDAT', part));
    const signature = file.subarray(0, SIGNATURE_BYTES);
    return Buffer.concat([signature, chunk('IHDR', header), ...shared, ...pixels, chunk('IEND', Buffer.alloc(0))]);
  };
  return { bytes, left, top, width, height, dispose, blend: control[25] === 1 ? 'over' : 'source' };
}

function chunk(name: string, data: Buffer): Buffer {
  const bytes = Buffer.alloc(12 + data.length);
  bytes.writeUInt32BE(data.length, 0);
  bytes.write(name, 4, 'latin1');
  bytes.set(data, 8);
  bytes.writeUInt32BE(crc32(bytes.subarray(4, 8 + data.length)), 8 + data.length);
  return bytes;
}
