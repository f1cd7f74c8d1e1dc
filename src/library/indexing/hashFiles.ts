import path from 'node:path';
import { hashFile } from '../files/hashFile.ts';
import type { FileState } from '../store/store.ts';
import { mapConcurrently } from './concurrency.ts';

/** A file whose blob has to be determined; `hash` is set if the index already contains it. */
export interface ChangedFile extends FileState {
  readonly hash?: string | undefined;
  /** Hash that the file has if it has not changed; set if the index contains the embedding. */
  readonly expected?: string | undefined;
}

/** A file with its hash, or with the error that reading it caused. */
export interface HashedFile {
  readonly file: FileState;
  readonly hash?: string;
  /** The bytes of a small file. */
  readonly bytes?: Uint8Array | undefined;
  /** Whether it has the expected hash. */
  readonly isUnchanged?: boolean;
  readonly error?: unknown;
}

/** Larger files are read again by the inference process, which takes less time than to send their bytes. */
const SENT_BYTES = 64 * 1024;

export interface HashOptions {
  /** Files to read at a time. */
  readonly readers: number;
  /** Files with more bytes are not read. */
  readonly maximumBytes: number;
  readonly signal: AbortSignal;
}

/**
 * Hashes files in order, a few at a time.
 * @throws the signal's reason if it aborts
 */
export function hashFiles(
  root: string,
  files: readonly ChangedFile[],
  { readers, maximumBytes, signal }: HashOptions,
): AsyncGenerator<HashedFile> {
  return mapConcurrently(files, readers, (file) => hash(root, file, maximumBytes, signal));
}

async function hash(
  root: string,
  changed: ChangedFile,
  maximumBytes: number,
  signal: AbortSignal,
): Promise<HashedFile> {
  const { hash: known, expected, ...file } = changed;
  if (known !== undefined) return { file, hash: known };
  // The encoder rejects it by its size, so its bytes need not be read. The text cannot equal the hash of another file.
  if (file.size > maximumBytes) return { file, hash: `too large: ${file.path}` };
  try {
    const { hash: found, bytes } = await hashFile(path.join(root, file.path), SENT_BYTES, signal);
    return { file, hash: found, bytes, isUnchanged: found === expected };
  } catch (error) {
    signal.throwIfAborted();
    return { file, error };
  }
}
