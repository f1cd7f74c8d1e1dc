import { csvPath } from '../../base/csv.ts';
import { printableJson } from '../../base/printable.ts';
import type { TaggedImage } from '../../library/index.ts';

/** A workspace folder with the tags to export. */
export interface ExportedFolder {
  readonly name: string;
  readonly images: readonly TaggedImage[];
}

/** Version of the JSON format. It increases with incompatible changes. */
const VERSION = 1;

/** Formats tags as the JSON file that docs/exports.md describes. */
export function tagsAsJson(folders: readonly ExportedFolder[], model: string): string {
  const file = {
    version: VERSION,
    model,
    folders: folders.map(({ name, images }) => ({
      name,
      images: images.map(({ path, hash, width, height, format, bytes, tags }) => ({
        path,
        sha256: hash,
        width,
        height,
        format,
        bytes,
        tags: tags.map(({ label, set, score, manual }) => ({ label, set, score: round(score), manual })),
      })),
    })),
  };
  return `${printableJson(file, 2)}\n`;
}

/**
 * Returns the rows of the CSV file that docs/exports.md describes: a header, then a row for each tag and for each image
 * without a tag.
 */
export function tagRows(folders: readonly ExportedFolder[]): (string | number)[][] {
  const rows: (string | number)[][] = [['folder', 'path', 'label', 'set', 'score', 'manual']];
  for (const { name, images } of folders) {
    for (const { path, tags } of images) {
      if (tags.length === 0) rows.push([name, csvPath(path), '', '', '', '']);
      for (const { label, set, score, manual } of tags) {
        rows.push([name, csvPath(path), label, set, round(score), String(manual)]);
      }
    }
  }
  return rows;
}

/** Rounds to four decimals. More would suggest a precision that a confidence does not have. */
function round(score: number): number {
  return Number(score.toFixed(4));
}
