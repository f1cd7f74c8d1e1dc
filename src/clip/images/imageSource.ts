import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { UserError, messageOf } from '../../base/userError.ts';
import type { NamedBytes } from './formats/imageFormat.ts';
import { checkBytes, type DecodeLimits } from './limits.ts';
import { linkedFilesOf } from './linkedFiles.ts';
import type { ImageSource } from './types.ts';

/** The file cannot be read at the moment, which is not a property of the image. */
export class UnreadableFile extends UserError {}

/**
 * Reads the encoded bytes of an image.
 * @throws UserError where the file is too large; UnreadableFile where it cannot be read
 */
export async function readSource(source: ImageSource, limits: DecodeLimits): Promise<NamedBytes> {
  if (source.kind === 'bytes') return source;
  try {
    checkBytes((await stat(source.path)).size, limits);
    const links = source.folder === undefined ? undefined : linkedFilesOf(source.path, source.folder, limits);
    return { name: path.basename(source.path), bytes: await readFile(source.path), links };
  } catch (error) {
    throw error instanceof UserError ? error : new UnreadableFile(`cannot be read (${messageOf(error)})`);
  }
}
