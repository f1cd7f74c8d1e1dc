import exifReader from 'exif-reader';
import type { CameraDetails } from '../types.ts';

const SIGNATURE = 'Exif\0\0';
/** TIFF, section 2: bytes of the types of a value, from 1 on. */
const TYPE_BYTES = [1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8];
/** Tags that lead to further directories: EXIF, GPS, interoperability. */
const POINTERS = new Set([0x8769, 0x8825, 0xa005]);
/** Equal values may share their place. */
const MOST_CLAIMED = 2;
const LONGEST_TEXT = 200;

/**
 * Reads an EXIF block, as sharp hands it out.
 * @returns null where there is none, it says nothing of this, or it is damaged: the picture is good all the same
 */
export function readExif(block: Buffer | undefined): CameraDetails | null {
  if (!block || claimsTooMuch(block)) return null;
  let found: ReturnType<typeof exifReader>;
  try {
    found = exifReader(block);
  } catch {
    return null;
  }
  const image: Readonly<Record<string, unknown>> = found.Image ?? {};
  const photo: Readonly<Record<string, unknown>> = found.Photo ?? {};
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
    hasPlace: Array.isArray(found.GPSInfo?.GPSLatitude),
  };
  return Object.values(details).some((value) => value !== null && value !== false) ? details : null;
}

/**
 * A block holds each of its values once. One whose values add up to more than itself would, in a few kilobytes, make the
 * reader fill gigabytes.
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
    claimed += 6; // so that those which lead to each other come to an end
    const entries = short(directory);
    const end = directory + 2 + entries * 12;
    for (let at = directory + 2; at + 12 <= Math.min(end, tiff.length); at += 12) {
      const size = long(at + 4) * (TYPE_BYTES[short(at + 2) - 1] ?? 0);
      claimed += 12 + (size > 4 ? size : 0); // up to four bytes lie in the entry
      if (POINTERS.has(short(at))) directories.push(long(at + 8));
    }
    if (claimed > MOST_CLAIMED * tiff.length) return true;
    const next = long(end);
    if (next > 0) directories.push(next);
  }
  return false;
}

function text(value: unknown): string | null {
  const words = typeof value === 'string' ? value : value instanceof Uint8Array ? new TextDecoder().decode(value) : '';
  const line = words.replace(/[\p{Cc}\s]+/gu, ' ').trim(); // padded with zeros or spaces
  return line === '' ? null : line.slice(0, LONGEST_TEXT);
}

function positive(value: unknown): number | null {
  const first: unknown = Array.isArray(value) ? value[0] : value;
  return typeof first === 'number' && Number.isFinite(first) && first > 0 ? first : null;
}

/** The reader takes the camera's time for UTC. */
function date(value: unknown, offset: unknown): string | null {
  if (!(value instanceof Date) || Number.isNaN(value.getTime())) return null;
  const zone = typeof offset === 'string' && /^[+-]\d\d:\d\d$/.test(offset) ? offset : '';
  return value.toISOString().slice(0, 19) + zone;
}
