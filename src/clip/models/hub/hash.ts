import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';

/** What the bytes of a file must come down to: SHA-256 for large files, the id of a git blob for those kept in git itself. */
export interface FileHash {
  readonly kind: 'sha256' | 'git';
  /** Hex, lower case. */
  readonly value: string;
}

/** The hash that an entity tag of the hub stands for; null for a tag of another kind, which says nothing of the bytes. */
export function hashOfTag(tag: string): FileHash | null {
  const value = tag.replace(/^W\//, '').replaceAll('"', '').toLowerCase();
  if (/^[0-9a-f]{64}$/.test(value)) return { kind: 'sha256', value };
  if (/^[0-9a-f]{40}$/.test(value)) return { kind: 'git', value };
  return null;
}

/** Reads the file through. @throws the signal's reason */
export async function hasHash(file: string, { kind, value }: FileHash, signal?: AbortSignal): Promise<boolean> {
  const hash = createHash(kind === 'sha256' ? 'sha256' : 'sha1');
  // A git blob is hashed with its length in front.
  if (kind === 'git') hash.update(`blob ${(await stat(file)).size}\0`);
  for await (const chunk of createReadStream(file, { highWaterMark: 1 << 20 }) as AsyncIterable<Buffer>) {
    signal?.throwIfAborted();
    hash.update(chunk);
  }
  return hash.digest('hex') === value;
}
