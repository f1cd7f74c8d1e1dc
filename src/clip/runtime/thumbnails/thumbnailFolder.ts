import { randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { crc32 } from 'node:zlib';
import { z } from 'zod';
import { messageOf } from '../../../base/userError.ts';
import type { Thumbnail } from '../../images/types.ts';

/** Thumbnails in a folder on the disk, which several processes may share. It never fails a thumbnail: what cannot be read is not there. */
export interface ThumbnailFolder {
  get(key: string): Promise<Thumbnail | undefined>;
  /** Puts it there whole or not at all. */
  put(key: string, thumbnail: Thumbnail): Promise<void>;
}

export interface ThumbnailFolderOptions {
  readonly folder: string;
  /** Most bytes on the disk; what was used longest ago is removed first. */
  readonly bytes: number;
  /** Told once that nothing can be kept, and why. */
  readonly onUnwritable?: ((reason: string) => void) | undefined;
}

/** The time of a file says when it was used last; it is brought up to date once a day, lest looking means writing. */
const DAY = 24 * 60 * 60_000;
/** What is still half written after so long never will be whole. */
const ABANDONED = 60 * 60_000;
/** The folder is looked through again when this share of its limit was written. */
const SLACK = 1 / 8;
/** What a file takes at least, and in steps of: icons are far smaller, and many. */
const BLOCK = 4096;
const TEMPORARY = '.tmp';

/**
 * A file is a WebP picture, whose own header says where it ends, and behind it what is known of the image, as JSON. Viewers
 * ignore what follows the picture. The checksum is for what a machine that lost its power leaves behind.
 */
const noteSchema = z.object({
  crc32: z.number(),
  width: z.number(),
  height: z.number(),
  image: z.object({ width: z.number(), height: z.number(), format: z.string(), bytes: z.number() }),
});

/** @param options.folder need not be there yet */
export function thumbnailFolder({ folder, bytes: most, onUnwritable }: ThumbnailFolderOptions): ThumbnailFolder {
  let written = Infinity; // the first to write looks what earlier processes left
  let toldUnwritable = false;

  // 256 folders, for no file system likes them large.
  const fileOf = (key: string): string => path.join(folder, key.slice(0, 2), `${key}.webp`);

  const makeRoom = async (added: number): Promise<void> => {
    written += onDisk(added);
    if (written < most * SLACK) return;
    written = 0;
    await removeOldest(folder, most * (1 - SLACK));
  };

  return {
    async get(key) {
      const file = fileOf(key);
      try {
        const thumbnail = unpacked(await readFile(file));
        await markUsed(file);
        return thumbnail;
      } catch {
        return undefined; // missing, being removed, unreadable or damaged: it is made anew, and put in its place
      }
    },
    async put(key, thumbnail) {
      const file = fileOf(key);
      const half = `${file}.${randomUUID()}${TEMPORARY}`;
      try {
        await mkdir(path.dirname(file), { recursive: true });
        const content = packed(thumbnail);
        await writeFile(half, content);
        await rename(half, file);
        void makeRoom(content.length).catch(() => undefined); // what cannot be removed now is tried again later
      } catch (error) {
        await rm(half, { force: true }).catch(() => undefined);
        if (!toldUnwritable) onUnwritable?.(messageOf(error));
        toldUnwritable = true;
      }
    },
  };
}

function packed({ bytes, width, height, image }: Thumbnail): Buffer {
  return Buffer.concat([bytes, Buffer.from(JSON.stringify({ crc32: crc32(bytes), width, height, image }))]);
}

/** @throws where the file is damaged */
function unpacked(content: Buffer): Thumbnail {
  const bytes = content.subarray(0, content.readUInt32LE(4) + 8); // RIFF: the size of what follows the first 8 bytes
  const note = noteSchema.parse(JSON.parse(content.toString('utf8', bytes.length)));
  if (note.crc32 !== crc32(bytes)) throw new Error('the checksum is wrong');
  const { width, height, image } = note;
  return { bytes, width, height, image };
}

async function markUsed(file: string): Promise<void> {
  const { mtimeMs } = await stat(file);
  const now = new Date();
  // In a folder that is only read, the oldest are those made first.
  if (now.getTime() - mtimeMs > DAY) await utimes(file, now, now).catch(() => undefined);
}

function onDisk(bytes: number): number {
  return Math.ceil(bytes / BLOCK) * BLOCK;
}

/** Removes the files that were used longest ago until the others take at most so many bytes; and what was never finished. */
export async function removeOldest(folder: string, most: number): Promise<void> {
  const names = await readdir(folder, { recursive: true });
  const now = Date.now();
  const files: { readonly file: string; readonly size: number; readonly used: number }[] = [];
  for (const name of names) {
    const file = path.join(folder, name);
    const entry = await stat(file).catch(() => undefined); // another process was faster
    if (!entry?.isFile()) continue;
    if (!name.endsWith(TEMPORARY)) files.push({ file, size: onDisk(entry.size), used: entry.mtimeMs });
    else if (now - entry.mtimeMs > ABANDONED) await rm(file, { force: true }).catch(() => undefined);
  }
  let total = files.reduce((sum, { size }) => sum + size, 0);
  for (const { file, size } of files.sort((a, b) => a.used - b.used)) {
    if (total <= most) return;
    await rm(file, { force: true }).catch(() => undefined); // open in another process, on Windows
    total -= size;
  }
}
