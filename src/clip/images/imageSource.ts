import { stat } from 'node:fs/promises';
import path from 'node:path';
import { readRegularFile, RefusedFile } from '../../base/regularFile.ts';
import { UserError, messageOf } from '../../base/userError.ts';
import type { NamedBytes } from './formats/imageFormat.ts';
import type { DecodeOptions } from './decoding/decodeOptions.ts';
import { linkedFilesOf } from './linkedFiles.ts';
import type { ImageSource } from './types.ts';

/** The file cannot be read at the moment, which is not a property of the image. */
export class UnreadableFile extends UserError {}

/**
 * Reads the encoded bytes of an image and passes them to `use`. The bytes count against the budget for files until it
 * ends.
 * @throws UserError where it is too large, or a pipe or a device; UnreadableFile where it cannot be read; the errors of `use`
 */
export async function withSource<T>(
  source: ImageSource,
  { queue, limits, signal, urgent }: DecodeOptions,
  use: (file: NamedBytes) => Promise<T>,
): Promise<T> {
  if (source.kind === 'bytes') return use(source);
  const links = source.folder === undefined ? undefined : linkedFilesOf(source.path, source.folder, limits);
  if (source.content) return use({ name: path.basename(source.path), bytes: source.content.bytes, links });
  const { size } = await readable(stat(source.path));
  return queue.files.hold(Math.min(size, limits.bytes), { signal, urgent }, async () =>
    use({ name: path.basename(source.path), bytes: await readable(readRegularFile(source.path, limits.bytes)), links }),
  );
}

/** Turns the errors of reading a file into those of withSource. */
async function readable<T>(result: Promise<T>): Promise<T> {
  try {
    return await result;
  } catch (error) {
    throw error instanceof RefusedFile
      ? new UserError(error.message)
      : new UnreadableFile(`cannot be read (${messageOf(error)})`);
  }
}
