import { readFile } from 'node:fs/promises';
import path from 'node:path';

/** A text file and its content. */
export interface TextFile {
  /** Absolute. */
  readonly file: string;
  readonly bytes: Buffer;
}

/** Larger files are data, or generated. */
const MOST_BYTES = 2 * 2 ** 20;
/** Files that are read at the same time. */
const AT_ONCE = 16;
/** Bytes at the beginning of a file; a zero among them means that it is no text. */
const BEGINNING = 8000;
/** Files that are not opened: they hold no paths, or (source maps) the paths of the files that they were made from. */
const NO_TEXT =
  /\.(?:png|apng|jpe?g|jpe|jfif|webp|gif|avif|tiff?|bmp|ico|cur|heic|psd|xcf|ai|pdf|woff2?|ttf|otf|eot|mp[34]|m4a|ogg|wav|flac|webm|mov|avi|zip|gz|tgz|bz2|xz|zst|7z|rar|jar|war|vsix|whl|exe|dll|so|dylib|a|o|obj|lib|class|pyc|wasm|bin|dat|db|sqlite|onnx|safetensors|pt|npy|npz|parquet|map)$/i;

/**
 * The text files of a folder, in no particular order; files that git ignores are left out. A file that is deleted meanwhile or
 * cannot be read is skipped.
 * @param exclude globs of files and folders
 * @throws UserError where the folder cannot be read, or a glob could take forever; the signal's reason when it aborts
 */
export async function* textFiles(
  root: string,
  exclude: readonly string[],
  signal?: AbortSignal,
): AsyncGenerator<TextFile> {
  const { scanImages } = await import('../../library/index.ts');
  let batch: string[] = [];
  for await (const { path: relative, size } of scanImages(root, { include: ['**'], exclude, signal })) {
    if (size === 0 || size > MOST_BYTES || NO_TEXT.test(relative)) continue;
    batch.push(path.join(root, relative));
    if (batch.length < AT_ONCE) continue;
    yield* await readAll(batch);
    batch = [];
  }
  yield* await readAll(batch);
}

async function readAll(files: readonly string[]): Promise<TextFile[]> {
  const read = await Promise.all(files.map((file) => readFile(file).catch(() => undefined)));
  return files.flatMap((file, i) => {
    const bytes = read[i];
    return bytes && !bytes.subarray(0, BEGINNING).includes(0) ? [{ file, bytes }] : [];
  });
}
