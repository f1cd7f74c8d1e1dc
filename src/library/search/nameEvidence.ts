import { countImages } from '../images.ts';
import type { Library } from '../library.ts';
import { pathMatcher } from '../files/pathFilter.ts';
import { fileWords, tellingWords, wordsOf } from './pathWords.ts';
import type { ParsedTerm, PathFilter } from './query.ts';
import { number, pages, text } from '../store/rows.ts';
import { inside } from '../store/store.ts';

/** What the name of an image says of a query. */
export interface NameEvidence {
  /** Of the file whose name says most. */
  readonly path: string;
  /** To add to the logit of the confidence; below 0 where the name has words of negative terms. */
  readonly logit: number;
  /** Whether the path has all words of a positive term, the file's own name one of them. */
  readonly named: boolean;
}

/**
 * How often the name of an image says what it shows, where a folder's images are named at all. These are estimates; the order of
 * results hardly depends on them.
 */
const NAMED = 0.5;
const NAMED_BY_FOLDER = 0.2;
/** A name has a word without showing the thing at least this often: a "key" may be one of a keyboard, a "bat" an animal. */
const MISNAMED = 0.02;

/**
 * What paths say of the words of a query, as evidence besides the picture: naive Bayes. A word in a name multiplies the odds that
 * the image shows it by P(word | shown) / P(word | not shown). The latter is how many names have the word: rare words say
 * much (at most ln 25 = 3.2 on the logit, one and a half standard deviations of the bundled model), and one that all names
 * have, as "icon" in icon-home.svg, says nothing. A folder's name says less than the file's own (at most ln 10 = 2.3).
 * On the sample workspace with every third file under its name, the mean average precision of the 630 words in these names goes
 * up from 0.31 to 0.49, and that of finding the files without a name stays at 0.30.
 * @returns by content id, of those that have a word of the query
 */
export async function nameEvidence(
  library: Library,
  terms: readonly ParsedTerm[],
  filters: readonly PathFilter[],
): Promise<Map<number, NameEvidence>> {
  const passes = pathMatcher(filters);
  const texts = terms.filter((term) => term.kind === 'text');
  const words = new Set(texts.flatMap(({ text }) => tellingWords(text)));
  if (words.size === 0) return new Map();
  const count = filters.length === 0 ? countImages(library).files : await countWhere(library, passes);
  const having = new Map<string, FilesByWord>();
  for (const word of words) having.set(word, await filesWith(library, word, passes));
  /** What a word says of the files that have it. */
  const saying = (files: Iterable<NamedFile>, size: number, expected: number): Map<string, number> => {
    // One more of either kind is taken to be there, as Laplace does: of few names little is known.
    const share = Math.max(size / (count + 2), MISNAMED);
    return new Map(Array.from(files, ({ path }) => [path, Math.max(0, Math.log(expected / share))]));
  };

  const heaviest = Math.max(...terms.map(({ weight }) => Math.abs(weight)));
  const evidence = new Map<number, NameEvidence>();
  const logits = new Map<string, { readonly content: number; readonly logit: number; readonly named: boolean }>();
  for (const { text, weight } of texts) {
    const files = new Map<string, NamedFile>();
    const found = tellingWords(text).map((word) => {
      const { byName = [], byFolder = [] } = having.get(word) ?? {};
      for (const file of [...byName, ...byFolder]) files.set(file.path, file);
      return {
        byName: saying(byName, byName.length, NAMED),
        byFolder: saying(byFolder, byFolder.length, NAMED_BY_FOLDER),
      };
    });
    for (const { path, content } of files.values()) {
      const each = found.map(({ byName, byFolder }) => Math.max(byName.get(path) ?? 0, byFolder.get(path) ?? 0));
      const said = each.reduce((sum, one) => sum + one, 0) / each.length;
      const complete = found.every(({ byName, byFolder }) => byName.has(path) || byFolder.has(path));
      const telling = found.some(({ byName }) => (byName.get(path) ?? 0) > 0);
      const before = logits.get(path);
      logits.set(path, {
        content,
        logit: (before?.logit ?? 0) + (said * weight) / heaviest,
        named: (before?.named ?? false) || (weight > 0 && complete && telling),
      });
    }
  }
  // Of a content under several names, the one that says most.
  for (const [path, { content, logit, named }] of logits) {
    const known = evidence.get(content);
    if (!known || logit > known.logit) evidence.set(content, { path, logit, named: named && logit > 0 });
  }
  return evidence;
}

interface NamedFile {
  readonly path: string;
  readonly content: number;
}

interface FilesByWord {
  readonly byName: readonly NamedFile[];
  readonly byFolder: readonly NamedFile[];
}

/** The files that have a word in their name, and those that have it in their folders. */
async function filesWith(
  { [inside]: { database } }: Library,
  word: string,
  passes: (file: string) => boolean,
): Promise<FilesByWord> {
  const byName: NamedFile[] = [];
  const byFolder: NamedFile[] = [];
  if (/^[a-z]$/.test(word)) return { byName, byFolder }; // in every path, and it says nothing
  // SQLite finds the paths with these letters, whatever they are part of; of letters beyond ASCII it knows no cases.
  const pattern = `%${word.replace(/y$/, '').replace(/[^a-z0-9]+/g, '%')}%`;
  const sql = 'SELECT path, content FROM files WHERE path > ? AND path LIKE ? ORDER BY path LIMIT ?';
  const candidates = pages((last: NamedFile | undefined, limit) =>
    database
      .all(sql, last?.path ?? '', pattern, limit)
      .map((row): NamedFile => ({ path: text(row, 'path'), content: number(row, 'content') })),
  );
  for await (const page of candidates) {
    for (const file of page) {
      if (!passes(file.path)) continue;
      const slash = file.path.lastIndexOf('/');
      if (fileWords(file.path.slice(slash + 1)).has(word)) byName.push(file);
      if (wordsOf(file.path.slice(0, slash + 1)).includes(word)) byFolder.push(file);
    }
  }
  return { byName, byFolder };
}

async function countWhere({ [inside]: { database } }: Library, passes: (file: string) => boolean): Promise<number> {
  let count = 0;
  const paths = pages((last: string | undefined, limit) =>
    database
      .all('SELECT path FROM files WHERE path > ? ORDER BY path LIMIT ?', last ?? '', limit)
      .map((row) => text(row, 'path')),
  );
  for await (const page of paths) count += page.filter(passes).length;
  return count;
}
