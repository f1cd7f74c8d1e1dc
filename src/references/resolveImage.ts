import { stat } from 'node:fs/promises';
import path from 'node:path';
import { decodeHTMLAttribute } from 'entities/decode';
import { joinImagePath, mayBeSheet, normalFragment } from '../base/imagePath.ts';
import { pathWithin, posixRelative } from '../base/paths.ts';
import type { Language } from './languages.ts';
import { aliasedPaths } from './pathAliases.ts';
import { pathsAt, type PathInText } from './pathsInText.ts';

/** The document that contains the paths, and the folders that they can start at. All folders are absolute. */
export interface PathContext {
  readonly language: Language;
  /** The folder of the document. */
  readonly documentFolder: string;
  /** The workspace folders. */
  readonly roots: readonly string[];
  /** Extensions of images, without the dot and in lower case. */
  readonly extensions: ReadonlySet<string>;
}

/** The image file that a path resolves to, and the anchor of the path. */
export interface ResolvedImage {
  /** Absolute. */
  readonly file: string;
  /** The path of the image: the file, with the fragment of a symbol that the text may refer to. */
  readonly image: string;
  /**
   * The absolute folder that the path starts at, and the prefix that stands for it: '/' for a folder that is served,
   * '@/' or '#icons/' for aliases, './' or nothing for the document's folder. The prefix plus a path relative to the
   * folder is a path of the same kind to another file.
   */
  readonly anchor: { readonly folder: string; readonly prefix: string };
  /** The query or fragment after the path, as written. */
  readonly suffix: string;
}

/** A part of a line that is the path of an image. */
export interface ImageInText extends PathInText, ResolvedImage {}

/** Folders that web servers and bundlers serve at "/". */
const PUBLIC_FOLDERS = ['', 'public', 'static', 'assets', 'src'];

/**
 * Returns the image whose path is at a column of a line.
 * @param resolve a caching replacement of resolveImage
 * @throws the signal's reason when it aborts
 */
export async function findImageAt(
  line: string,
  column: number,
  context: PathContext,
  signal?: AbortSignal,
  resolve: typeof resolveImage = resolveImage,
): Promise<ImageInText | undefined> {
  for (const candidate of pathsAt(line, column, context.language)) {
    const resolved = await resolve(candidate.text, context, signal);
    if (resolved) return { ...candidate, ...resolved };
  }
  return undefined;
}

/**
 * Resolves a path in a document to an image file. The path may be an alias, or relative to the document, to a workspace
 * folder, to a folder that is served there, or to a folder between. Returns undefined if there is no such file.
 * Considers only files in the workspace or in the document's folder, and fetches nothing.
 * @param text the path as written, with the escapes of its language
 * @throws the signal's reason when it aborts
 */
export async function resolveImage(
  text: string,
  context: PathContext,
  signal?: AbortSignal,
): Promise<ResolvedImage | undefined> {
  for (const { written, suffix } of readings(text, context.extensions)) {
    for await (const { folder, prefix, rest } of startingPoints(written, context)) {
      signal?.throwIfAborted();
      const file = path.join(folder, rest);
      if (isWithin(file, [...context.roots, context.documentFolder]) && (await isFile(file)))
        return { file, image: imageIn(file, suffix), anchor: { folder, prefix }, suffix };
    }
  }
  return undefined;
}

/** @param suffix as written, with the escapes of its language */
function imageIn(file: string, suffix: string): string {
  const hash = suffix.indexOf('#');
  if (hash < 0 || !mayBeSheet(file)) return file;
  return joinImagePath({ file, fragment: normalFragment(decodeHTMLAttribute(suffix.slice(hash + 1))) });
}

interface Reading {
  /** A path without escapes. */
  readonly written: string;
  readonly suffix: string;
}

/**
 * Returns the paths that a text may stand for: the text itself, and the text without a query or fragment, character
 * references, backslashes or percent-encoding. A file may have any of these names.
 */
