import { readFile, stat } from 'node:fs/promises';
import { UserError, messageOf } from '../../base/userError.ts';
import { checkBytes, DECODE_LIMITS } from './limits.ts';
import type { ImageSource } from './types.ts';

/** The file cannot be read now: that says nothing about the image. */
export class Unreadable extends UserError {}

/** @throws UserError where the file is too large; Unreadable where it cannot be read */
export async function bytesOf(source: ImageSource): Promise<Uint8Array> {
  if (source.kind === 'bytes') return source.bytes;
  try {
    checkBytes((await stat(source.path)).size, DECODE_LIMITS);
    return await readFile(source.path);
  } catch (error) {
    throw error instanceof UserError ? error : new Unreadable(`cannot be read (${messageOf(error)})`);
  }
}
