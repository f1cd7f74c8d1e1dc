import * as vscode from 'vscode';
import type { QueryError } from '../../library/index.ts';

/** Returns the message for a mistake in a query in the user's language, on one line: a list and the gallery show it. */
export function queryMessage({ mistake, position }: QueryError): string {
  switch (mistake.kind) {
    case 'empty':
      return vscode.l10n.t('Enter words to search for, such as: red car');
    case 'weight':
      return vscode.l10n.t('A weight must be above 0 and at most {0}.', mistake.most);
    case 'filterWeight':
      return vscode.l10n.t('A filter cannot have a weight. Remove the weight.');
    case 'noPath':
      return vscode.l10n.t('Add a path after "path:", as in path:icons/');
    case 'noColour':
      return vscode.l10n.t('Add a colour after "color:", as in color:red or color:#e11d2e');
    case 'unknownColour':
      return vscode.l10n.t(
        '"{0}" is not a colour. Use a name or a CSS colour, as in color:red or color:#e11d2e',
        mistake.colour,
      );
    case 'glob':
      return vscode.l10n.t('The glob after "path:" could take too long to match. Use fewer *, and no repeated groups.');
    case 'noWord':
      return vscode.l10n.t('There is no word after "{0}". Write both without a space, as in {0}road', mistake.prefix);
    case 'unclosedQuote':
      return vscode.l10n.t('The quote at character {0} is not closed. Add a closing ".', position + 1);
    case 'spaceAfterQuote':
      return vscode.l10n.t('Add a space after the closing quote.');
    case 'emptyQuote':
      return vscode.l10n.t('There is no text between the quotes. Add words or remove the quotes.');
  }
}
