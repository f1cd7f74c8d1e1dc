import type { Dirent, Stats } from 'node:fs';
import { lstat, readdir } from 'node:fs/promises';
import path from 'node:path';
import { comparable, tracksSome } from './gitTracking.ts';

/**
 * The reason why an index inside a folder of images is not used:
 *
 * - `link`: its folder, or a file beside it, is a link;
 * - `special`: its folder, or a file beside it, is neither a file nor a folder;
 * - `owner`: it belongs to another user of the system;
 * - `tracked`: Git tracks it, so that it came with the repository;
 * - `unknown`: AssetLens cannot read whether Git tracks it;
 * - `restricted`: the caller does not trust the folder.
 */
export type DistrustReason = 'link' | 'special' | 'owner' | 'tracked' | 'unknown' | 'restricted';

/** An index inside a folder of images that is not used. */
export interface DistrustedIndex {
  /** Absolute path of the folder of the index, or of the file in it that is the reason. */
  readonly path: string;
  readonly reason: DistrustReason;
}

export type FolderIndex =
  | { readonly state: 'none' }
  | { readonly state: 'usable' }
  | { readonly state: 'distrusted'; readonly why: DistrustedIndex };

/**
 * Checks the folder of an index inside a folder of images. Its content may come from strangers, who can write file
 * names, links and databases into a repository.
 * @param root folder of images, without links
 * @param name name of the folder of the index
 * @param isTrusted whether the caller trusts the folder; if not, nothing in it is read
 */
export async function checkFolderIndex(root: string, name: string, isTrusted: boolean): Promise<FolderIndex> {
  const folder = path.join(root, name);
  const distrusted = (reason: DistrustReason, file = folder): FolderIndex => ({
    state: 'distrusted',
    why: { path: file, reason },
  });
  const state = await lstat(folder).catch(() => undefined);
  if (!state || state.isFile()) return { state: 'none' };
  if (!isTrusted) return distrusted('restricted');
  const reason = reasonOfKind(state) ?? reasonOfOwner(state);
  if (reason) return distrusted(reason);
  for (const entry of await readdir(folder, { withFileTypes: true }).catch(() => [])) {
    const file = path.join(folder, entry.name);
    const against = reasonOfKind(entry) ?? (entry.name.startsWith(INDEX_START) ? await reasonOfFile(file) : undefined);
    if (against) return distrusted(against, file);
    if (comparable(entry.name) === '.git') return distrusted('tracked'); // the folder is a repository of its own
  }
  const ours = comparable(name);
  // A repository may track the other files of the folder, such as a .gitignore that keeps the folder.
  const isTracked = await tracksSome(root, (file) => file === ours || file.startsWith(`${ours}/${INDEX_START}`));
  if (isTracked === undefined) return distrusted('unknown');
  return isTracked ? distrusted('tracked') : { state: 'usable' };
}

/** The names of an index and of all files beside it that belong to it start so. */
const INDEX_START = 'index.';

function reasonOfKind(state: Stats | Dirent): DistrustReason | undefined {
  if (state.isSymbolicLink()) return 'link';
  return state.isFile() || state.isDirectory() ? undefined : 'special';
}

async function reasonOfFile(file: string): Promise<DistrustReason | undefined> {
  const state = await lstat(file).catch(() => undefined); // SQLite deletes files beside an index at any time
  return state && reasonOfOwner(state);
}

function reasonOfOwner(state: Stats): DistrustReason | undefined {
  const user = process.getuid?.(); // Windows has none
  return user !== undefined && state.uid !== user ? 'owner' : undefined;
}
