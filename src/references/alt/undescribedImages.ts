import type { Language } from '../languages.ts';
import { asciidocImages } from './asciidocImages.ts';
import { directiveImages } from './directiveImages.ts';
import { readMarkdown } from './markdownImages.ts';
import { tagImages } from './tagImages.ts';
import type { Range, UndescribedImage } from './undescribedImage.ts';

/** Characters around a range that are searched for images that reach into it. */
const REACH = 5000;
/** Longer documents are not searched: parsing Markdown takes some microseconds a character. */
const MOST_CHARACTERS = 300_000;

/** The images in a range of a document that have no alternative text, or an empty one; none in comments and code blocks. */
export async function undescribedImages(text: string, language: Language, range: Range): Promise<UndescribedImage[]> {
  if (text.length > MOST_CHARACTERS) return [];
  const images = await imagesNear(text, language, { start: Math.max(0, range.start - REACH), end: range.end + REACH });
  return images.filter((image) => overlap(image, range));
}

async function imagesNear(text: string, language: Language, range: Range): Promise<UndescribedImage[]> {
  switch (language) {
    case 'markdown':
    case 'mdx': {
      const elements = [...tagImages(text, language, range)];
      if (elements.length === 0 && !/!\[\s*\]/.test(text.slice(range.start, range.end))) return [];
      const { images, code } = await readMarkdown(text, language);
      return [...images, ...elements.filter((element) => !code.some((block) => overlap(block, element)))];
    }
    case 'html':
    case 'component':
    case 'jsx':
    case 'script':
      return [...tagImages(text, language, range)];
    case 'restructuredtext':
      return [...directiveImages(text, range)];
    case 'asciidoc':
      return [...asciidocImages(text, range)];
    case 'css':
    case 'plain':
      return [];
  }
}

function overlap(a: Range, b: Range): boolean {
  return a.start <= b.end && b.start <= a.end;
}
