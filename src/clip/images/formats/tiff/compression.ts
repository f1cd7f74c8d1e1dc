import { promisify } from 'node:util';
import { deflate, zstdDecompress } from 'node:zlib';
import { fileSize } from '../../../../base/format.ts';
import { UserError } from '../../../../base/userError.ts';
import { checkPixels, type DecodeLimits } from '../../limits.ts';
import type { PackedBytes } from '../imageFormat.ts';
import { blocksOf } from './blocks.ts';
import { TAG, type TiffDirectory } from './directory.ts';

const DEFLATE = 8;
const ZSTD = 50000;
/** A block while it is converted: its pixels, and the compressed block in parts and as a whole. */
const COPIES = 3;
/** Values of the tag Compression whose codec the libtiff of sharp contains. */
const CODECS: ReadonlySet<number> = new Set([1, 2, 3, 4, 5, 6, 7, 8, 32773, 32946, 50001]);
/** Names of other codecs for users. */
const NAMES: Readonly<Record<number, string>> = {
  33003: 'JPEG 2000',
  33005: 'JPEG 2000',
  34712: 'JPEG 2000',
  34887: 'LERC',
  34892: 'lossy JPEG of DNG',
  34925: 'LZMA',
  22610: 'JPEG XR',
  34933: 'PNG',
  34934: 'JPEG XR',
  50002: 'JPEG XL',
  52546: 'JPEG XL',
};

/**
 * Returns the TIFF in a compression that libtiff decodes. The libtiff of sharp lacks zstd; for other codecs that it
 * lacks, it returns black pixels.
 * @throws UserError where the compression is not supported, or the file is truncated, damaged or exceeds a limit
 */
export function withKnownCompression(tiff: TiffDirectory, limits: DecodeLimits): Buffer | PackedBytes {
  const code = tiff.number(TAG.compression, 1);
  if (CODECS.has(code)) return tiff.file;
  if (code !== ZSTD) throw new UserError(`TIFF with an unsupported compression (${NAMES[code] ?? code})`);
  checkPixels(tiff.number(TAG.width, 0), tiff.number(TAG.height, 0), limits);
  const { count, bytes } = blocksOf(tiff);
  // Deflate lengthens bytes that it cannot compress a little.
  const encoded = Math.min(limits.bytes, 1.01 * count * bytes);
  return {
    length: tiff.file.length + encoded,
    memory: COPIES * bytes + encoded,
    unpack: () => fromZstd(tiff, limits.bytes),
  };
}

async function fromZstd(tiff: TiffDirectory, maximum: number): Promise<Buffer> {
  const { count, bytes, offsetsTag, bytesTag } = blocksOf(tiff);
  const lengths = tiff.numbers(bytesTag, count);
  let total = 0;
  const blocks: Buffer[] = [];
  for (const [i, offset] of tiff.numbers(offsetsTag, count).entries()) {
    const length = lengths[i] ?? 0;
    // libtiff leaves out blocks without bytes.
    const block = length === 0 ? Buffer.alloc(0) : await toDeflate(tiff.file.subarray(offset, offset + length), bytes);
    total += block.length;
    if (total > maximum) throw new UserError(`TIFF with zstd of more than ${fileSize(maximum)}`);
    blocks.push(block);
  }
  return tiff.withShort(TAG.compression, DEFLATE).withBlocks(offsetsTag, bytesTag, blocks);
}

async function toDeflate(block: Buffer, maximum: number): Promise<Buffer> {
  try {
    const pixels = await promisify(zstdDecompress)(block, { maxOutputLength: maximum });
    return await promisify(deflate)(pixels, { level: 1 });
  } catch (error) {
    throw new UserError('damaged TIFF (zstd)', { cause: error });
  }
}
