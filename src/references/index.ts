/**
 * References to images in texts: reads them, resolves them to files, and writes them. Needs no editor.
 *
 * What is read says how it is written (offsets, syntax, anchor and suffix), so that encodePath of the anchor's prefix and another
 * relative path is a reference of the same kind in the same place.
 */
export { altTextOf, altTextOfLabels } from './alt/altText.ts';
export { undescribedImages } from './alt/undescribedImages.ts';
export { isImageLanguage, languageOf, type ImageLanguage, type Language } from './languages.ts';
export { mentionsIn, namePattern, type MentionOptions, type NamePattern } from './mentions.ts';
export { syntaxAt } from './pathSyntax.ts';
export { findImageAt, resolveImage, type ImageInText, type PathContext } from './resolveImage.ts';
export { relativePath, writeImage, writePath, type ImageReference } from './writeImage.ts';
