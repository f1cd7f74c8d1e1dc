import path from 'node:path';
import { readRegularFile } from '../../base/regularFile.ts';

/** A text file and its content. */
export interface TextFile {
  /** Absolute path. */
  readonly file: string;
  readonly bytes: Buffer;
}

export interface TextFileFilters {
  /** Globs of files and folders to exclude. */
  readonly exclude: readonly string[];
  /** Whether .gitignore files exclude files. */
  readonly gitignore: boolean;
}

/** Larger files are usually data or generated. */
const MAX_BYTES = 2 * 2 ** 20;
/** Number of files that are read at the same time. */
const BATCH_SIZE = 16;
/** Number of bytes at the start of a file that are checked. A zero byte means that the file is not text. */
const CHECKED_BYTES = 8000;
/** Files that are not opened. They contain no paths, or (source maps) only paths of their sources. */
const NO_TEXT =
  /\.(?:png|apng|jpe?g|jpe|jfif|webp|gif|avif|tiff?|bmp|ico|cur|heic|psd|xcf|ai|pdf|woff2?|ttf|otf|eot|mp[34]|m4a|ogg|wav|flac|webm|mov|avi|zip|gz|tgz|bz2|xz|zst|7z|rar|jar|war|vsix|whl|exe|dll|so|dylib|a|o|obj|lib|class|pyc|wasm|bin|dat|db|sqlite|onnx|safetensors|pt|npy|npz|parquet|map)$/i;

/**
 * Lists the text files of a folder, in no particular order. It skips files that are deleted meanwhile, or that
 * cannot be read.
 * @throws UserError if the folder cannot be read or a glob is too complex; the reason of the signal if it aborts
 */
export async function* textFiles(
  root: string,
  { exclude, gitignore }: TextFileFilters,
  signal?: AbortSignal,
): AsyncGenerator<TextFile> {
  const { scanImages } = await import('../../library/index.ts');
  let batch: string[] = [];
  for await (const { path: relative, size } of scanImages(root, { include: ['**'], exclude, gitignore, signal })) {
    if (size === 0 || size > MAX_BYTES || NO_TEXT.test(relative)) continue;
    batch.push(path.join(root, relative));
    if (batch.length < BATCH_SIZE) continue;
    yield* await readAll(batch);
    batch = [];
  }
  yield* await readAll(batch);
}

async function readAll(files: readonly string[]): Promise<TextFile[]> {
  const read = await Promise.all(files.map((file) => readRegularFile(file, MAX_BYTES).catch(() => undefined)));
  return files.flatMap((file, i) => {
    const bytes = read[i];
    return bytes && !bytes.subarray(0, CHECKED_BYTES).includes(0) ? [{ file, bytes }] : [];
  });
}
