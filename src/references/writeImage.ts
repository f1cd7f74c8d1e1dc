import path from 'node:path';
import { fileOfImage, joinImagePath, splitImagePath } from '../base/imagePath.ts';
import { pathWithin, posixRelative, type PathFlavour } from '../base/paths.ts';
import { altAttribute, altOption, labelAttribute, asciidocAlt, markdownAlt } from './alt/altText.ts';
import type { ImageLanguage, Language } from './languages.ts';
import { defaultSyntax, encodePath, type PathSyntax } from './pathSyntax.ts';

/** The properties of an image reference in a document. */
export interface ReferredImage {
  /** Relative to the document, with '/' and without escapes; see relativePath. */
  readonly path: string;
  /** The alternative text, without escapes. */
  readonly alt: string;
  /** Size in pixels, if known. */
  readonly size?: { readonly width: number; readonly height: number } | undefined;
}

/** An image and the document that refers to it. All paths are absolute. */
export interface ImagePlace {
  readonly image: string;
  /** The workspace folder of the image. */
  readonly folder: string;
  /** Undefined if there is no document, or it was never saved. */
  readonly document?: string | undefined;
}

/**
 * Returns the path of an image relative to the document, or relative to the workspace folder if the document is outside
 * that folder. The path never leaves the workspace folder. It uses '/' on every system.
 */
export function relativePath({ image, folder, document }: ImagePlace, flavour: PathFlavour = path): string {
  const isInside = document !== undefined && pathWithin(folder, document, flavour) !== undefined;
  return posixRelative(isInside ? flavour.dirname(document) : folder, image, flavour);
}

/** Languages in which a relative path must start with a dot, to distinguish it from a package name. */
const NEEDS_DOT: ReadonlySet<Language> = new Set(['component', 'jsx', 'script']);

/**
 * Encodes a relative path for a document of a language.
 * @param relative with '/' and without escapes
 * @param syntax the notation at the place where the path is written
 */
export function writePath(relative: string, language: Language, syntax: PathSyntax = defaultSyntax(language)): string {
  // "~" and "@" at the start of a path mark aliases.
  const needsDot = /^[~@]/.test(relative) || (NEEDS_DOT.has(language) && !relative.startsWith('../'));
  const { file, fragment } = splitImagePath(needsDot ? `./${relative}` : relative);
  // A fragment is written as in a URL in every notation.
  return joinImagePath({ file: encodePath(file, syntax), fragment });
}

/**
 * Returns the notation of an image in a language. In HTML and JSX, the size prevents layout shifts while the image
 * loads, and an image in a sheet is used by an element of SVG, because browsers do not show a symbol as an image.
 */
export function writeImage({ path: relative, alt, size }: ReferredImage, language: ImageLanguage): string {
  // A percent-encoded path contains no character that ends a string or an attribute.
  const url = writePath(relative, language, 'url');
  const isInSheet = fileOfImage(relative) !== relative;
  switch (language) {
    case 'markdown':
    case 'mdx':
      return `![${markdownAlt(alt)}](${url})`;
    case 'html':
    case 'component': {
      const dimensions = size ? ` width="${size.width}" height="${size.height}"` : '';
      if (isInSheet) return `<svg role="img" ${labelAttribute(alt)}${dimensions}><use href="${url}"></use></svg>`;
      return `<img src="${url}" ${altAttribute(alt)}${dimensions}>`;
    }
    case 'jsx': {
      const dimensions = size ? ` width={${size.width}} height={${size.height}}` : '';
      if (isInSheet) return `<svg role="img" ${labelAttribute(alt)}${dimensions}><use href="${url}" /></svg>`;
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
