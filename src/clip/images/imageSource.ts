import { stat } from 'node:fs/promises';
import path from 'node:path';
import { splitImagePath } from '../../base/imagePath.ts';
import { readRegularFile, RefusedFile } from '../../base/regularFile.ts';
import { UserError, messageOf } from '../../base/userError.ts';
import type { NamedBytes } from './formats/imageFormat.ts';
import { fragmentOf, recentFragment } from './formats/svg/sheet/sheet.ts';
import type { DecodeOptions } from './decoding/decodeOptions.ts';
import { linkedFilesOf } from './linkedFiles.ts';
import type { ImageSource } from './types.ts';

/** The file cannot be read at the moment, which is not a property of the image. */
export class UnreadableFile extends UserError {}

/**
 * Reads the encoded bytes of an image and passes them to `use`. An image in a sheet becomes an SVG of its own. The
 * bytes count against the budget for files until it ends.
 * @throws UserError where it is too large, or a pipe or a device; UnreadableFile where it cannot be read; the errors of
 * `use`
 */
export async function withSource<T>(
  source: ImageSource,
  { queue, limits, signal, urgent }: DecodeOptions,
  use: (file: NamedBytes) => Promise<T>,
): Promise<T> {
  if (source.kind === 'bytes') return use(source);
  const { file, fragment } = splitImagePath(source.path);
  const links = source.folder === undefined ? undefined : linkedFilesOf(file, source.folder, limits);
  const name = path.basename(file);
  if (source.content) return use({ name, bytes: source.content.bytes, links });
  const stats = await readable(stat(file));
  const version = { path: file, stats };
  const known = fragment === '' ? undefined : recentFragment(version, fragment);
  if (known) return use({ name, bytes: known, links });
  return queue.files.hold(Math.min(stats.size, limits.bytes), { signal, urgent }, async () => {
    const bytes = await readable(readRegularFile(file, limits.bytes));
    return use({ name, bytes: fragment === '' ? bytes : await fragmentOf(bytes, fragment, limits, version), links });
  });
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
