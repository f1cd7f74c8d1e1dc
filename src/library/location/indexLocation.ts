import { createHash } from 'node:crypto';
import { realpath } from 'node:fs/promises';
import path from 'node:path';
import envPaths from 'env-paths';
import { checkFolderIndex, type DistrustedIndex } from './folderIndex.ts';

/** Name of the folder that contains the index inside a folder of images. */
export const INDEX_FOLDER = '.assetlens';
const INDEX_FILE = 'index.db';
const READABLE_CHARACTERS = 40;

/** The index file of a folder of images, and the rule that selected it. */
export interface IndexLocation {
  /** Absolute path of the index file. It may not exist yet. */
  readonly file: string;
  /**
   * `named`: the caller selected the file; `inFolder`: it is in the folder of images; `userData`: in the user's data
   * folder.
   */
  readonly kind: 'named' | 'inFolder' | 'userData';
  /** Absolute path of the folder of images, without symbolic links. */
  readonly folder: string;
  /** The index inside the folder of images that is not used; undefined if there is none, or it is used. */
  readonly distrusted: DistrustedIndex | undefined;
}

export interface LocateOptions {
  /** File that the caller selects; it overrides every other rule. */
  readonly indexFile?: string | undefined;
  /** Whether an index inside the folder of images may be used. Default: true. */
  readonly trustFolder?: boolean | undefined;
  /** Default: the environment of this process. */
  readonly environment?: NodeJS.ProcessEnv | undefined;
}

/**
 * Decides which index file belongs to a folder of images. The command line and every editor of the user call it, so
 * that they share one index. The rules, in order:
 *
 * 1. the file that the caller selects (`--index`);
 * 2. `.assetlens/index.db` in the folder, if the folder `.assetlens/` exists and passes checkFolderIndex, because a
 *    cloned repository may contain one;
 * 3. a file in the user's data folder, named after the real path of the folder of images.
 *
 * It creates nothing.
 */
export async function locateIndex(root: string, options: LocateOptions = {}): Promise<IndexLocation> {
  const folder = await realFolder(root);
  const { indexFile, trustFolder = true, environment } = options;
  if (indexFile !== undefined) return { file: path.resolve(indexFile), kind: 'named', folder, distrusted: undefined };
  const found = await checkFolderIndex(folder, INDEX_FOLDER, trustFolder);
  if (found.state === 'usable') {
    const file = path.join(folder, INDEX_FOLDER, INDEX_FILE);
    return { file, kind: 'inFolder', folder, distrusted: undefined };
  }
  const file = path.join(userIndexFolder(folder, environment), INDEX_FILE);
  return { file, kind: 'userData', folder, distrusted: found.state === 'distrusted' ? found.why : undefined };
}

/**
 * Returns the folder of all indexes of the user: ASSETLENS_INDEXES, or a folder in the system's data folder for
 * programs.
 */
export function indexesFolder(environment: NodeJS.ProcessEnv = process.env): string {
  const override = environment['ASSETLENS_INDEXES']?.trim();
  return override ? path.resolve(override) : path.join(envPaths('assetlens', { suffix: '' }).data, 'indexes');
}

/** The name combines a readable part with a hash, so that two folders of the same name have two indexes. */
function userIndexFolder(folder: string, environment?: NodeJS.ProcessEnv): string {
  const readable = Array.from(path.basename(folder).replace(/[^\p{L}\p{N}._-]+/gu, '-'))
    .slice(0, READABLE_CHARACTERS)
    .join('');
  const hash = createHash('sha256').update(folder).digest('hex').slice(0, 16);
  return path.join(indexesFolder(environment), `${readable}-${hash}`);
}

/** Resolves links. Keeps the path of a folder that does not exist: opening the library reports it. */
async function realFolder(root: string): Promise<string> {
  const absolute = path.resolve(root);
  return realpath(absolute).catch(() => absolute);
}
