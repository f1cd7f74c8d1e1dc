import type { Library } from '../library.ts';
import { number, text } from '../store/rows.ts';
import { inside } from '../store/store.ts';
import type { Tag, TaggedImage } from './tagging.ts';

/** The manual tags of one blob: true for each label that applies, false for each label that does not. */
export type ManualTags = ReadonlyMap<string, boolean>;

/** A manual tag of one blob. */
export interface ManualTag {
  /** Hash of the blob, see IndexedImage. */
  readonly hash: string;
  readonly label: string;
  /** Whether the label applies; null for no manual tag, so that the score decides. */
  readonly holds: boolean | null;
}

/**
 * Reads all manual tags. They belong to blobs, so a copied, moved or renamed image keeps its manual tags, and so does
 * an image that is deleted for a while.
 * @returns the manual tags by hash
 */
export function readManualTags({ [inside]: { database } }: Library): Map<string, ManualTags> {
  const byHash = new Map<string, Map<string, boolean>>();
  for (const row of database.all('SELECT hash, label, holds FROM manual_tags ORDER BY given_at, label')) {
    const tags = byHash.get(text(row, 'hash')) ?? new Map<string, boolean>();
    byHash.set(text(row, 'hash'), tags);
    tags.set(text(row, 'label'), number(row, 'holds') === 1);
  }
  return byHash;
}

/** Lists the labels that at least one manual tag assigns, by name. */
export function manualLabels({ [inside]: { database } }: Library): string[] {
  const rows = database.all('SELECT DISTINCT label FROM manual_tags WHERE holds = 1 ORDER BY label');
  return rows.map((row) => text(row, 'label'));
}

/** Reads the manual tags of some blobs. */
export function manualTagsOf({ [inside]: { database } }: Library, hashes: readonly string[]): ManualTag[] {
  const rows = database.all(
    'SELECT hash, label, holds FROM manual_tags WHERE hash IN (SELECT value FROM json_each(?)) ORDER BY hash, label',
    JSON.stringify(hashes),
  );
  return rows.map((row) => ({
    hash: text(row, 'hash'),
    label: text(row, 'label'),
    holds: number(row, 'holds') === 1,
  }));
}

/** Reads the manual tags with one label, by blob id. */
export function manualTagsWith({ [inside]: { database } }: Library, label: string): Map<number, boolean> {
  const sql = 'SELECT b.id, holds FROM manual_tags h JOIN blobs b ON b.hash = h.hash WHERE label = ?';
  return new Map(database.all(sql, label).map((row) => [number(row, 'id'), number(row, 'holds') === 1]));
}

/** Writes manual tags in one transaction. If a label occurs twice for a blob, the last entry wins. */
export async function setManualTags({ [inside]: { database } }: Library, tags: readonly ManualTag[]): Promise<void> {
  if (tags.length === 0) return;
  await database.write(
    tags.map(({ hash, label, holds }) =>
      holds === null
        ? ['DELETE FROM manual_tags WHERE hash = ? AND label = ?', hash, label]
        : [
            `INSERT INTO manual_tags (hash, label, holds) VALUES (?, ?, ?)
             ON CONFLICT (hash, label) DO UPDATE SET holds = excluded.holds, given_at = excluded.given_at`,
            ...[hash, label, holds ? 1 : 0],
          ],
    ),
  );
}

/**
 * Merges manual tags into scored tags. A manual tag overrides the score of its label.
 * @param setOf name of the label set of each label
 */
export function applyManualTags(
  scored: Pick<TaggedImage, 'tags' | 'maybe'>,
  manualTags: ManualTags | undefined,
  setOf: ReadonlyMap<string, string>,
): Pick<TaggedImage, 'tags' | 'maybe'> {
  if (!manualTags) return scored;
  const assigned: Tag[] = [];
  for (const [label, holds] of manualTags) {
    if (holds) assigned.push({ label, set: setOf.get(label) ?? '', score: 1, manual: true });
  }
  const isScored = ({ label }: Tag): boolean => !manualTags.has(label);
  return { tags: [...assigned, ...scored.tags.filter(isScored)], maybe: scored.maybe.filter(isScored) };
}
