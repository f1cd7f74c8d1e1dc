import { constants, type Stats } from 'node:fs';
import { open, stat, type FileHandle } from 'node:fs/promises';
import { sizesApart } from './format.ts';
import { UserError } from './userError.ts';

/** A file is not read because of its kind or its size. The message is a clause about the file. */
export class RefusedFile extends UserError {}

export interface OpenedFile {
  /** Opened for reading. The caller closes it. */
  readonly handle: FileHandle;
  /** Bytes when the file was opened. */
  readonly size: number;
}

export interface ReadOptions {
  /** Whether to read the file that a link leads to. Default: true. */
  readonly followLinks?: boolean;
}

/**
 * Opens a file that someone else may have made. Only a regular file is opened: a pipe would wait for a writer, a device
 * may never end, and opening it may do something.
 * @throws RefusedFile where it is not a regular file or has more bytes than the limit; the error of the file system
 */
export async function openRegularFile(
  file: string,
  maxBytes = Infinity,
  { followLinks = true }: ReadOptions = {},
): Promise<OpenedFile> {
  assertRegular(await stat(file));
  // O_NONBLOCK, because another program may have replaced the file by a pipe since. Windows has neither flag.
  const flags = constants as Partial<typeof constants>;
  const noFollow = followLinks ? 0 : (flags.O_NOFOLLOW ?? 0);
  const handle = await open(file, constants.O_RDONLY | (flags.O_NONBLOCK ?? 0) | noFollow);
  try {
    const opened = await handle.stat();
    assertRegular(opened);
    if (opened.size > maxBytes) throw tooLarge(opened.size, maxBytes);
    return { handle, size: opened.size };
  } catch (error) {
    await handle.close();
    throw error;
  }
}

/**
 * Reads a whole file that someone else may have made.
 * @throws RefusedFile where it is not a regular file or has more bytes than the limit; the error of the file system
 */
export async function readRegularFile(file: string, maxBytes: number, options?: ReadOptions): Promise<Buffer> {
  const opened = await openRegularFile(file, maxBytes, options);
  try {
    return await readOpenedFile(opened, maxBytes);
  } finally {
    await opened.handle.close();
  }
}

/**
 * Reads a whole file that is open, from its start.
 * @throws RefusedFile where it has more bytes than the limit; the error of the file system
 */
export async function readOpenedFile({ handle, size }: OpenedFile, maxBytes = Infinity): Promise<Buffer> {
  // One more byte shows the end. The file may grow, and files of the system have no size.
  let bytes = Buffer.allocUnsafe(size + 1);
  for (let filled = 0; ;) {
    const { bytesRead } = await handle.read(bytes, filled, bytes.length - filled, filled);
    filled += bytesRead;
    if (filled > maxBytes) throw tooLarge(filled, maxBytes);
    // A read that ends at the size of a regular file has met the end.
    if (bytesRead === 0 || (size > 0 && filled === size)) return bytes.subarray(0, filled);
    if (filled === bytes.length) bytes = Buffer.concat([bytes], Math.min(2 * bytes.length + 4096, maxBytes + 1));
  }
}

/** Reads a whole text file in UTF-8; see readRegularFile. */
export async function readRegularText(file: string, maxBytes: number, options?: ReadOptions): Promise<string> {
  return (await readRegularFile(file, maxBytes, options)).toString('utf8');
}

function assertRegular(stats: Stats): void {
  if (stats.isFile()) return;
  const kind = stats.isDirectory() ? 'folder' : stats.isFIFO() ? 'pipe' : stats.isSocket() ? 'socket' : 'device';
  throw new RefusedFile(`it is a ${kind}, not a file`);
}

function tooLarge(bytes: number, limit: number): RefusedFile {
  const [size, most] = sizesApart(bytes, limit);
  return new RefusedFile(`${size} exceeds the limit of ${most}`);
}
