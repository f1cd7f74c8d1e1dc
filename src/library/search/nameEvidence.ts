import { placeOfImage } from '../../base/imagePath.ts';
import { countImages } from '../images.ts';
import type { Library } from '../library.ts';
import { number, pages, text } from '../store/rows.ts';
import { inside } from '../store/store.ts';
import { otherWordings, type NamedLabel } from './nameSynonyms.ts';
import type { PathRestriction } from './pathRestriction.ts';
import { containsWord, fileWords, partOfWord, tellingWords, wordsOf } from './pathWords.ts';
import type { ParsedTerm } from './query.ts';

/** The evidence that the name of an image gives for a query. */
export interface NameEvidence {
  /** The file of the blob whose name gives the most evidence. */
  readonly path: string;
  /** Summand for the logit of the confidence; below 0 if the name contains words of negative terms. */
  readonly logit: number;
  /** Whether the path contains all words of a positive term, at least one of them in the file's own name. */
  readonly named: boolean;
}

type PathRules = Pick<PathRestriction, 'passes' | 'rows'>;

/**
 * Probability that a word is in the name of an image that shows the thing, in a folder whose images have names. This is
 * an estimate; the order of results hardly depends on it.
 */
const NAMED = 0.5;
const NAMED_BY_FOLDER = 0.2;
/**
 * Minimum probability that a word is in the name of an image that does not show the thing: a "key" can be on a
 * keyboard.
 */
const MISNAMED = 0.02;
/** Share of the names of a thing that have a synonym instead of the word; an estimate, too. */
const SYNONYM_SHARE = 0.4;

/**
 * Scores paths against the words of a query, as evidence besides the picture: naive Bayes. A word in a name multiplies
 * the odds that the image shows the thing by P(word | shown) / P(word | not shown). The latter is the share of names
 * with the word. Rare words have the highest weight (at most ln 25 = 3.2 on the logit, one and a half standard
 * deviations of the bundled model), and a word that all names contain, as "icon" in icon-home.svg, has no weight. A
 * folder's name has a lower weight than the file's name (at most ln 10 = 2.3). On the sample workspace with every third
 * file under its name, the mean average precision of the 630 words in these names rises from 0.31 to 0.49, and that of
 * finding the files without a name stays at 0.30.
 *
 * A name may also contain a synonym of a label instead of the words of a positive term. A negative term removes only
 * what it names, so synonyms do not count for it.
 * @param labels labels whose synonyms count
 * @returns by blob id, for the blobs whose name contains a word of the query
 */
export async function nameEvidence(
  library: Library,
  terms: readonly ParsedTerm[],
  labels: readonly NamedLabel[],
  restriction: PathRules,
): Promise<Map<number, NameEvidence>> {
  const texts = terms
    .filter((term) => term.kind === 'text')
    .map(({ text, weight }) => ({
      weight,
      words: tellingWords(text),
      others: weight > 0 ? otherWordings(text, labels) : [],
    }));
  const wordings = texts.flatMap((term) => [term.words, ...term.others]);
  const words = new Set(wordings.flat());
  if (words.size === 0) return new Map();
  const count = await countFiles(library, restriction);
  const byWord = new Map<string, WordEvidence>();
  for (const word of words) {
    const others = wordings.filter((wording) => wording.includes(word)).flatMap((it) => it.filter((w) => w !== word));
    byWord.set(word, wordEvidence(await filesWithWord(library, word, others, restriction.passes), count));
  }
  const heaviest = Math.max(...terms.map(({ weight }) => Math.abs(weight)));
  const byPath = new Map<string, PathEvidence>();
  const evidenceOf = (wording: readonly string[]) => wording.map((word) => byWord.get(word) ?? NO_EVIDENCE);
  for (const term of texts) {
    const found = termEvidence(evidenceOf(term.words));
    for (const wording of term.others) addWording(found, termEvidence(evidenceOf(wording)));
    addTerm(byPath, found, term.weight / heaviest);
  }
  return bestPaths(byPath);
}

interface NamedFile {
  readonly path: string;
  readonly blob: number;
}

/** The files with a word, and the logits that the word adds. */
interface WordEvidence {
  /** Blob ids by path. */
  readonly inName: ReadonlyMap<string, number>;
  readonly inFolder: ReadonlyMap<string, number>;
  readonly nameLogit: number;
  readonly folderLogit: number;
}

const NO_EVIDENCE: WordEvidence = { inName: new Map(), inFolder: new Map(), nameLogit: 0, folderLogit: 0 };

interface PathEvidence {
  readonly blob: number;
  readonly logit: number;
  readonly named: boolean;
}

