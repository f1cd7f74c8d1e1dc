import { randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { crc32 } from 'node:zlib';
import * as z from 'zod';
import { messageOf } from '../../../base/userError.ts';
import type { Thumbnail } from '../../images/types.ts';

export interface ThumbnailFolderOptions {
  /** Created with the first thumbnail. */
  readonly folder: string;
  /** Maximum bytes on the disk. The least recently used thumbnails are removed first. */
  readonly bytes: number;
  /** Called once with the reason why thumbnails cannot be stored. */
  readonly onUnwritable?: ((reason: string) => void) | undefined;
}

/**
 * The modification time of a file is the time of its last use. It is updated once a day, so that reading rarely writes.
 */
const DAY = 24 * 60 * 60_000;
/** A temporary file of this age belongs to a process that was killed. */
const ABANDONED = 60 * 60_000;
/** The size of the folder is checked again when this share of its limit was written. */
const SLACK = 1 / 8;
/** Files occupy whole blocks of the disk. Most icons are far smaller than a block. */
const BLOCK = 4096;
const TEMPORARY = '.tmp';

/**
 * A file is a WebP picture followed by JSON with the other properties of the thumbnail. Viewers ignore what follows the
 * picture. The checksum detects files that were damaged by a loss of power.
 */
const propertiesSchema = z.object({
  crc32: z.number(),
  width: z.number(),
  height: z.number(),
  image: z.object({ width: z.number(), height: z.number(), format: z.string(), bytes: z.number() }),
});

/**
 * Thumbnails in a folder on the disk, which several processes can share. An error of the disk never fails a thumbnail:
 * a file that cannot be read counts as missing.
 */
export class ThumbnailFolder {
  readonly #options: ThumbnailFolderOptions;
  /** Bytes written since the size was checked. The first write checks the files of earlier processes. */
  #written = Infinity;
  #reportedUnwritable = false;

  constructor(options: ThumbnailFolderOptions) {
    this.#options = options;
  }

  async get(key: string): Promise<Thumbnail | undefined> {
    const file = this.#fileOf(key);
    try {
      const thumbnail = unpack(await readFile(file));
      await markUsed(file);
      return thumbnail;
    } catch {
      return undefined; // missing, unreadable or damaged: a new thumbnail will replace it
    }
  }

  /** Stores a thumbnail completely or not at all. */
  async put(key: string, thumbnail: Thumbnail): Promise<void> {
    const file = this.#fileOf(key);
    const temporary = `${file}.${randomUUID()}${TEMPORARY}`;
    try {
      await mkdir(path.dirname(file), { recursive: true });
      const content = pack(thumbnail);
      await writeFile(temporary, content);
      await rename(temporary, file);
      void this.#limitSize(content.length).catch(() => undefined); // the next write tries again
    } catch (error) {
      await rm(temporary, { force: true }).catch(() => undefined);
      if (!this.#reportedUnwritable) this.#options.onUnwritable?.(messageOf(error));
      this.#reportedUnwritable = true;
    }
  }

  /** The files are distributed over 256 folders, because file systems are slow in large folders. */
  #fileOf(key: string): string {
    return path.join(this.#options.folder, key.slice(0, 2), `${key}.webp`);
  }

  async #limitSize(added: number): Promise<void> {
    const { folder, bytes } = this.#options;
    this.#written += onDisk(added);
    if (this.#written < bytes * SLACK) return;
    this.#written = 0;
    await removeOldest(folder, bytes * (1 - SLACK));
  }
}

function pack({ bytes, width, height, image }: Thumbnail): Buffer {
  return Buffer.concat([bytes, Buffer.from(JSON.stringify({ crc32: crc32(bytes), width, height, image }))]);
}

/** @throws where the file is damaged */
function unpack(content: Buffer): Thumbnail {
  const bytes = content.subarray(0, content.readUInt32LE(4) + 8); // RIFF: the size of what follows the first 8 bytes
  const properties = propertiesSchema.parse(JSON.parse(content.toString('utf8', bytes.length)));
  if (properties.crc32 !== crc32(bytes)) throw new Error('the checksum is wrong');
  const { width, height, image } = properties;
  return { bytes, width, height, image };
}

async function markUsed(file: string): Promise<void> {
  const { mtimeMs } = await stat(file);
  const now = new Date();
  // In a folder that cannot be written to, the time of creation counts.
  if (now.getTime() - mtimeMs > DAY) await utimes(file, now, now).catch(() => undefined);
}

function onDisk(bytes: number): number {
  return Math.ceil(bytes / BLOCK) * BLOCK;
}

/** Removes abandoned temporary files, and the least recently used files until the others fit into the maximum bytes. */
export async function removeOldest(folder: string, maximum: number): Promise<void> {
  const names = await readdir(folder, { recursive: true });
  const now = Date.now();
  const files: { readonly file: string; readonly size: number; readonly used: number }[] = [];
  for (const name of names) {
    const file = path.join(folder, name);
    const entry = await stat(file).catch(() => undefined); // removed by another process
    if (!entry?.isFile()) continue;
    if (!name.endsWith(TEMPORARY)) files.push({ file, size: onDisk(entry.size), used: entry.mtimeMs });
    else if (now - entry.mtimeMs > ABANDONED) await rm(file, { force: true }).catch(() => undefined);
  }
  let total = files.reduce((sum, { size }) => sum + size, 0);
  for (const { file, size } of files.sort((a, b) => a.used - b.used)) {
    if (total <= maximum) return;
    await rm(file, { force: true }).catch(() => undefined); // on Windows, another process may have it open
    total -= size;
  }
}
