/**
 * Entry point of the references to images in texts. It reads them, resolves them to files and writes them, without an
 * editor.
 *
 * The result of reading a path consists of its offsets, its syntax, its anchor and its suffix. To replace the path in
 * place, write the anchor's prefix and a path relative to the anchor's folder, encoded in the same syntax.
 */
export { altTextOf, altTextOfLabels, labelsForAlt } from './alt/altText.ts';
export { undescribedImages } from './alt/undescribedImages.ts';
export { isImageLanguage, languageOf, type ImageLanguage, type Language } from './languages.ts';
export { mentionsIn, namePattern, type MentionOptions, type NamePattern } from './mentions.ts';
export { syntaxAt } from './pathSyntax.ts';
export { findImageAt, resolveImage, type ImageInText, type PathContext } from './resolveImage.ts';
export { relativePath, writeImage, writePath } from './writeImage.ts';
