import { buffer } from 'node:stream/consumers';
import yauzl from 'yauzl';
import * as z from 'zod';
import { UserError, messageOf } from '../../src/base/userError.ts';
import type { EvaluationSet, Picture } from '../shared/evaluationSets.ts';
import { jsonLines } from './corpus.ts';

/** A line of photo-classes.jsonl (models/training/card.py): a class of photos. */
const classSchema = z.object({
  synset: z.string(),
  name: z.string(),
  /** The common words that hold for the class. */
  common: z.array(z.string()),
  /** The coarse labels that hold, and those that may hold. */
  labels: z.array(z.string()),
  unclear: z.array(z.string()),
});

/** A line of rows.jsonl in the archive of photos. */
const photoSchema = z.object({ file: z.string(), synset: z.string() });

type PhotoClass = z.infer<typeof classSchema>;

/** The table of contents in the archive of photos. */
const ROWS = 'rows.jsonl';

/** Photos, and what they can be called. */
export interface PhotoSet {
  readonly set: EvaluationSet;
  /** The distinct names of all classes, including those without a photo. */
  readonly names: readonly string[];
  /** The common words that hold for at least one photo, with the indices of the photos. */
  readonly common: readonly { readonly word: string; readonly photos: readonly number[] }[];
}

/**
 * Reads photos for measuring.
 * @param archive a ZIP file with the photos and rows.jsonl, which has the WordNet synset of each
 * @param classesFile photo-classes.jsonl of the corpus
 * @throws UserError where a file is missing, damaged or does not fit the other
 */
export async function readPhotos(archive: string, classesFile: string): Promise<PhotoSet> {
  const classes = new Map<string, PhotoClass>();
  for await (const photoClass of jsonLines(classesFile, classSchema)) classes.set(photoClass.synset, photoClass);
  const files = await readArchive(archive).catch((error: unknown) => {
    throw new UserError(`${archive} cannot be read as a ZIP file (${messageOf(error)}).`);
  });
  const rows = parsed(files.get(ROWS)?.toString() ?? '', archive);
  const found = rows.map(({ file, synset }) => {
    const photoClass = classes.get(synset);
    if (!photoClass) throw new UserError(`${archive}: ${file} has the class ${synset}, which ${classesFile} lacks.`);
    const bytes = files.get(file);
    if (!bytes) throw new UserError(`${archive} has no file ${file}, but ${ROWS} names it.`);
    return { photoClass, picture: pictureOf(file, photoClass, bytes) };
  });
  const common = new Map<string, number[]>();
  for (const [photo, { photoClass }] of found.entries()) {
    for (const word of photoClass.common) common.set(word, [...(common.get(word) ?? []), photo]);
  }
  return {
    set: { name: 'photos', pictures: found.map(({ picture }) => picture) },
    names: [...new Set([...classes.values()].map(({ name }) => name))].sort(),
    common: [...common].map(([word, photos]) => ({ word, photos })).sort((a, b) => (a.word < b.word ? -1 : 1)),
  };
}

async function readArchive(file: string): Promise<Map<string, Buffer>> {
  const files = new Map<string, Buffer>();
  const zip = await yauzl.openPromise(file);
  for await (const entry of zip.eachEntry()) {
    if (!entry.fileName.endsWith('/')) files.set(entry.fileName, await buffer(await zip.openReadStreamPromise(entry)));
  }
  return files;
}

/** @throws UserError where the table of contents is missing or damaged */
function parsed(content: string, archive: string): z.infer<typeof photoSchema>[] {
  const lines = content.split('\n').filter((line) => line.trim() !== '');
  if (lines.length === 0) throw new UserError(`${archive} has no ${ROWS} with the class of each photo.`);
  try {
    return lines.map((line) => photoSchema.parse(JSON.parse(line)));
  } catch (error) {
    throw new UserError(`${archive}: ${ROWS} needs lines with file and synset (${messageOf(error)}).`);
  }
}

function pictureOf(id: string, { name, labels, unclear }: PhotoClass, bytes: Uint8Array): Picture {
  const nothing = { tags: [], category: null, noun: true, synonyms: [] };
  return { ...nothing, ...{ id, name, kind: 'photo', labels, unclear }, bytes: () => Promise.resolve(bytes) };
}
