/**
 * Block compression of textures ("Texture Block Compression in Direct3D 11", Microsoft; EXT_texture_compression_s3tc
 * and _rgtc of OpenGL). A block has 4 × 4 pixels.
 */

export interface BlockFormat {
  /** Bytes of a block. */
  readonly bytes: number;
  /** Writes the RGBA of 16 pixels. */
  readonly decode: (block: Buffer, rgba: Uint8Array) => void;
}

export const BLOCK_FORMATS = {
  bc1: {
    bytes: 8,
    decode: (block, rgba) => {
      decodeColours(block, 0, rgba, true);
    },
  },
  bc2: { bytes: 16, decode: decodeBc2 },
  bc3: {
    bytes: 16,
    decode: (block, rgba) => {
      decodeColours(block, 8, rgba, false);
      decodeChannel(block, 0, rgba, [3]);
    },
  },
  bc4: {
    bytes: 8,
    decode: (block, rgba) => {
      decodeChannel(block, 0, rgba.fill(255), [0, 1, 2]);
    },
  },
  /** Red and green, mostly of normals. */
  bc5: {
    bytes: 16,
    decode: (block, rgba) => {
      for (let i = 0; i < 16; i++) rgba.set([0, 0, 0, 255], 4 * i);
      decodeChannel(block, 0, rgba, [0]);
      decodeChannel(block, 8, rgba, [1]);
    },
  },
} satisfies Record<string, BlockFormat>;

/** @returns [height, width, 4] */
export function decodeBlocks(
  pixels: Buffer,
  width: number,
  height: number,
  { bytes, decode }: BlockFormat,
): Uint8Array {
  const data = new Uint8Array(width * height * 4);
  const rgba = new Uint8Array(64);
  let at = 0;
  for (let top = 0; top < height; top += 4) {
    for (let left = 0; left < width; left += 4, at += bytes) {
      decode(pixels.subarray(at, at + bytes), rgba);
      const columns = Math.min(4, width - left);
      for (let y = 0; y < 4 && top + y < height; y++) {
        data.set(rgba.subarray(16 * y, 16 * y + 4 * columns), 4 * ((top + y) * width + left));
      }
    }
  }
  return data;
}

/**
 * Two colours of 5, 6 and 5 bits, and two between them; or one between them and transparency, if the first is not
 * larger.
 */
function decodeColours(block: Buffer, at: number, rgba: Uint8Array, canBeTransparent: boolean): void {
  const [first, second] = [block.readUInt16LE(at), block.readUInt16LE(at + 2)];
  const [a, b] = [expand565(first), expand565(second)];
  const isOpaque = first > second || !canBeTransparent;
  const mix = (x: number, y: number): number[] =>
    [0, 1, 2].map((c) => Math.floor((x * (a[c] ?? 0) + y * (b[c] ?? 0)) / (x + y)));
  const colours = isOpaque
    ? [
        [...a, 255],
        [...b, 255],
        [...mix(2, 1), 255],
        [...mix(1, 2), 255],
      ]
    : [
        [...a, 255],
        [...b, 255],
        [...mix(1, 1), 255],
        [0, 0, 0, 0],
      ];
  const indices = block.readUInt32LE(at + 4);
  for (let i = 0; i < 16; i++) rgba.set(colours[(indices >>> (2 * i)) & 3] ?? [], 4 * i);
}

function expand565(value: number): readonly [red: number, green: number, blue: number] {
  const [red, green, blue] = [value >> 11, (value >> 5) & 63, value & 31];
  return [(red << 3) | (red >> 2), (green << 2) | (green >> 4), (blue << 3) | (blue >> 2)];
}

/** Alpha of 4 bits a pixel. */
function decodeBc2(block: Buffer, rgba: Uint8Array): void {
  decodeColours(block, 8, rgba, false);
  for (let i = 0; i < 16; i++) rgba[4 * i + 3] = (((block[i >> 1] ?? 0) >> (4 * (i & 1))) & 15) * 17;
}

/** Two values, and six between them; or four between them, 0 and 255, if the first is not larger. 3 bits a pixel. */
function decodeChannel(block: Buffer, at: number, rgba: Uint8Array, channels: readonly number[]): void {
  const [first = 0, second = 0] = [block[at], block[at + 1]];
  const steps = first > second ? 7 : 5;
  const values = [first, second];
  for (let i = 1; i < steps; i++) values.push(Math.floor(((steps - i) * first + i * second) / steps));
  if (steps === 5) values.push(0, 255);
  const bits = block.readUIntLE(at + 2, 6);
  for (let i = 0; i < 16; i++) {
    const value = values[Math.floor(bits / 8 ** i) % 8] ?? 0;
    for (const channel of channels) rgba[4 * i + channel] = value;
  }
}
