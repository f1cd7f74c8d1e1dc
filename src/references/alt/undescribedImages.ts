import type { Language } from '../languages.ts';
import { asciidocImages } from './asciidocImages.ts';
import { directiveImages } from './directiveImages.ts';
import { readMarkdown } from './markdownImages.ts';
import { tagImages } from './tagImages.ts';
import type { Range, UndescribedImage } from './undescribedImage.ts';

/** Number of characters to search around a range for images that overlap it. */
const REACH = 5000;
/** Maximum length of Markdown to parse, which takes some microseconds per character. */
const MOST_MARKDOWN = 100_000;

/** Returns the images in a range of a document without alternative text. It skips comments and code blocks. */
export async function undescribedImages(text: string, language: Language, range: Range): Promise<UndescribedImage[]> {
  const near = { start: Math.max(0, range.start - REACH), end: range.end + REACH };
  const inRange = (images: Iterable<UndescribedImage>): UndescribedImage[] =>
    [...images].filter((image) => overlap(image, range));
  switch (language) {
    case 'markdown':
    case 'mdx': {
      const elements = inRange(tagImages(text, language, near));
      const hasEmptyBrackets = /!\[\s*\]/.test(text.slice(near.start, near.end));
      if ((elements.length === 0 && !hasEmptyBrackets) || text.length > MOST_MARKDOWN) return [];
      const { images, code } = await readMarkdown(text, language);
      return [...inRange(images), ...elements.filter((element) => !code.some((block) => overlap(block, element)))];
    }
    case 'html':
    case 'component':
    case 'jsx':
    case 'script':
      return inRange(tagImages(text, language, near));
    case 'restructuredtext':
      return inRange(directiveImages(text, near));
    case 'asciidoc':
      return inRange(asciidocImages(text, near));
    case 'css':
    case 'plain':
      return [];
  }
}

function overlap(a: Range, b: Range): boolean {
  return a.start <= b.end && b.start <= a.end;
}
