import { imagePages, type IndexedImage } from '../images.ts';
import type { Library } from '../library.ts';
import { rowOf } from '../store/embeddingMatrix.ts';
import { inside } from '../store/store.ts';
import { LabelScorer } from './labelScorer.ts';
import { EXPECTED, FOLDER_WORDS, PROMPTS } from './kindEvidence.ts';

/** A kind of picture: what a picture is, not what it shows. */
export type PictureKind = (typeof PICTURE_KINDS)[number];

export const PICTURE_KINDS = [
  'icon',
  'logo',
  'sprite',
  'texture',
  'illustration',
  'photo',
  'screenshot',
  'diagram',
] as const;

/** Number of images of each kind; kinds without images are missing. */
export type KindCounts = ReadonlyMap<PictureKind, number>;

/** Weight of the model's judgement: its logits of kinds vary less than their accuracy would justify. */
const MODEL_WEIGHT = 0.5;

/**
 * Counts the kinds of the pictures in the index. Each picture gets the kind with the strongest evidence: the model's
 * score of prompts for kinds, the words of its folders, and its format and size. It reads stored embeddings only.
 * @throws the signal's reason if it aborts
 */
export async function countKinds(library: Library, signal?: AbortSignal): Promise<KindCounts> {
  const counts = new Map<PictureKind, number>();
  for await (const { kind } of kindsOfImages(library, signal)) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  return counts;
}

/** Yields each image of the index with its kind, by path. See countKinds. */
export async function* kindsOfImages(
  library: Library,
  signal?: AbortSignal,
): AsyncGenerator<{ readonly path: string; readonly kind: PictureKind }> {
  const matrix = await library.matrix();
  if (matrix.blobs.length === 0) return;
  const scorer = await LabelScorer.load(library, matrix, signal);
  const rows = PICTURE_KINDS.map((name) => ({ label: { name }, set: '', prompts: PROMPTS[name], threshold: 0 }));
  const lowest = new Float32Array(rows.length).fill(-Infinity);
  const scores = await scorer.score(rows, signal);
  const { offsets, labels, logits } = await library.inference.tag(matrix.source, scores, lowest, rows.length, signal);
  for await (const page of imagePages(library[inside].database)) {
    signal?.throwIfAborted();
    for (const { blob, image } of page) {
      const row = rowOf(matrix.blobs, blob);
      if (row < 0) continue; // indexed after the matrix was read
      const ofModel = new Float32Array(rows.length);
      for (let i = offsets[row] ?? 0; i < (offsets[row + 1] ?? 0); i++) ofModel[labels[i] ?? 0] = logits[i] ?? 0;
      yield { path: image.path, kind: kindOf(image, ofModel) };
    }
  }
}

/** @param ofModel logits of the model, aligned with PICTURE_KINDS */
function kindOf(image: IndexedImage, ofModel: Float32Array): PictureKind {
  const words = folderWords(image.path);
  let best: { kind: PictureKind; evidence: number } = { kind: 'illustration', evidence: -Infinity };
  for (const [k, kind] of PICTURE_KINDS.entries()) {
    const named = words.some((word) => FOLDER_WORDS[kind].has(word)) ? 4 : 0;
    const evidence = MODEL_WEIGHT * (ofModel[k] ?? 0) + named + EXPECTED[kind](image);
    if (evidence > best.evidence) best = { kind, evidence };
  }
  return best.kind;
}

/** Returns the words of the folders of a path in lower case, without the file name. */
function folderWords(path: string): string[] {
  const folders = path.slice(0, Math.max(0, path.lastIndexOf('/')));
  return folders
    .toLowerCase()
    .split(/[^\p{L}]+/u)
    .filter(Boolean);
}
