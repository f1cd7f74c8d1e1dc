import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';

/** The expected hash of a file: SHA-256 for large files, the id of a git blob for files in git itself. */
export interface FileHash {
  readonly kind: 'sha256' | 'git';
  /** In hex, lower case. */
  readonly value: string;
}

/** The hash in an entity tag of the hub; null for other tags, which are unrelated to the bytes. */
export function hashOfTag(tag: string): FileHash | null {
  const value = tag.replace(/^W\//, '').replaceAll('"', '').toLowerCase();
  if (/^[0-9a-f]{64}$/.test(value)) return { kind: 'sha256', value };
  if (/^[0-9a-f]{40}$/.test(value)) return { kind: 'git', value };
  return null;
}

/**
 * Reads a file and compares its hash.
 * @throws the signal's reason
 */
export async function hasHash(file: string, { kind, value }: FileHash, signal?: AbortSignal): Promise<boolean> {
  const hash = createHash(kind === 'sha256' ? 'sha256' : 'sha1');
  // The hash of a git blob includes its length.
  if (kind === 'git') hash.update(`blob ${(await stat(file)).size}\0`);
  for await (const chunk of createReadStream(file, { highWaterMark: 1 << 20 }) as AsyncIterable<Buffer>) {
    signal?.throwIfAborted();
    hash.update(chunk);
  }
  return hash.digest('hex') === value;
}
