import exifReader from 'exif-reader';
import type { CameraDetails } from './types.ts';

const SIGNATURE = 'Exif\0\0';
/** Bytes of the value types, from type 1 on (TIFF 6.0, section 2). */
const TYPE_BYTES = [1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8];
/** Tags that point to further directories: EXIF, GPS, interoperability. */
const POINTERS = new Set([0x8769, 0x8825, 0xa005]);
/** Maximum total size of the values, relative to the block. Equal values may share their bytes. */
const MAXIMUM_CLAIM = 2;
const LONGEST_TEXT = 200;

/**
 * Reads the EXIF block of an image, as sharp returns it.
 * @returns null where there is no block, it is damaged, or it has none of these values
 */
export function readExif(block: Buffer | undefined): CameraDetails | null {
  if (!block || claimsTooMuch(block)) return null;
  let tags: ReturnType<typeof exifReader>;
  try {
    tags = exifReader(block);
  } catch {
    return null;
  }
  const image: Readonly<Record<string, unknown>> = tags.Image ?? {};
  const photo: Readonly<Record<string, unknown>> = tags.Photo ?? {};
  const details: CameraDetails = {
    make: text(image['Make']),
    model: text(image['Model']),
    lens: text(photo['LensModel']),
    takenAt: date(photo['DateTimeOriginal'] ?? photo['DateTimeDigitized'], photo['OffsetTimeOriginal']),
    exposureSeconds: positive(photo['ExposureTime']),
    aperture: positive(photo['FNumber']),
    iso: positive(photo['ISOSpeedRatings']),
    focalLength: positive(photo['FocalLength']),
    software: text(image['Software']),
    hasPlace: Array.isArray(tags.GPSInfo?.GPSLatitude),
  };
  return Object.values(details).some((value) => value !== null && value !== false) ? details : null;
}

/**
 * Whether the values of a block add up to more than the block can contain. The reader allocates each value, so that a
 * hostile block of a few kilobytes could fill gigabytes.
 */
function claimsTooMuch(block: Buffer): boolean {
  const start = block.toString('latin1', 0, SIGNATURE.length) === SIGNATURE ? SIGNATURE.length : 0;
  const tiff = block.subarray(start);
  const little = tiff[0] === 0x49;
  const short = (at: number): number =>
    at + 2 > tiff.length ? 0 : little ? tiff.readUInt16LE(at) : tiff.readUInt16BE(at);
  const long = (at: number): number =>
    at + 4 > tiff.length ? 0 : little ? tiff.readUInt32LE(at) : tiff.readUInt32BE(at);
  const directories = [long(4)];
  let claimed = 0;
  for (let directory = directories.pop(); directory !== undefined; directory = directories.pop()) {
    claimed += 6; // ends the loop where directories point to each other
    const entries = short(directory);
    const end = directory + 2 + entries * 12;
    for (let at = directory + 2; at + 12 <= Math.min(end, tiff.length); at += 12) {
      const size = long(at + 4) * (TYPE_BYTES[short(at + 2) - 1] ?? 0);
      claimed += 12 + (size > 4 ? size : 0); // up to four bytes are stored in the entry
      if (POINTERS.has(short(at))) directories.push(long(at + 8));
    }
    if (claimed > MAXIMUM_CLAIM * tiff.length) return true;
    const next = long(end);
    if (next > 0) directories.push(next);
  }
  return false;
}

function text(value: unknown): string | null {
  const raw = typeof value === 'string' ? value : value instanceof Uint8Array ? new TextDecoder().decode(value) : '';
  const line = raw.replace(/[\p{Cc}\s]+/gu, ' ').trim(); // padded with zeros or spaces
  return line === '' ? null : line.slice(0, LONGEST_TEXT);
}

function positive(value: unknown): number | null {
  const first: unknown = Array.isArray(value) ? value[0] : value;
  return typeof first === 'number' && Number.isFinite(first) && first > 0 ? first : null;
}

/** The reader treats the local time of the camera as UTC. */
function date(value: unknown, offset: unknown): string | null {
  if (!(value instanceof Date) || Number.isNaN(value.getTime())) return null;
  const zone = typeof offset === 'string' && /^[+-]\d\d:\d\d$/.test(offset) ? offset : '';
  return value.toISOString().slice(0, 19) + zone;
}
