/**
 * References to images in texts: reads them, resolves them to files, and writes them. Needs no editor.
 *
 * A path that was read comes with its offsets, its syntax, the anchor that it starts at, and its suffix. The anchor's prefix and a
 * path relative to the anchor's folder, encoded in the same syntax, replace it in place.
 */
export { altTextOf, altTextOfLabels } from './alt/altText.ts';
export { undescribedImages } from './alt/undescribedImages.ts';
export { isImageLanguage, languageOf, type ImageLanguage, type Language } from './languages.ts';
export { mentionsIn, namePattern, type MentionOptions, type NamePattern } from './mentions.ts';
export { syntaxAt } from './pathSyntax.ts';
export { findImageAt, resolveImage, type ImageInText, type PathContext } from './resolveImage.ts';
export { relativePath, writeImage, writePath } from './writeImage.ts';
