import { coloursOf, type MainColour } from '../../../clip/index.ts';
import { imagesOfBlobs } from '../../images.ts';
import type { Library } from '../../library.ts';
import { bytes, number, pages } from '../../store/rows.ts';
import { inside } from '../../store/store.ts';
import type { ColourFilter, ParsedTerm } from '../query.ts';
import { membership, type Colour } from './colour.ts';
import { coloursIn } from './colourWords.ts';
import type { BasicColour } from './namedColours.ts';

/** Share of the visible pixels from which an image counts as one of that colour. */
const FULL = 0.35;
/** Least share for a filter: a red dot in a corner does not make a red image. */
const LEAST_FILTERED = 0.12;
/** Probability that an image shows a colour although the query asks for it and its pixels do not have it. */
const MISJUDGED = 0.01;

/** A colour that a query asks for, or avoids. */
interface WantedColour {
  readonly colour: Colour;
  readonly weight: number;
}

/** Returns the colours that the words of a query ask for. A negative term counts only if it is nothing but a colour. */
export function wantedColours(terms: readonly ParsedTerm[]): WantedColour[] {
  return terms.flatMap((term) => {
    if (term.kind !== 'text') return [];
    const colours = coloursIn(term.text);
    const isOnlyColour = term.text.trim().split(/\s+/).length === colours.length;
    return term.weight > 0 || isOnlyColour ? colours.map((colour) => ({ colour, weight: term.weight })) : [];
  });
}

/** Returns the share of an image that a colour covers, 0 to 1. */
export function coverage(colour: Colour, colours: readonly MainColour[]): number {
  return colours.reduce((sum, main) => sum + main.share * membership(colour, main), 0);
}

/**
 * Scores images by the colours of a query, as evidence besides the picture: naive Bayes, as for names. An image with
 * the colour multiplies its odds by P(colour | wanted) / P(colour), where P(colour) is the mean over the images that
 * are compared: in a folder of red icons, "red" has no weight.
 * @param blobs ids of the images that are compared
 * @returns summands for the logits by blob id; 0 for images whose colours are unknown
 */
export function colourEvidence(
  library: Library,
  wanted: readonly WantedColour[],
  blobs: readonly number[],
): Map<number, number> {
  const evidence = new Map<number, number>();
  if (wanted.length === 0) return evidence;
  const known = storedColours(library, blobs);
  const heaviest = Math.max(...wanted.map(({ weight }) => Math.abs(weight)));
  for (const { colour, weight } of wanted) {
    const present = new Map([...known].map(([blob, colours]) => [blob, Math.min(1, coverage(colour, colours) / FULL)]));
    const base = smoothed([...present.values()].reduce((sum, value) => sum + value, 0) / Math.max(1, present.size));
    for (const [blob, value] of present) {
      const ratio = Math.log(smoothed(value) / base);
      // The absence of a color to avoid is no evidence for the rest of the query.
      const logit = ((weight < 0 ? Math.max(0, ratio) : ratio) * weight) / heaviest;
      evidence.set(blob, (evidence.get(blob) ?? 0) + logit);
    }
  }
  return evidence;
}

function smoothed(value: number): number {
  return MISJUDGED + (1 - MISJUDGED) * value;
}

interface StoredColours {
  readonly id: number;
  readonly colours: MainColour[];
}

/**
 * Finds the images that pass color: filters.
 * @returns by blob id the share that the wanted colours cover, the least of them if there are several
 */
export async function blobsOfColours(library: Library, filters: readonly ColourFilter[]): Promise<Map<number, number>> {
  const { database } = library[inside];
  const found = new Map<number, number>();
  const looks = pages((last: StoredColours | undefined, limit) =>
    database
      .all(
        'SELECT id, colours FROM blobs WHERE id > ? AND orphaned_at IS NULL AND length(pixels) > 0 ORDER BY id LIMIT ?',
        ...[last?.id ?? 0, limit],
      )
      .map((row): StoredColours => ({ id: number(row, 'id'), colours: coloursOf(bytes(row, 'colours')) })),
  );
  for await (const page of looks) {
    for (const { id, colours } of page) {
      const shares = filters.map(({ colour, exclude }) => ({ share: coverage(colour, colours), exclude }));
      if (shares.some(({ share, exclude }) => share >= LEAST_FILTERED === exclude)) continue;
      found.set(id, Math.min(1, ...shares.filter(({ exclude }) => !exclude).map(({ share }) => share)));
    }
  }
  return found;
}

/** Lists the paths of the images that have any of some named colours. */
export async function pathsOfColours(library: Library, names: readonly BasicColour[]): Promise<string[]> {
  const blobs = new Set<number>();
  for (const name of names) {
    const filter = { colour: { kind: 'named' as const, name }, exclude: false };
    for (const blob of (await blobsOfColours(library, [filter])).keys()) blobs.add(blob);
  }
  const images = imagesOfBlobs(library[inside].database, [...blobs]);
  return [...images.values()].flatMap((files) => files.map(({ path }) => path));
}

function storedColours({ [inside]: { database } }: Library, blobs: readonly number[]): Map<number, MainColour[]> {
  const rows = database.all(
    'SELECT id, colours FROM blobs WHERE length(pixels) > 0 AND id IN (SELECT value FROM json_each(?))',
    JSON.stringify(blobs),
  );
  return new Map(rows.map((row) => [number(row, 'id'), coloursOf(bytes(row, 'colours'))]));
}
