import { crc32 } from 'node:zlib';
import type { Random } from '../random.ts';
import type { Format } from './baseImages.ts';

interface Mutation {
  readonly name: string;
  readonly apply: (bytes: Buffer, format: Format, random: Random) => Buffer;
}

const EXTREMES: readonly [number, ...number[]] = [
  0, 1, 2, 0x7f, 0xff, 0x7fff, 0xffff, 0x7fffffff, 0x80000000, 0xffffffff,
];
/** The offset of the width and the height in each format where it is fixed. */
const SIZE_FIELDS: Partial<Record<Format, { readonly at: number; readonly bytes: 2 | 4; readonly little: boolean }>> = {
  png: { at: 16, bytes: 4, little: false },
  bmp: { at: 18, bytes: 4, little: true },
  gif: { at: 6, bytes: 2, little: true },
};

const mutations: readonly [Mutation, ...Mutation[]] = [
  { name: 'bits flipped', apply: (bytes, _, random) => flipBits(bytes, random.between(1, 40), random) },
  {
    name: 'bits of the header flipped',
    apply: (bytes, _, random) => flipBits(bytes, random.between(1, 8), random, 64),
  },
  { name: 'truncated', apply: (bytes, _, random) => bytes.subarray(0, random.below(bytes.length)) },
  { name: 'chunks swapped', apply: swapChunks },
  { name: 'wrong size in the header', apply: wrongSize },
  { name: 'extreme field', apply: (bytes, _, random) => extremeField(bytes, random) },
  { name: 'range repeated', apply: (bytes, _, random) => repeatRange(bytes, random) },
  { name: 'range removed', apply: (bytes, _, random) => removeRange(bytes, random) },
  {
    name: 'random bytes inserted',
    apply: (bytes, _, random) => insert(bytes, random.bytes(random.between(1, 400)), random),
  },
  {
    name: 'zeros at the end',
    apply: (bytes, _, random) => Buffer.concat([bytes, Buffer.alloc(random.below(100_000))]),
  },
  {
    name: 'only the signature',
    apply: (bytes, _, random) => Buffer.concat([bytes.subarray(0, 12), random.bytes(random.below(300))]),
  },
];

/** Damages an image in one to three ways. @returns the bytes and the ways in words */
export function mutate(
  bytes: Buffer,
  format: Format,
  random: Random,
): { readonly bytes: Buffer; readonly how: string } {
  const chosen = Array.from({ length: random.between(1, 3) }, () => random.pick(mutations));
  let mutated = bytes;
  for (const { apply } of chosen) if (mutated.length > 16) mutated = apply(Buffer.from(mutated), format, random);
  return { bytes: mutated, how: chosen.map(({ name }) => name).join(', ') };
}

function flipBits(bytes: Buffer, count: number, random: Random, within = bytes.length): Buffer {
  for (let i = 0; i < count; i++) {
    const at = random.below(Math.min(within, bytes.length));
    bytes[at] = (bytes[at] ?? 0) ^ (1 << random.below(8));
  }
  return bytes;
}

/** Swaps two chunks of PNG, with correct checksums, or two ranges of other formats. */
function swapChunks(bytes: Buffer, format: Format, random: Random): Buffer {
  if (format === 'png') {
    const chunks = pngChunks(bytes);
    const [i, j] = [random.below(chunks.length), random.below(chunks.length)];
    const [left, right] = [chunks[i], chunks[j]];
    if (left && right) [chunks[i], chunks[j]] = [right, left];
    return Buffer.concat([bytes.subarray(0, 8), ...chunks]);
  }
  const length = random.between(1, Math.max(1, Math.floor(bytes.length / 4)));
  const [a, b] = [random.below(bytes.length - length), random.below(bytes.length - length)];
  const first = Buffer.from(bytes.subarray(a, a + length));
  bytes.copyWithin(a, b, b + length);
  bytes.set(first, b);
  return bytes;
}

function pngChunks(bytes: Buffer): Buffer[] {
  const chunks: Buffer[] = [];
  for (let at = 8; at + 12 <= bytes.length;) {
    const end = at + 12 + bytes.readUInt32BE(at);
    chunks.push(bytes.subarray(at, end));
    at = end;
  }
  return chunks;
}

function wrongSize(bytes: Buffer, format: Format, random: Random): Buffer {
  const size = random.pick([0, 1, 3, 5000, 20_000, 60_000, 0x7fffffff, 0xffffffff] as const);
  if (format === 'svg') {
    return Buffer.from(
      bytes
        .toString()
        .replace(
          /(width|height)="48"/,
          `$1="${random.pick(['0', '-5', '1e9', 'NaN', '100%', '48em', `${size}`] as const)}"`,
        ),
    );
  }
  const field = SIZE_FIELDS[format];
  if (!field) return extremeField(bytes, random, 600);
  const at = field.at + (random.chance(0.5) ? field.bytes : 0);
  write(bytes, at, size, field.bytes, field.little);
  if (format === 'png' && bytes.length > 33) bytes.writeUInt32BE(crc32(bytes.subarray(12, 29)), 29);
  return bytes;
}

function extremeField(bytes: Buffer, random: Random, within = bytes.length): Buffer {
  const size = random.pick([2, 4] as const);
  const at = random.below(Math.max(1, Math.min(within, bytes.length) - size));
  write(bytes, at, random.pick(EXTREMES), size, random.chance(0.5));
  return bytes;
}

function write(bytes: Buffer, at: number, value: number, size: 2 | 4, little: boolean): void {
  const kept = size === 2 ? value % 2 ** 16 : value;
  if (at + size > bytes.length) return;
  if (little) bytes.writeUIntLE(kept, at, size);
  else bytes.writeUIntBE(kept, at, size);
}

function repeatRange(bytes: Buffer, random: Random): Buffer {
  const start = random.below(bytes.length);
  return insert(bytes, bytes.subarray(start, start + random.between(1, 200)), random);
}

function removeRange(bytes: Buffer, random: Random): Buffer {
  const start = random.below(bytes.length);
  return Buffer.concat([bytes.subarray(0, start), bytes.subarray(start + random.between(1, 200))]);
}

function insert(bytes: Buffer, part: Buffer, random: Random): Buffer {
  const at = random.below(bytes.length);
  return Buffer.concat([bytes.subarray(0, at), part, bytes.subarray(at)]);
}
