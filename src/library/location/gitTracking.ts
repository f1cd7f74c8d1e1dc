import { constants } from 'node:fs';
import { lstat, open, stat } from 'node:fs/promises';
import path from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { isMissing } from '../../base/fileErrors.ts';

/** Files of Git that are larger are not read. An entry takes about 100 bytes, so this is a million files. */
const MOST_BYTES = 256 * 1024 * 1024;
const SIGNATURE = 'DIRC';
/** Bytes of an object name: SHA-1, or SHA-256 in repositories that use it. */
const HASH_SIZES = [20, 32];
/** Bytes of an entry before its object name: two times, device, inode, mode, user, group and size. */
const FIXED = 40;
const MODE_OFFSET = 24;
/** Types of entries in the upper bits of their mode: folder of a sparse index, file, link, submodule. */
const TYPES = new Set([0o04, 0o10, 0o12, 0o16]);
const NAME_LENGTH = 0xfff;
const EXTENDED = 0x4000;

/**
 * Tells whether Git tracks a path of a folder. It reads the index file of the nearest repository itself: a repository
 * can configure commands that the program `git` runs.
 * @param folder absolute path without links
 * @param isOurs receives the path of each tracked file relative to the folder, with '/', as `comparable` returns it; ''
 * for the folder itself, as a submodule
 * @returns undefined if the repository cannot be read
 */
