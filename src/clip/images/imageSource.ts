import path from 'node:path';
import { readRegularFile, RefusedFile } from '../../base/regularFile.ts';
import { UserError, messageOf } from '../../base/userError.ts';
import type { NamedBytes } from './formats/imageFormat.ts';
import type { DecodeLimits } from './limits.ts';
import type { ImageSource } from './types.ts';

/** The file cannot be read at the moment, which is not a property of the image. */
export class UnreadableFile extends UserError {}

/**
 * Reads the encoded bytes of an image.
 * @throws UserError where it is too large, or a pipe or a device; UnreadableFile where it cannot be read
 */
export async function readSource(source: ImageSource, limits: DecodeLimits): Promise<NamedBytes> {
  if (source.kind === 'bytes') return source;
  try {
    return { name: path.basename(source.path), bytes: await readRegularFile(source.path, limits.bytes) };
  } catch (error) {
    throw error instanceof RefusedFile
      ? new UserError(error.message)
      : new UnreadableFile(`cannot be read (${messageOf(error)})`);
  }
}
