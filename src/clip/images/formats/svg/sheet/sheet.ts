import { createHash } from 'node:crypto';
import type { Stats } from 'node:fs';
import { LRUCache } from 'lru-cache';
import { UserError } from '../../../../../base/userError.ts';
import type { DecodeLimits } from '../../../limits.ts';
import type { SheetContent } from '../../../types.ts';
import { svg } from '../../svg.ts';
import { svgDocument, gunzipSvg } from '../document.ts';
import { withImageData, withoutImageData } from '../imageData.ts';
import { mayBeSheet } from './isSheet.ts';

/** An SVG that contains images for other documents. */
interface Sheet {
  readonly content: SheetContent;
  /** SVG in UTF-8, by fragment. */
  readonly documents: ReadonlyMap<string, Buffer>;
}

/** Bytes of a sheet, without its images, that are parsed: about a second. */
const LONGEST = 8 * 2 ** 20;
/** Bytes of the documents of recent sheets. */
const CACHE_BYTES = 64 * 2 ** 20;
/** The images of a sheet are drawn one after another, so it is parsed once for all of them. By the hash of the file. */
const recent = new LRUCache<string, Sheet>({
  maxSize: CACHE_BYTES,
  sizeCalculation: ({ documents }) => [...documents.values()].reduce((sum, { length }) => sum + length, 1),
});

/** The hashes of recent files, so that they are not read again for each of their images. */
const hashes = new LRUCache<string, string>({ max: 1000 });

/**
 * Lists the images that an SVG contains for other documents.
 * @param file encoded bytes of any image
 * @param hash SHA-256 of the bytes in hexadecimal
 * @returns undefined where it is no such SVG, or is damaged or too large
 */
export async function sheetContent(
  file: Uint8Array,
  hash: string,
  limits: DecodeLimits,
): Promise<SheetContent | undefined> {
  try {
    return (await sheetOf(file, hash, limits))?.content;
  } catch (error) {
    if (error instanceof UserError) return undefined; // drawing the whole file reports it
    throw error;
  }
}

/** A file whose content was read, as the file system describes it. */
export interface FileVersion {
  readonly path: string;
  readonly stats: Pick<Stats, 'size' | 'mtimeMs' | 'ctimeMs' | 'ino'>;
}

/**
 * Returns an image of a sheet as an SVG of its own.
 * @param version of the file before it was read
 * @throws UserError where the file is no sheet, or has no such image
 */
export async function fragmentOf(
  file: Uint8Array,
  fragment: string,
  limits: DecodeLimits,
  version?: FileVersion,
): Promise<Uint8Array> {
  const hash = createHash('sha256').update(file).digest('hex');
  const found = (await sheetOf(file, hash, limits))?.documents.get(fragment);
  if (!found) throw new UserError(`the file has no symbol "${fragment}"`);
  if (version) hashes.set(keyOf(version), hash);
  return found;
}

/** Returns an image of a sheet that was read recently, and whose file has not changed since. */
export function recentFragment(version: FileVersion, fragment: string): Uint8Array | undefined {
  return recent.get(hashes.get(keyOf(version)) ?? '')?.documents.get(fragment);
}

function keyOf({ path, stats: { size, mtimeMs, ctimeMs, ino } }: FileVersion): string {
  return [size, mtimeMs, ctimeMs, ino, path].join(' ');
}

async function sheetOf(bytes: Uint8Array, hash: string, limits: DecodeLimits): Promise<Sheet | undefined> {
  const known = recent.get(hash);
  if (known) return known;
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  if (!svg.sniff(file, '')) return undefined;
  const isCompressed = file[0] === 0x1f;
  const { text: whole } = svgDocument(isCompressed ? await gunzipSvg(file, limits.bytes) : file);
  const { text, images } = withoutImageData(whole);
  if (!mayBeSheet(text) || text.length > LONGEST) return undefined;
  const { extractSheet } = await import('./extractSheet.ts');
  const extracted = extractSheet(Buffer.from(text, 'latin1').toString());
  if (!extracted || extracted.documents.size === 0) return undefined;
  const documents = new Map(
    [...extracted.documents].map(([fragment, document]) => [fragment, encoded(document, images)]),
  );
  const fragments = [...documents].map(([fragment, document]) => ({
    fragment,
    hash: createHash('sha256').update(document).digest('hex'),
  }));
  const sheet = { content: { fragments, left: extracted.left, isDrawing: extracted.isDrawing }, documents };
  recent.set(hash, sheet);
  return sheet;
}

function encoded(document: string, images: readonly string[]): Buffer {
  const bytes = Buffer.from(document);
  return images.length === 0 ? bytes : Buffer.from(withImageData(bytes.toString('latin1'), images), 'latin1');
}
