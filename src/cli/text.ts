import { printable } from '../base/printable.ts';

/**
 * Text for the terminal. AssetLens wrote its line breaks, and it has no other controls. `print` and `report` accept
 * nothing else, so the compiler finds every place that prints text of others without an escape.
 */
export class Text {
  readonly #content: string;

  private constructor(content: string) {
    this.#content = content;
  }

  /** Makes text of a template. Each value is one line; line breaks come only from the template and from other Text. */
  static readonly ofTemplate = (strings: TemplateStringsArray, ...values: readonly (string | number | Text)[]): Text =>
    new Text(
      strings.reduce((content, part, i) => {
        const value = values[i - 1] ?? '';
        return `${content}${value instanceof Text ? value.#content : printable(String(value))}${part}`;
      }),
    );

  /** Makes text of several lines. For text whose line breaks AssetLens or Node wrote, such as messages and stacks. */
  static readonly ofLines = (lines: string): Text =>
    new Text(
      lines
        .split(/\r?\n/)
        .map((line) => printable(line))
        .join('\n'),
    );

  static readonly join = (parts: readonly Text[], separator = ''): Text =>
    new Text(parts.map((part) => part.#content).join(separator));

  toString(): string {
    return this.#content;
  }
}

export const { ofTemplate: text, ofLines: linesOf, join: joined } = Text;
