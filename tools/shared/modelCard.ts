import { UserError } from '../../src/base/userError.ts';

/** A table of an evaluation, for the terminal and for the model card. */
export interface ReportTable {
  /** The heading in the terminal, and the name of the table's section in the card. */
  readonly title: string;
  readonly head: readonly string[];
  readonly rows: readonly (readonly (string | number)[])[];
}

/**
 * Replaces the tables of a model card. The section of a table begins with `<!-- kind: title -->` and ends with
 * `<!-- end -->`.
 * @param kind the evaluation that the tables belong to; sections of the other kind stay as they are
 * @throws UserError for a table without a section, and for a section without a table
 */
export function fillTables(card: string, tables: readonly ReportTable[], kind: 'table' | 'heatmaps'): string {
  const remaining = new Map(tables.map((table) => [table.title, table]));
  const sections = new RegExp(`<!-- ${kind}: (.+?) -->\\n[^]*?<!-- end -->`, 'g');
  const filled = card.replaceAll(sections, (_, title: string) => {
    const table = remaining.get(title);
    if (!table) {
      throw new UserError(
        `The card has a section for "${title}", but this evaluation has no such table. Add --corpus.`,
      );
    }
    remaining.delete(title);
    return `<!-- ${kind}: ${title} -->\n${markdownTable(table)}\n<!-- end -->`;
  });
  const [missing] = remaining.keys();
  if (missing === undefined) return filled;
  throw new UserError(
    `The card has no section for the table "${missing}": add <!-- ${kind}: ${missing} --> and <!-- end -->.`,
  );
}

function markdownTable({ head, rows }: ReportTable): string {
  const line = (cells: readonly (string | number)[]): string => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')).replaceAll(' ', ''), ...rows.map(line)].join('\n');
}

/**
 * A replacer for JSON.stringify that rounds numbers to four decimals: the measurements are not more exact than that.
 */
export function rounded(_key: string, value: unknown): unknown {
  return typeof value === 'number' ? Math.round(value * 1e4) / 1e4 : value;
}
