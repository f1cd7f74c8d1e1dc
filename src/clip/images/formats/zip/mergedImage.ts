import type { Entry, ZipFile } from 'yauzl';
import { fileSize } from '../../../../base/format.ts';
import { UserError } from '../../../../base/userError.ts';
import type { PackedBytes } from '../imageFormat.ts';
import { isPng } from '../png.ts';
import { hasSignature } from '../signature.ts';

/** The picture of all layers together, in OpenRaster and Krita files. */
const MERGED_IMAGE = 'mergedimage.png';
/** Bytes of the header of an entry, before its name. */
const ENTRY_HEADER = 30;
const MIME_TYPE = 'mimetype';
/** Entries that are looked at. */
const MOST_ENTRIES = 10_000;

/** Whether a file is a ZIP whose first entry, which is not compressed, is this MIME type. */
export function isZipOf(file: Buffer, mimeType: string): boolean {
  if (!hasSignature(file, 'PK\x03\x04') || !hasSignature(file, MIME_TYPE, ENTRY_HEADER)) return false;
  const extraBytes = file.length > ENTRY_HEADER ? file.readUInt16LE(28) : 0;
  return hasSignature(file, mimeType, ENTRY_HEADER + MIME_TYPE.length + extraBytes);
}

/**
 * Finds the merged image, a PNG.
 * @param name of the format
 * @param maximum its bytes
 * @throws UserError where it is missing or too large, or the file is truncated or damaged
 */
export async function findMergedImage(file: Buffer, name: string, maximum: number): Promise<PackedBytes> {
  const { zip, entry } = await orDamaged(name, () => findEntry(file));
  if (!entry) throw new UserError(`${name} without a merged image`);
  const length = entry.uncompressedSize;
  if (length > maximum) throw new UserError(`${name} with a merged image of more than ${fileSize(maximum)}`);
  const unpack = async (): Promise<Buffer> => {
    const bytes = await orDamaged(name, () => readEntry(zip, entry));
    if (!isPng(bytes)) throw new UserError(`damaged ${name} (merged image)`);
    return bytes;
  };
  return { length, memory: length, unpack };
}

async function orDamaged<T>(name: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    throw new UserError(`truncated or damaged ${name}`, { cause: error });
  }
}

async function findEntry(file: Buffer): Promise<{ readonly zip: ZipFile; readonly entry: Entry | null }> {
  const { fromBufferPromise } = await import('yauzl');
  const zip = await fromBufferPromise(file, { lazyEntries: true });
  const { promise, resolve, reject } = Promise.withResolvers<Entry | null>();
  let count = 0;
  zip.on('error', reject);
  zip.on('end', () => {
    resolve(null);
  });
  zip.on('entry', (entry: Entry) => {
    if (entry.fileName === MERGED_IMAGE) resolve(entry);
    else if (++count < MOST_ENTRIES) zip.readEntry();
    else resolve(null);
  });
  zip.readEntry();
  return { zip, entry: await promise };
}

/** The stream ends with an error where the size is not the one of the directory. */
async function readEntry(zip: ZipFile, entry: Entry): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of await zip.openReadStreamPromise(entry)) parts.push(part as Buffer);
  return Buffer.concat(parts);
}
