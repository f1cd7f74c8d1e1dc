import type { Library } from './library.ts';
import { number, text } from './rows.ts';
import { inside } from './store.ts';
import type { Tag, TaggedImage } from './tagging.ts';

/** What somebody said of one content: labels that hold, and labels that do not. */
export type HandTags = ReadonlyMap<string, boolean>;

/**
 * Tags belong to contents, by hash: a copied, moved or renamed image keeps them, and so does one that is gone for a while.
 * @returns by hash, of every content that somebody tagged
 */
export function readHandTags({ [inside]: { database } }: Library): Map<string, HandTags> {
  const byHash = new Map<string, Map<string, boolean>>();
  for (const row of database.all('SELECT hash, label, holds FROM hand_tags ORDER BY given_at, label')) {
    const tags = byHash.get(text(row, 'hash')) ?? new Map<string, boolean>();
    byHash.set(text(row, 'hash'), tags);
    tags.set(text(row, 'label'), number(row, 'holds') === 1);
  }
  return byHash;
}

/** All labels that somebody gave to an image, by name. */
export function handLabels({ [inside]: { database } }: Library): string[] {
  const rows = database.all('SELECT DISTINCT label FROM hand_tags WHERE holds = 1 ORDER BY label');
  return rows.map((row) => text(row, 'label'));
}

/**
 * Says that a label holds for some contents (true), that it does not (false), or takes back what was said (null).
 * @param hashes of contents, see IndexedImage
 */
export async function setHandTag(
  { [inside]: { database } }: Library,
  hashes: readonly string[],
  label: string,
  holds: boolean | null,
): Promise<void> {
  await database.write(
    hashes.map((hash) =>
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
export function applyHandTags(
  scored: Pick<TaggedImage, 'tags' | 'guesses'>,
  said: HandTags | undefined,
  setOf: ReadonlyMap<string, string>,
): Pick<TaggedImage, 'tags' | 'guesses'> {
  if (!said) return scored;
  const given: Tag[] = [];
  for (const [label, holds] of said) {
    if (holds) given.push({ label, set: setOf.get(label) ?? '', score: 1, byHand: true });
  }
  const unsaid = ({ label }: Tag): boolean => !said.has(label);
  return { tags: [...given, ...scored.tags.filter(unsaid)], guesses: scored.guesses.filter(unsaid) };
}
