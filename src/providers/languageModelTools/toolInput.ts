import path from 'node:path';
import { posixRelative } from '../../base/paths.ts';
import { UserError } from '../../base/userError.ts';

/** Input of the search tool. It is checked here: the editor does not apply the schema of package.json. */
export interface SearchInput {
  readonly query: string;
  /** Most results, 1 to 100. */
  readonly limit: number;
}

const LIMIT = 20;
const MOST = 100;

/** @throws UserError with a message for the model */
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

/** The path of an image in the input. @throws UserError with a message for the model */
export function describeInput(input: unknown): string {
  const file = textOf(input, 'path');
  if (file !== undefined) return file;
  throw new UserError(
    '"path" must be the path of an image, relative to a workspace folder, such as "icons/cart.svg". Call the tool again with one.',
  );
}

/** A text in the input of a tool; undefined where it is missing or empty. */
export function textOf(input: unknown, key: string): string | undefined {
  const value = valueOf(input, key);
  return typeof value === 'string' && value.trim() !== '' ? value : undefined;
}

/**
 * The paths relative to a folder, with '/', that a path may stand for, the likelier first. It may begin with the name of the
 * folder: the tools write paths so where there are several folders.
 * @param file absolute or relative
 * @param root absolute path of the folder
 */
export function pathsInFolder(file: string, root: string, name: string, severalFolders: boolean): string[] {
  if (path.isAbsolute(file)) return [posixRelative(root, file)];
  const plain = path.posix.normalize(file.replaceAll('\\', '/'));
  if (!plain.startsWith(`${name}/`)) return [plain];
  const inFolder = plain.slice(name.length + 1);
  return severalFolders ? [inFolder, plain] : [plain, inFolder];
}

function valueOf(input: unknown, key: string): unknown {
  return typeof input === 'object' && input !== null ? (input as Record<string, unknown>)[key] : undefined;
}
