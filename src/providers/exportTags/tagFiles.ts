import { csvPath } from '../../base/csv.ts';
import { printableJson } from '../../base/printable.ts';
import type { Tag, TaggedImage } from '../../library/index.ts';

/** A workspace folder with the tags to export. */
export interface ExportedFolder {
  readonly name: string;
  readonly images: readonly TaggedImage[];
}

/** Version of the JSON format. It increases with incompatible changes. */
const VERSION = 1;

/**
 * Formats tags as the JSON file that docs/exports.md describes.
 * @param withMaybe whether each image also lists its maybe labels
 */
export function tagsAsJson(folders: readonly ExportedFolder[], model: string, withMaybe = false): string {
  const file = {
    version: VERSION,
    model,
    folders: folders.map(({ name, images }) => ({
      name,
      images: images.map(({ path, hash, width, height, format, bytes, tags, maybe }) => ({
        path,
        sha256: hash,
        width,
        height,
        format,
        bytes,
        tags: tags.map(exportedTag),
        ...(withMaybe ? { maybe: maybe.map(exportedTag) } : {}),
      })),
    })),
  };
  return `${printableJson(file, 2)}\n`;
}

/**
 * Returns the rows of the CSV file that docs/exports.md describes: a header, then a row for each tag and for each image
 * without a tag.
 * @param withMaybe whether maybe labels get rows too; a further column then distinguishes them from tags
 */
export function tagRows(folders: readonly ExportedFolder[], withMaybe = false): (string | number)[][] {
  const rowOf = (cells: readonly (string | number)[], isMaybe: boolean): (string | number)[] =>
    withMaybe ? [...cells, String(isMaybe)] : [...cells];
  const header = ['folder', 'path', 'label', 'set', 'score', 'manual'];
  const rows: (string | number)[][] = [withMaybe ? [...header, 'maybe'] : header];
  for (const { name, images } of folders) {
    for (const { path, tags, maybe } of images) {
      const cellsOf = ({ label, set, score, manual }: Tag): (string | number)[] => {
        return [name, csvPath(path), label, set, round(score), String(manual)];
      };
      if (tags.length === 0) rows.push(rowOf([name, csvPath(path), '', '', '', ''], false));
      for (const tag of tags) rows.push(rowOf(cellsOf(tag), false));
      if (withMaybe) for (const tag of maybe) rows.push(rowOf(cellsOf(tag), true));
    }
  }
  return rows;
}

function exportedTag({ label, set, score, manual }: Tag): Tag {
  return { label, set, score: round(score), manual };
}

/** Rounds to four decimals. More would suggest a precision that a confidence does not have. */
function round(score: number): number {
  return Number(score.toFixed(4));
}