function readings(text: string, extensions: ReadonlySet<string>): Reading[] {
  // A scheme (data:, https:), a host (//cdn.example, \\server), or a character that no path has.
  if (/^(?:[a-z][a-z\d+.-]+:|[\\/]{2})/i.test(text) || text.includes('\0')) return [];
  const hasExtension = (it: string): boolean => extensions.has(path.extname(it).slice(1).toLowerCase());
  const ends = Array.from(text.matchAll(/[?#]|$/g), ({ index }) => index).reverse();
  const found = new Map<string, Reading>();
  for (const end of ends.filter((it) => hasExtension(text.slice(0, it)))) {
    const suffix = text.slice(end);
    const paths = [text.slice(0, end)]
      .flatMap((it) => [it, decodeHTMLAttribute(it)])
      .flatMap((it) => [it, withoutBackslashes(it)])
      .flatMap((it) => [it, percentDecoded(it)])
      // A backslash is the separator of Windows. On other systems, it may also be part of a name.
      .flatMap((it) => [it.replace(/[\\/]+/g, '/'), ...(path.sep === '/' ? [it] : [])]);
    for (const written of paths) if (!found.has(written)) found.set(written, { written, suffix });
  }
  return [...found.values()];
}

/**
 * Removes the backslashes of escapes: \" and \u00fc in JSON, "\(" in Markdown, "\ " in shells. Before letters and dots,
 * a backslash is the separator of Windows.
 */
function withoutBackslashes(text: string): string {
  return text
    .replace(/\\u([\da-f]{4})/gi, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)))
    .replace(/\\([!-\-/:-@[-`{-~ ])/g, '$1');
}

function percentDecoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text; // a lone % is part of the name
  }
}

interface StartingPoint {
  /** Absolute. */
  readonly folder: string;
  readonly prefix: string;
  /** The path without the prefix, relative to the folder. */
  readonly rest: string;
}

/** Yields the folders that a path may start at, most likely first. */
async function* startingPoints(written: string, { documentFolder, roots }: PathContext): AsyncGenerator<StartingPoint> {
  const after = (prefix: string, folder: string): StartingPoint => ({
    folder,
    prefix,
    rest: written.slice(prefix.length),
  });
  const { root } = path.parse(written);
  yield root === '' ? after(leading(written, /^\.\//), documentFolder) : after(root, root);
  // In a style sheet, a leading "~" marks a path that a bundler resolves.
  const tilde = leading(written, /^~(?!\/)/);
  const bundled = written.slice(tilde.length);
  const slash = tilde + leading(bundled, /^\.?\//);
  for (const base of new Set([...roots, ...foldersAbove(documentFolder, roots)])) {
    for (const folder of PUBLIC_FOLDERS) yield after(slash, path.join(base, folder));
    if (bundled.startsWith('@/')) yield after(`${tilde}@/`, path.join(base, 'src'));
    if (/^[~@]\//.test(bundled)) yield after(tilde + bundled.slice(0, 2), base);
  }
  if (/^[./]/.test(bundled)) return;
  for (const file of await aliasedPaths(bundled, documentFolder)) yield aliased(written, file);
}

function leading(text: string, pattern: RegExp): string {
  return pattern.exec(text)?.[0] ?? '';
}

/** Splits an alias of a file. The trailing parts that the alias and the file share are relative to the same folder. */
function aliased(written: string, file: string): StartingPoint {
  const parts = written.split('/');
  const names = posixRelative(path.parse(file).root, file).split('/');
  let shared = 1;
  while (shared < parts.length - 1 && parts.at(-1 - shared) === names.at(-1 - shared)) shared++;
  const rest = parts.slice(-shared).join('/');
  // Even the last part may differ, because an alias can stand for a single file.
  if (parts.at(-1) !== names.at(-1)) return { folder: path.dirname(file), prefix: written, rest: path.basename(file) };
  return {
    folder: path.resolve(file, ...Array<string>(shared).fill('..')),
    prefix: written.slice(0, -rest.length),
    rest,
  };
}

/**
 * Yields the folders from the document's folder up to its workspace folder. One of them is the package that is served
 * or bundled.
 */
function* foldersAbove(documentFolder: string, roots: readonly string[]): Generator<string> {
  for (let folder = documentFolder; isWithin(folder, roots); folder = path.dirname(folder)) {
    yield folder;
    if (path.dirname(folder) === folder) return;
  }
}

function isWithin(file: string, folders: readonly string[]): boolean {
  return folders.some((folder) => pathWithin(folder, file) !== undefined);
}

function isFile(file: string): Promise<boolean> {
  return stat(file).then(
    (entry) => entry.isFile(),
    () => false,
  );
}
