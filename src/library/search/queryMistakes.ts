import { printable } from '../../base/printable.ts';
import { UserError } from '../../base/userError.ts';

/** A mistake in a query, with the values that its message contains. */
export type QueryMistake =
  | { readonly kind: 'empty' }
  | { readonly kind: 'weight'; readonly most: number }
  | { readonly kind: 'filterWeight' }
  | { readonly kind: 'noPath' }
  | { readonly kind: 'noColour' }
  | { readonly kind: 'unknownColour'; readonly colour: string }
  | { readonly kind: 'glob'; readonly trouble: string }
  | { readonly kind: 'noWord'; readonly prefix: string }
  | { readonly kind: 'unclosedQuote' }
  | { readonly kind: 'spaceAfterQuote' }
  | { readonly kind: 'emptyQuote' };

/** Reports a mistake in a query, with its position. */
export class QueryError extends UserError {
  readonly mistake: QueryMistake;
  /** Index of the character where the mistake is. */
  readonly position: number;

  /** The message shows the query and a caret in a monospaced font, as in a terminal. */
  constructor(mistake: QueryMistake, query: string, position: number) {
    const shown = (part: string): string => printable(part.replace(/\s/g, ' '));
    const indentation = ' '.repeat(shown(query.slice(0, position)).length);
    super([messageOfMistake(mistake), `  ${shown(query)}`, `  ${indentation}^ character ${position + 1}`]);
    this.mistake = mistake;
    this.position = position;
  }
}

function messageOfMistake(mistake: QueryMistake): string {
  switch (mistake.kind) {
    case 'empty':
      return 'The query is empty. Enter words to search for, such as: red car';
    case 'weight':
      return `A weight must be above 0 and at most ${mistake.most}.`;
    case 'filterWeight':
      return 'A filter cannot have a weight. Remove the weight.';
    case 'noPath':
      return 'Add a path after "path:", as in path:icons/';
    case 'noColour':
      return 'Add a colour after "color:", as in color:red or color:#e11d2e';
    case 'unknownColour':
      return `"${mistake.colour}" is not a colour. Use a name or a CSS colour, as in color:red or color:#e11d2e`;
    case 'glob':
      return mistake.trouble;
    case 'noWord':
      return `There is no word after "${mistake.prefix}". Write both without a space, as in ${mistake.prefix}road`;
    case 'unclosedQuote':
      return 'This quote is not closed. Add a closing ".';
    case 'spaceAfterQuote':
      return 'Add a space after the closing quote.';
    case 'emptyQuote':
      return 'There is no text between these quotes. Add words or remove the quotes.';
  }
}
