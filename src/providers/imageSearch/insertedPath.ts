import path from 'node:path';

/** Languages whose imports tell a relative path by its beginning. */
const NEEDS_DOT = /^(javascript|typescript|vue|svelte|astro)/;
/** Languages in which a path is a URL. */
const IS_URL = /^(markdown|mdx|html|css|scss|less|sass|stylus|vue|svelte|astro|pug|handlebars|php|xml)/;

/**
 * The path of an image as a document names it: relative to the document, with '/'.
 * @param document absolute path; an untitled document has none
 * @param base folder to start from where the document has none
 * @param image absolute path
 * @param language identifier of the document's language
 */
export function insertedPath(document: string | undefined, base: string, image: string, language: string): string {
  const from = document === undefined ? base : path.dirname(document);
  const relative = path.relative(from, image).split(path.sep).join('/');
  const shown = NEEDS_DOT.test(language) && !relative.startsWith('../') ? `./${relative}` : relative;
  // What would end a URL or begin another part of it; letters of any script stay readable.
  return IS_URL.test(language) ? shown.replace(/[\s()<>"'#?%]/g, escaped) : shown;
}

function escaped(character: string): string {
  // encodeURIComponent leaves ( ) and ' as they are.
  return `%${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`;
}
