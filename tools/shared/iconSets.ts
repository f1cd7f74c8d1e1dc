import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';

/** An icon set of the Iconify collections that are development dependencies: openly licensed drawings by name. */
export interface IconSet {
  readonly icons: Record<string, { readonly body: string; readonly width?: number; readonly height?: number }>;
  readonly width?: number;
  readonly height?: number;
}

/** @param set the name of the collection, as in `@iconify-json/<set>` */
export function readIconSet(set: string): Promise<IconSet> {
  return readSetFile<IconSet>(set, 'icons.json');
}

/**
 * The names of the icons in each category, as the makers of the set sorted them; empty for a set without categories.
 */
export async function readCategories(set: string): Promise<Readonly<Record<string, readonly string[]>>> {
  const { categories = {} } = await readSetFile<{ categories?: Record<string, string[]> }>(set, 'metadata.json');
  return categories;
}

/** An icon as the text of an SVG file. */
export function svgOf(set: IconSet, name: string): string {
  const icon = set.icons[name];
  const width = icon?.width ?? set.width ?? 16;
  const height = icon?.height ?? set.height ?? 16;
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">${icon?.body ?? ''}</svg>\n`;
}

async function readSetFile<T>(set: string, file: string): Promise<T> {
  const resolved = createRequire(import.meta.url).resolve(`@iconify-json/${set}/${file}`);
  return JSON.parse(await readFile(resolved, 'utf8')) as T;
}
