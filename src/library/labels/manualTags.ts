import type { Library } from '../library.ts';
import { number, text } from '../store/rows.ts';
import { inside } from '../store/store.ts';
import type { Tag, TaggedImage } from './tagging.ts';

/** What somebody said of one content: labels that hold, and labels that do not. */
export type ManualTags = ReadonlyMap<string, boolean>;

/**
 * Tags belong to contents, by hash: a copied, moved or renamed image keeps them, and so does one that is gone for a while.
 * @returns by hash, of every content that somebody tagged
 */
export function readManualTags({ [inside]: { database } }: Library): Map<string, ManualTags> {
  const byHash = new Map<string, Map<string, boolean>>();
  for (const row of database.all('SELECT hash, label, holds FROM hand_tags ORDER BY given_at, label')) {
    const tags = byHash.get(text(row, 'hash')) ?? new Map<string, boolean>();
    byHash.set(text(row, 'hash'), tags);
    tags.set(text(row, 'label'), number(row, 'holds') === 1);
  }
  return byHash;
}

/** All labels that somebody gave to an image, by name. */
export function manualLabels({ [inside]: { database } }: Library): string[] {
  const rows = database.all('SELECT DISTINCT label FROM hand_tags WHERE holds = 1 ORDER BY label');
  return rows.map((row) => text(row, 'label'));
}

/** What somebody says of a label and a content. */
export interface ManualTag {
  /** Of the content, see IndexedImage. */
  readonly hash: string;
  readonly label: string;
  /** It holds, it does not, or (null) nothing is said: scores decide. */
  readonly holds: boolean | null;
}

/** What somebody said of some contents, so that it can be put back. */
export function manualTagsOf({ [inside]: { database } }: Library, hashes: readonly string[]): ManualTag[] {
  const rows = database.all(
    'SELECT hash, label, holds FROM hand_tags WHERE hash IN (SELECT value FROM json_each(?)) ORDER BY hash, label',
    JSON.stringify(hashes),
  );
  return rows.map((row) => ({
    hash: text(row, 'hash'),
    label: text(row, 'label'),
    holds: number(row, 'holds') === 1,
  }));
}

/** Says all of it, in one transaction; of the same label and content, the last word counts. */
export async function setManualTags({ [inside]: { database } }: Library, tags: readonly ManualTag[]): Promise<void> {
  if (tags.length === 0) return;
  await database.write(
    tags.map(({ hash, label, holds }) =>
      holds === null
        ? ['DELETE FROM hand_tags WHERE hash = ? AND label = ?', hash, label]
        : [
            `INSERT INTO hand_tags (hash, label, holds) VALUES (?, ?, ?)
             ON CONFLICT (hash, label) DO UPDATE SET holds = excluded.holds, given_at = excluded.given_at`,
            ...[hash, label, holds ? 1 : 0],
          ],
    ),
  );
}

/** Puts what somebody said before what was scored. */
export function applyManualTags(
  scored: Pick<TaggedImage, 'tags' | 'uncertain'>,
  said: ManualTags | undefined,
  setOf: ReadonlyMap<string, string>,
): Pick<TaggedImage, 'tags' | 'uncertain'> {
  if (!said) return scored;
  const given: Tag[] = [];
  for (const [label, holds] of said) {
    if (holds) given.push({ label, set: setOf.get(label) ?? '', score: 1, manual: true });
  }
  const unsaid = ({ label }: Tag): boolean => !said.has(label);
  return { tags: [...given, ...scored.tags.filter(unsaid)], uncertain: scored.uncertain.filter(unsaid) };
}
