import path from 'node:path';
import { pathWithin, posixRelative, type PathFlavour } from '../base/paths.ts';
import { altAttribute, altOption, asciidocAlt, markdownAlt } from './alt/altText.ts';
import type { ImageLanguage, Language } from './languages.ts';
import { defaultSyntax, encodePath, type PathSyntax } from './pathSyntax.ts';

/** An image as a document refers to it. */
export interface ReferredImage {
  /** Relative to the document, with '/' and without escapes; see relativePath. */
  readonly path: string;
  /** The alternative text, without escapes. */
  readonly alt: string;
  /** Pixels, where they are known. */
  readonly size?: { readonly width: number; readonly height: number } | undefined;
}

/** An image and the document that refers to it; all paths absolute. */
export interface ImagePlace {
  readonly image: string;
  /** The workspace folder of the image. */
  readonly folder: string;
  /** Undefined for a document that was never saved, and where there is none. */
  readonly document?: string | undefined;
}

/**
 * The path of an image relative to the document, or relative to the workspace folder where the document is not in that folder. It
 * never leaves the folder. With '/' on every system.
 */
export function relativePath({ image, folder, document }: ImagePlace, flavour: PathFlavour = path): string {
  const isInside = document !== undefined && pathWithin(folder, document, flavour) !== undefined;
  return posixRelative(isInside ? flavour.dirname(document) : folder, image, flavour);
}

/** Languages that tell a relative path from the name of a package by its beginning. */
const NEEDS_DOT: ReadonlySet<Language> = new Set(['component', 'jsx', 'script']);

/**
 * A relative path as a document of a language has it.
 * @param relative with '/' and without escapes
 * @param syntax the notation at the place where the path is written
 */
export function writePath(relative: string, language: Language, syntax: PathSyntax = defaultSyntax(language)): string {
  // At the beginning of a path, "~" and "@" mark aliases.
  const needsDot = /^[~@]/.test(relative) || (NEEDS_DOT.has(language) && !relative.startsWith('../'));
  return encodePath(needsDot ? `./${relative}` : relative, syntax);
}

/** The notation of an image in a language. In HTML and JSX its size keeps the page from moving when the image arrives. */
export function writeImage({ path: relative, alt, size }: ReferredImage, language: ImageLanguage): string {
  // Percent-encoded, a path has no character that could end a string or an attribute.
  const url = writePath(relative, language, 'url');
  switch (language) {
    case 'markdown':
    case 'mdx':
      return `![${markdownAlt(alt)}](${url})`;
    case 'html':
    case 'component': {
      const dimensions = size ? ` width="${size.width}" height="${size.height}"` : '';
      return `<img src="${url}" ${altAttribute(alt)}${dimensions}>`;
    }
    case 'jsx': {
      const dimensions = size ? ` width={${size.width}} height={${size.height}}` : '';
      return `<img src="${url}" ${altAttribute(alt)}${dimensions} />`;
    }
    case 'css':
      return `url("${url}")`;
    case 'restructuredtext': {
      const directive = `.. image:: ${writePath(relative, language)}`;
      return alt === '' ? directive : `${directive}\n   ${altOption(alt)}`;
    }
    case 'asciidoc':
      return `image::${url}[${asciidocAlt(alt)}]`;
  }
}
