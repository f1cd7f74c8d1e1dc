import { globSync } from 'node:fs';
import path from 'node:path';
import { IMAGE_EXTENSIONS, IMAGE_FORMATS } from '../../src/clip/images/formats/registry.ts';

const root = path.resolve(import.meta.dirname, '../..');

/** Files that list the image formats, relative to the root. */
export const FILES: readonly string[] = ['package.json', 'README.md', ...globSync('docs/**/*.md', { cwd: root })];

/** The `when` clause of a menu that is shown on images, as JSON text. */
const MENU_CLAUSE = /(?<=resourceExtname =~ )\/[^"]*\/i/g;
const DOCUMENT_LIST = /(?<=<!-- image formats -->)[^]*?(?=<!-- end -->)/g;

/** A text of package.json or of a document with the current image formats in all places that list them. */
export function updated(text: string): string {
  return text.replace(MENU_CLAUSE, () => menuPattern()).replace(DOCUMENT_LIST, () => documentList());
}

/** The number of places in a text that list the image formats. */
export function countLists(text: string): number {
  return [...text.matchAll(MENU_CLAUSE), ...text.matchAll(DOCUMENT_LIST)].length;
}

/** A regular expression over the extension of an image, as JSON text. */
function menuPattern(): string {
  return `/^\\\\.(${IMAGE_EXTENSIONS.join('|')})$/i`;
}

/** "JPEG (jpg, jpeg), PNG (png)" */
function documentList(): string {
  return IMAGE_FORMATS.map(({ name, extensions, files }) => {
    return `${name} (${[...extensions, ...(files ? [files.description] : [])].join(', ')})`;
  }).join(', ');
}