function wordEvidence({ inName, inFolder }: FilesWithWord, count: number): WordEvidence {
  // Laplace's rule: add one file with the word and one without it, because a few names are weak evidence.
  const share = (files: number): number => Math.max(files / (count + 2), MISNAMED);
  return {
    inName: new Map(inName.map(({ path, blob }) => [path, blob])),
    inFolder: new Map(inFolder.map(({ path, blob }) => [path, blob])),
    nameLogit: Math.max(0, Math.log(NAMED / share(inName.length))),
    folderLogit: Math.max(0, Math.log(NAMED_BY_FOLDER / share(inFolder.length))),
  };
}

/** Returns the evidence of each path for one wording of a term: the mean over its words. */
function termEvidence(words: readonly WordEvidence[]): Map<string, PathEvidence> {
  const files = new Map(words.flatMap(({ inName, inFolder }) => [...inName, ...inFolder]));
  return new Map(
    Array.from(files, ([path, blob]) => {
      const logits = words.map(({ inName, inFolder, nameLogit, folderLogit }) =>
        Math.max(inName.has(path) ? nameLogit : 0, inFolder.has(path) ? folderLogit : 0),
      );
      const logit = logits.reduce((sum, value) => sum + value, 0) / logits.length;
      const hasAllWords = words.every(({ inName, inFolder }) => inName.has(path) || inFolder.has(path));
      const isTelling = words.some(({ inName, nameLogit }) => inName.has(path) && nameLogit > 0);
      return [path, { blob, logit, named: hasAllWords && isTelling }];
    }),
  );
}

/** Adds the evidence of a wording with a synonym. A path counts in the wording that fits best. */
function addWording(found: Map<string, PathEvidence>, wording: ReadonlyMap<string, PathEvidence>): void {
  for (const [path, { blob, logit, named }] of wording) {
    const less = logit + Math.log(SYNONYM_SHARE);
    const known = found.get(path);
    if (!named || less <= (known?.logit ?? 0)) continue;
    found.set(path, { blob, logit: less, named });
  }
}

/** Adds the evidence of one term. @param weight relative to the heaviest term of the query */
function addTerm(byPath: Map<string, PathEvidence>, term: ReadonlyMap<string, PathEvidence>, weight: number): void {
  for (const [path, { blob, logit, named }] of term) {
    const before = byPath.get(path);
    byPath.set(path, {
      blob,
      logit: (before?.logit ?? 0) + logit * weight,
      named: (before?.named ?? false) || (weight > 0 && named),
    });
  }
}

/** Returns the path with the most evidence for each blob. */
function bestPaths(byPath: ReadonlyMap<string, PathEvidence>): Map<number, NameEvidence> {
  const best = new Map<number, NameEvidence>();
  for (const [path, { blob, logit, named }] of byPath) {
    const known = best.get(blob);
    if (!known || logit > known.logit) best.set(blob, { path, logit, named: named && logit > 0 });
  }
  return best;
}

interface FilesWithWord {
  readonly inName: readonly NamedFile[];
  readonly inFolder: readonly NamedFile[];
}

/** Finds the files that contain a word in their name, and those that contain it in the names of their folders. */
async function filesWithWord(
  { [inside]: { database } }: Library,
  word: string,
  others: readonly string[],
  passes: (file: string) => boolean,
): Promise<FilesWithWord> {
  const inName: NamedFile[] = [];
  const inFolder: NamedFile[] = [];
  if (/^[a-z]$/.test(word)) return { inName, inFolder }; // almost every path contains the letter
  // SQLite preselects paths that contain these letters anywhere. LIKE ignores the case of ASCII letters only.
  const pattern = `%${partOfWord(word)
    .replace(/y$/, '')
    .replace(/[^a-z0-9]+/g, '%')}%`;
  const sql = 'SELECT path, blob FROM files WHERE path > ? AND path LIKE ? ORDER BY path LIMIT ?';
  const candidates = pages((last: NamedFile | undefined, limit) =>
    database
      .all(sql, last?.path ?? '', pattern, limit)
      .map((row): NamedFile => ({ path: text(row, 'path'), blob: number(row, 'blob') })),
  );
  for await (const page of candidates) {
    for (const file of page) {
      if (!passes(file.path)) continue;
      const nameWords = fileWords(file.path);
      const folderWords = new Set(wordsOf(placeOfImage(file.path)));
      const isInName = containsWord(nameWords, word, others);
      if (isInName) inName.push(file);
      // A compound may continue from the folder to the name: "spaceship" is in space/ship.png.
      const all = isInName ? folderWords : new Set([...folderWords, ...nameWords]);
      if (containsWord(all, word, others)) inFolder.push(file);
    }
  }
  return { inName, inFolder };
}

async function countFiles(library: Library, { passes, rows }: PathRules): Promise<number> {
  if (!rows) return countImages(library).files;
  let count = 0;
  const paths = pages((last: string | undefined, limit) =>
    library[inside].database
      .all('SELECT path FROM files WHERE path > ? ORDER BY path LIMIT ?', last ?? '', limit)
      .map((row) => text(row, 'path')),
  );
  for await (const page of paths) count += page.filter(passes).length;
  return count;
}
