import { printable } from '../base/printable.ts';

/** Text of others in the parts of the editor that interpret some notation. */

/** Makes each line printable. For messages, whose line breaks AssetLens wrote; see UserError. */
export function printableLines(text: string): string {
  return text
    .split(/\r?\n/)
    .map((line) => printable(line))
    .join('\n');
}

/**
 * Formats the text of a notification. The editor makes a link, also to a command, of "[text](target)" there; a space
 * prevents it.
 */
export function messageText(text: string): string {
  return printableLines(text).replaceAll('](', '] (');
}

/**
 * Formats a name in a list or in the status bar. The editor shows "$(name)" as an icon there, unless a backslash
 * precedes it.
 */
export function nameInList(name: string): string {
  return printable(name).replace(/\$\((?=[A-Za-z0-9])/g, String.raw`\$(`);
}

interface Item {
  readonly label: string;
  readonly description?: string;
  readonly detail?: string;
}

/** Makes the texts of a line of a list printable. Names that others wrote also pass through nameInList before. */
export function printableItem<T extends Item>(item: T): T {
  const { label, description, detail } = item;
  return {
    ...item,
    label: printable(label),
    ...(description !== undefined && { description: printable(description) }),
    ...(detail !== undefined && { detail: printable(detail) }),
  };
}
