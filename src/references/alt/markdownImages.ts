import type { Language } from '../languages.ts';
import { markdownAlt } from './altText.ts';
import type { Range, UndescribedImage } from './undescribedImage.ts';

interface MarkdownDocument {
  /** Images without alternative text. */
  readonly images: readonly UndescribedImage[];
  /** Code blocks and code spans. */
  readonly code: readonly Range[];
}

/** HTML and indented code are not part of MDX (mdxjs.com, "What is MDX?"). */
const NOT_IN_MDX = { disable: { null: ['codeIndented', 'htmlFlow', 'htmlText', 'autolink'] } };

/** Reads Markdown (CommonMark) or MDX. */
export async function readMarkdown(text: string, language: Language): Promise<MarkdownDocument> {
  const { parse, postprocess, preprocess } = await import('micromark');
  const parser = parse({ extensions: language === 'mdx' ? [NOT_IN_MDX] : [] });
  const reader = new TokenReader(text);
  for (const [kind, { type, start, end }] of postprocess(
    parser.document().write(preprocess()(text, undefined, true)),
  )) {
    if (kind === 'enter') reader.enter(type, { start: start.offset, end: end.offset });
    else reader.exit(type);
  }
  return { images: reader.undescribedImages(), code: reader.code };
}

/** An image with its path, or with the label of a definition. */
interface ImageTokens extends Range {
  /** "![alternative text]" */
  label?: Range;
  path?: string;
  reference?: string;
}

/** Collects code, images and definitions from the tokens of micromark. */
class TokenReader {
  readonly code: Range[] = [];
  readonly #text: string;
  readonly #images: ImageTokens[] = [];
  /** Images that started and have not ended yet, because an alternative text may contain an image. */
  readonly #open: ImageTokens[] = [];
  /** Paths by normalized label. */
  readonly #definitions = new Map<string, string>();
  #definitionLabel = '';

  constructor(text: string) {
    this.#text = text;
  }

  enter(type: string, range: Range): void {
    const written = this.#text.slice(range.start, range.end);
    const image = this.#open.at(-1);
    switch (type) {
      case 'codeFenced':
      case 'codeIndented':
      case 'codeText':
        this.code.push(range);
        break;
      case 'image':
        this.#images.push(range);
        this.#open.push(range);
        break;
      case 'label':
        if (image) image.label ??= range;
        break;
      case 'resourceDestinationString':
        if (image) image.path = written;
        break;
      case 'referenceString':
        if (image) image.reference = written;
        break;
      case 'definitionLabelString':
        this.#definitionLabel = normalized(written);
        break;
      case 'definitionDestinationString':
        // If two definitions have the same label, the first counts.
        if (!this.#definitions.has(this.#definitionLabel)) this.#definitions.set(this.#definitionLabel, written);
        break;
    }
  }

  exit(type: string): void {
    if (type === 'image') this.#open.pop();
  }

  undescribedImages(): UndescribedImage[] {
    return this.#images.flatMap(({ start, end, label, path, reference = '' }) => {
      const target = path ?? this.#definitions.get(normalized(reference));
      if (!label || target === undefined) return [];
      const alt = { start: label.start + '!['.length, end: label.end - ']'.length };
      if (this.#text.slice(alt.start, alt.end).trim() !== '') return [];
      return [{ path: target, start, end, edit: (altText) => ({ ...alt, text: markdownAlt(altText) }) }];
    });
  }
}

/** Labels match without regard to case and white space (CommonMark 0.31, section 4.7). */
function normalized(label: string): string {
  return label.trim().replace(/\s+/g, ' ').toLowerCase();
}