export async function tracksSome(folder: string, isOurs: (file: string) => boolean): Promise<boolean | undefined> {
  const repository = await findRepository(folder);
  if (!repository) return false;
  const gitFolder = await gitFolderOf(repository.entry);
  if (gitFolder === undefined) return undefined;
  const content = await readRegularFile(path.join(gitFolder, 'index'));
  if (content === 'missing') return false; // a repository without a first `git add`
  if (content === undefined) return undefined;
  const prefix = repository.prefix === '' ? '' : `${comparable(repository.prefix)}/`;
  const isTracked = (name: string): boolean => {
    const file = comparable(name);
    return file.startsWith(prefix) && isOurs(file.slice(prefix.length));
  };
  for (const hashSize of HASH_SIZES) {
    const found = await someName(content, hashSize, isTracked);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Returns a path in the form in which two spellings that a case-insensitive disk does not distinguish are equal. */
export function comparable(file: string): string {
  if (IS_ASCII.test(file)) return file.toLowerCase(); // nearly all paths, of which a repository has many
  return file
    .normalize('NFKC')
    .replace(/\p{Cf}/gu, '')
    .toLowerCase();
}

const IS_ASCII = /^[\0-\x7f]*$/;

interface Repository {
  /** Path of `.git`: a folder, or a file that names one. */
  readonly entry: string;
  /** Path from the top of the repository to the folder, with '/'. */
  readonly prefix: string;
}

async function findRepository(folder: string): Promise<Repository | undefined> {
  const below: string[] = [];
  for (let top = folder; ; top = path.dirname(top)) {
    const entry = path.join(top, '.git');
    const exists = await lstat(entry).then(
      () => true,
      () => false,
    );
    if (exists) return { entry, prefix: below.join('/') };
    if (top === path.dirname(top)) return undefined;
    below.unshift(path.basename(top));
  }
}

/** Returns the folder with the index file. In a worktree or submodule, `.git` is a file that names this folder. */
async function gitFolderOf(entry: string): Promise<string | undefined> {
  const state = await stat(entry).catch(() => undefined);
  if (state?.isDirectory()) return entry;
  const content = await readRegularFile(entry);
  if (!Buffer.isBuffer(content)) return undefined;
  const named = /^gitdir: (.+?)\r?\n?$/s.exec(content.toString('utf8'))?.[1];
  return named === undefined ? undefined : path.resolve(path.dirname(entry), named);
}

/** @returns 'missing' if there is no file of this name; undefined if it cannot be read, or is not a file */
async function readRegularFile(file: string): Promise<Buffer | 'missing' | undefined> {
  try {
    // Without O_NONBLOCK, opening a pipe waits for ever.
    await using handle = await open(file, constants.O_RDONLY | constants.O_NONBLOCK);
    const state = await handle.stat();
    return state.isFile() && state.size <= MOST_BYTES ? await handle.readFile() : undefined;
  } catch (error) {
    return isMissing(error) ? 'missing' : undefined;
  }
}

/** Entries to read before other work of the thread gets a turn; about a millisecond. */
const SLICE = 2048;

/**
 * Tells whether a path in Git's index file, relative to the top of the repository, passes a test. See
 * gitformat-index(5), versions 2 to 4.
 * @returns undefined if the file has another format, or object names of another size
 */
async function someName(
  content: Buffer,
  hashSize: number,
  passes: (name: string) => boolean,
): Promise<boolean | undefined> {
  if (content.length < 12 || content.toString('latin1', 0, 4) !== SIGNATURE) return undefined;
  const version = content.readUInt32BE(4);
  if (version < 2 || version > 4) return undefined;
  const end = content.length - hashSize; // a checksum is at the end
  let position = 12;
  let previous = '';
  let found = false;
  for (let remaining = content.readUInt32BE(8); remaining > 0; remaining--) {
    if (remaining % SLICE === 0) await nextTurn();
    const entry = readEntry(content, position, { hashSize, version, end, previous });
    if (!entry) return undefined;
    ({ next: position, name: previous } = entry);
    found ||= passes(IS_ASCII.test(previous) ? previous : Buffer.from(previous, 'latin1').toString('utf8'));
  }
  // A split index has its other entries in another file.
  return hasExtension(content, position, end, 'link') ? undefined : found;
}

interface EntryContext {
  readonly hashSize: number;
  readonly version: number;
  readonly end: number;
  /** Name of the entry before, which version 4 shortens the next one by. */
  readonly previous: string;
}

/** An entry of Git's index file. */
interface Entry {
  /** The bytes of its path, one character for each. */
  readonly name: string;
  /** Position of the next entry. */
  readonly next: number;
}

function readEntry(
  content: Buffer,
  start: number,
  { hashSize, version, end, previous }: EntryContext,
): Entry | undefined {
  let position = start + FIXED + hashSize + 2;
  if (position + 2 > end || !TYPES.has(content.readUInt32BE(start + MODE_OFFSET) >> 12)) return undefined;
  const flags = content.readUInt16BE(position - 2);
  if (flags & EXTENDED) position += 2;
  let kept = 0;
  if (version === 4) {
    const stripped = readOffset(content, position);
    if (!stripped || stripped.value > previous.length) return undefined;
    kept = previous.length - stripped.value;
    position = stripped.next;
  }
  const zero = content.indexOf(0, position);
  if (zero === -1 || zero >= end) return undefined;
  const name = previous.slice(0, kept) + content.toString('latin1', position, zero);
  const length = flags & NAME_LENGTH;
  if (name.length === 0 || (length < NAME_LENGTH ? name.length !== length : name.length < NAME_LENGTH))
    return undefined;
  // Versions 2 and 3 pad an entry with one to eight zeros to a multiple of eight bytes.
  const next = version === 4 ? zero + 1 : start + Math.floor((zero - start) / 8 + 1) * 8;
  return next > end ? undefined : { name, next };
}

/** Reads a number of variable length, as for the offsets in a pack file. */
function readOffset(content: Buffer, start: number): { value: number; next: number } | undefined {
  let byte = content[start] ?? 0;
  let value = byte & 0x7f;
  let next = start + 1;
  for (; byte & 0x80; next++) {
    byte = content[next] ?? 0;
    value = (value + 1) * 128 + (byte & 0x7f);
    if (next - start > 4) return undefined;
  }
  return { value, next };
}

function hasExtension(content: Buffer, start: number, end: number, wanted: string): boolean {
  for (let position = start; position + 8 <= end; position += 8 + content.readUInt32BE(position + 4)) {
    if (content.toString('latin1', position, position + 4) === wanted) return true;
  }
  return false;
}
