/** Apple's icon files: blocks of pictures, each as PNG or as run lengths with a mask. */
import { UserError } from '../../../../base/userError.ts';
import type { Raster } from '../../raster.ts';
import { isPng } from '../png.ts';
import { hasSignature } from '../signature.ts';

interface PngEntry {
  readonly kind: 'png';
  readonly width: number;
  readonly height: number;
  readonly bitsPerPixel: number;
  readonly bytes: Buffer;
}

/** A picture in run lengths. */
interface RunsEntry {
  readonly kind: 'runs';
  readonly width: number;
  readonly height: number;
  readonly bitsPerPixel: number;
  /** Red, green and blue, one after the other, each in run lengths; alpha before them with 32 bits. */
  readonly bytes: Buffer;
  /** [height, width] alpha; null where it is one of the channels, or missing. */
  readonly mask: Buffer | null;
}

export type IcnsEntry = PngEntry | RunsEntry;

/** Sizes of the pictures of 24 bits, and the names of their masks. The largest one begins with four zeros. */
const RGB_TYPES: Readonly<Record<string, readonly [size: number, mask: string, skipped: number]>> = {
  is32: [16, 's8mk', 0],
  il32: [32, 'l8mk', 0],
  ih32: [48, 'h8mk', 0],
  it32: [128, 't8mk', 4],
};
const ARGB_TYPES: Readonly<Record<string, number>> = { ic04: 16, ic05: 32, icsb: 18 };
const MAGIC = 'ARGB';

/**
 * Reads the pictures that lie within the file.
 * @throws UserError where there is none that AssetLens can decode
 */
export function readIcnsEntries(file: Buffer): IcnsEntry[] {
  const blocks = new Map<string, Buffer>();
  let isCut = false;
  for (let at = 8; at + 8 <= file.length;) {
    const length = file.readUInt32BE(at + 4);
    if (length < 8) break;
    if (at + length > file.length) isCut = true;
    else blocks.set(file.toString('latin1', at, at + 4), file.subarray(at + 8, at + length));
    at += length;
  }
  if (isCut) throw new UserError('truncated ICNS');
  const entries = [...blocks].flatMap(([name, block]) => readEntry(name, block, blocks) ?? []);
  if (entries.length > 0) return entries;
  const hasJpeg2000 = [...blocks.values()].some((block) =>
    /^(?:\0\0\0\x0cjP|\xff\x4f\xff\x51)/.test(block.toString('latin1', 0, 8)),
  );
  if (hasJpeg2000) throw new UserError('ICNS whose pictures are in JPEG 2000');
  throw new UserError('ICNS without a picture in colour');
}

function readEntry(name: string, block: Buffer, blocks: ReadonlyMap<string, Buffer>): IcnsEntry | undefined {
  if (isPng(block) && block.length > 24) {
    const [width, height] = [block.readUInt32BE(16), block.readUInt32BE(20)];
    return { kind: 'png', width, height, bitsPerPixel: 32, bytes: block };
  }
  const argb = ARGB_TYPES[name];
  if (argb !== undefined && hasSignature(block, MAGIC)) {
    const bytes = block.subarray(MAGIC.length);
    return { kind: 'runs', width: argb, height: argb, bitsPerPixel: 32, bytes, mask: null };
  }
  const rgb = RGB_TYPES[name];
  if (!rgb) return undefined;
  const [size, maskName, skipped] = rgb;
  const mask = blocks.get(maskName);
  return {
    ...{ kind: 'runs', width: size, height: size, bitsPerPixel: 24, bytes: block.subarray(skipped) },
    mask: mask?.length === size * size ? mask : null,
  };
}

/** @throws UserError where the pixels are truncated */
export function decodeIcnsRuns({ bytes, width, height, bitsPerPixel, mask }: RunsEntry): Raster {
  const pixels = width * height;
  const planes = bitsPerPixel / 8;
  // Pixels that do not get shorter are stored without run lengths.
  const isPlain = bytes.length === pixels * planes;
  const channels = isPlain ? bytes : unpack(bytes, pixels * planes);
  const first = planes === 4 ? pixels : 0;
  const data = new Uint8Array(pixels * 4);
  for (let i = 0; i < pixels; i++) {
    for (let c = 0; c < 3; c++) data[4 * i + c] = channels[first + c * pixels + i] ?? 0;
    data[4 * i + 3] = planes === 4 ? (channels[i] ?? 0) : (mask?.[i] ?? 255);
  }
  return { data, width, height, channels: 4 };
}

/** Below 128, one more than the count of bytes follows; else one byte follows, which is repeated 3 to 130 times. */
function unpack(bytes: Buffer, length: number): Uint8Array {
  const unpacked = new Uint8Array(length);
  for (let at = 0, to = 0; to < length;) {
    const count = bytes[at++];
    if (count === undefined || at >= bytes.length) throw new UserError('truncated ICNS');
    if (count < 128) {
      unpacked.set(bytes.subarray(at, at + Math.min(count + 1, length - to)), to);
      at += count + 1;
      to += count + 1;
    } else {
      unpacked.fill(bytes[at++] ?? 0, to, Math.min(length, to + count - 125));
      to += count - 125;
    }
  }
  return unpacked;
}
