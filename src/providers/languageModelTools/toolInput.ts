import path from 'node:path';
import { UserError } from '../../base/userError.ts';

/** What models hand over is checked: the editor does not hold them to the schema of package.json. */
export interface SearchInput {
  readonly query: string;
  /** Most results, 1 to 100. */
  readonly limit: number;
}

const LIMIT = 20;
const MOST = 100;

/** @throws UserError for the model to read */
export function searchInput(input: unknown): SearchInput {
  const query = textOf(input, 'query');
  if (query === undefined) {
    throw new UserError(
      '"query" must be a text that is not empty, such as "shopping cart". Call the tool again with one.',
    );
  }
  const limit = valueOf(input, 'limit') ?? LIMIT;
  if (typeof limit !== 'number' || !Number.isFinite(limit)) {
    throw new UserError(`"limit" must be a number from 1 to ${MOST}, or be left out. Call the tool again with one.`);
  }
  return { query, limit: Math.min(MOST, Math.max(1, Math.floor(limit))) };
}

/** The path of an image. @throws UserError for the model to read */
export function describeInput(input: unknown): string {
  const file = textOf(input, 'path');
  if (file !== undefined) return file;
  throw new UserError(
    '"path" must be the path of an image, relative to a workspace folder, such as "icons/cart.svg". Call the tool again with one.',
  );
}

/** A text of what is handed over; undefined where there is none. */
export function textOf(input: unknown, key: string): string | undefined {
  const value = valueOf(input, key);
  return typeof value === 'string' && value.trim() !== '' ? value : undefined;
}

/**
 * What a path may mean in a folder, relative to it with '/', the likelier first: with the folder's name before it, as the tools
 * show paths where there are several folders, or without.
 * @param file absolute or relative
 * @param root absolute path of the folder
 */
export function readingsOf(file: string, root: string, name: string, severalFolders: boolean): string[] {
  if (path.isAbsolute(file)) return [path.relative(root, file).split(path.sep).join('/')];
  const plain = path.posix.normalize(file.replaceAll('\\', '/'));
  if (!plain.startsWith(`${name}/`)) return [plain];
  const inFolder = plain.slice(name.length + 1);
  return severalFolders ? [inFolder, plain] : [plain, inFolder];
}

function valueOf(input: unknown, key: string): unknown {
  return typeof input === 'object' && input !== null ? (input as Record<string, unknown>)[key] : undefined;
}
