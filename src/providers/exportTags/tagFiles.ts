import type { TaggedImage } from '../../library/index.ts';

/** A workspace folder, and what its images are tagged with. */
export interface TaggedFolder {
  readonly name: string;
  readonly images: readonly TaggedImage[];
}

/** Changes when readers of the JSON file would have to. */
const VERSION = 1;

/** The JSON file that README describes. */
export function tagsAsJson(folders: readonly TaggedFolder[], model: string): string {
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
  return `${JSON.stringify(file, null, 2)}\n`;
}

/** A row a tag, or one row of an image without a tag; a head first. */
export function tagRows(folders: readonly TaggedFolder[]): (string | number)[][] {
  const rows: (string | number)[][] = [['folder', 'path', 'label', 'set', 'score', 'by_hand']];
  for (const { name, images } of folders) {
    for (const { path, tags } of images) {
      if (tags.length === 0) rows.push([name, path, '', '', '', '']);
      for (const { label, set, score, manual } of tags) {
        rows.push([name, path, label, set, round(score), String(manual)]);
      }
    }
  }
  return rows;
}

/** Four decimals: more would suggest a precision that a confidence does not have. */
function round(score: number): number {
  return Number(score.toFixed(4));
}
