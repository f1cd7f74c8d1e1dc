import path from 'node:path';
import { posixRelative } from '../../base/paths.ts';
import { UserError } from '../../base/userError.ts';

/** Input of the search tool. The editor does not apply the schema of package.json, so this module checks the input. */
export interface SearchInput {
  readonly query: string;
  /** Maximum number of results, 1 to 100. */
  readonly limit: number;
}

const LIMIT = 20;
const MAX_LIMIT = 100;

/** @throws UserError with a message for the model */
export function searchInput(input: unknown): SearchInput {
  const query = textOf(input, 'query');
  if (query === undefined) {
    throw new UserError(
      '"query" must be a text that is not empty, such as "shopping cart". Call the tool again with a query.',
    );
  }
  const limit = valueOf(input, 'limit') ?? LIMIT;
  if (typeof limit !== 'number' || !Number.isFinite(limit)) {
    throw new UserError(
      `"limit" must be a number from 1 to ${MAX_LIMIT}. Call the tool again with such a number, or without "limit".`,
    );
  }
  return { query, limit: Math.min(MAX_LIMIT, Math.max(1, Math.floor(limit))) };
}

/** Input of the tool that describes an image. */
export interface DescribeInput {
  /** Path of the image. */
  readonly file: string;
  /** Whether the answer lists maybe labels. */
  readonly includeMaybe: boolean;
}

/** @throws UserError with a message for the model */
export function describeInput(input: unknown): DescribeInput {
  const file = textOf(input, 'path');
  if (file !== undefined) return { file, includeMaybe: valueOf(input, 'includeMaybe') === true };
  throw new UserError(
    '"path" must be the path of an image, relative to a workspace folder, such as "icons/cart.svg". Call the tool again with a path.',
  );
}

/** Returns a text in the input of a tool; undefined if it is missing or empty. */
export function textOf(input: unknown, key: string): string | undefined {
  const value = valueOf(input, key);
  return typeof value === 'string' && value.trim() !== '' ? value : undefined;
}

/**
 * Returns the possible meanings of a path, relative to a folder and with '/', the more likely one first. The path may
 * start with the name of the folder, because the tools return such paths if there are several folders.
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
