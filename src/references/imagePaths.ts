import { stat } from 'node:fs/promises';
import path from 'node:path';
import { aliasedPaths } from './pathAliases.ts';
import { pathsAt, type PathInText } from './pathsInText.ts';

/** Where paths in a document may start. All absolute. */
export interface PathContext {
  /** The folder of the document. */
  readonly documentFolder: string;
  readonly roots: readonly string[];
  /** Without the dot, in lower case. */
  readonly extensions: ReadonlySet<string>;
}

/** An image that a text names. */
export interface ImageInText extends PathInText {
  /** Absolute. */
  readonly file: string;
}

/** Folders whose content web servers and bundlers show at "/". */
const PUBLIC_FOLDERS = ['', 'public', 'static', 'assets', 'src'];

/**
 * The image whose path stands at a column of a line.
 * @param resolve may remember what texts of the same context mean
 */
export async function findImageAt(
  line: string,
  column: number,
  context: PathContext,
  signal?: AbortSignal,
  resolve: typeof resolveImage = resolveImage,
): Promise<ImageInText | undefined> {
  for (const candidate of pathsAt(line, column)) {
    const file = await resolve(candidate.text, context, signal);
    if (file !== undefined) return { ...candidate, file };
  }
  return undefined;
}

/**
 * The image file that a path in a document means, or undefined: relative to the document, to a workspace folder, to what is
 * served from there or from a folder between, or by an alias. Only files in the workspace or in the document's own folder
 * are looked for; nothing is ever fetched.
 * @throws the signal's reason when it aborts
 */
export async function resolveImage(
  text: string,
  context: PathContext,
  signal?: AbortSignal,
): Promise<string | undefined> {
  for (const written of spellings(text, context.extensions)) {
    for await (const file of placesOf(written, context)) {
      signal?.throwIfAborted();
      if (isWithin(file, context) && (await isFile(file))) return file;
    }
  }
  return undefined;
}

/** What the text may stand for: itself, without escapes, percent-decoded, without a query or fragment. Files may have any of these names. */
function spellings(text: string, extensions: ReadonlySet<string>): string[] {
  // A scheme (data:, https:), a host (//cdn.example, \\server), or nothing that a path can hold.
  if (/^(?:[a-z][a-z\d+.-]+:|[\\/]{2})/i.test(text) || text.includes('\0')) return [];
  const all = [text, text.replace(/[?#].*$/s, '')]
    .flatMap((it) => [it, unescaped(it)])
    .flatMap((it) => [it, decoded(it)])
    .map((it) => it.replace(/[\\/]+/g, '/'));
  const isImage = (it: string): boolean => extensions.has(path.posix.extname(it).slice(1).toLowerCase());
  return [...new Set(all)].filter(isImage);
}

/** JSON writes \" and \u00fc, Markdown "\(" and shells "\ "; before letters and dots a backslash is Windows' separator. */
function unescaped(text: string): string {
  return text
    .replace(/\\u([\da-f]{4})/gi, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)))
    .replace(/\\([/"'`()[\]<>&#!_ ])/g, '$1');
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text; // a lone % is a name's own
  }
}

/** Files that the path may mean, the likeliest first. */
async function* placesOf(written: string, { documentFolder, roots }: PathContext): AsyncGenerator<string> {
  yield path.isAbsolute(written) ? path.normalize(written) : path.join(documentFolder, written);
  // "~" at the beginning is how style sheets name what a bundler resolves.
  const bundled = /^~(?!\/)/.test(written) ? written.slice(1) : written;
  for (const base of new Set([...roots, ...foldersAbove(documentFolder, roots)])) {
    for (const folder of PUBLIC_FOLDERS) yield path.join(base, folder, bundled);
    if (bundled.startsWith('@/')) yield path.join(base, 'src', bundled.slice(2));
    if (bundled.startsWith('~/') || bundled.startsWith('@/')) yield path.join(base, bundled.slice(2));
  }
  if (!/^[./]/.test(bundled)) yield* await aliasedPaths(bundled, documentFolder);
}

/** From the document's folder up to its workspace folder: one of them is the package that is served or bundled. */
function* foldersAbove(documentFolder: string, roots: readonly string[]): Generator<string> {
  for (let folder = documentFolder; roots.some((root) => contains(root, folder)); folder = path.dirname(folder)) {
    yield folder;
    if (path.dirname(folder) === folder) return;
  }
}

function isWithin(file: string, { documentFolder, roots }: PathContext): boolean {
  return [...roots, documentFolder].some((folder) => contains(folder, file));
}

function contains(folder: string, file: string): boolean {
  const relative = path.relative(folder, file);
  return relative !== '..' && !relative.startsWith(`..${path.sep}`) && !path.isAbsolute(relative);
}

function isFile(file: string): Promise<boolean> {
  return stat(file).then(
    (entry) => entry.isFile(),
    () => false,
  );
}
