import { ensemble, promptsOf, type Inference } from '../../src/clip/index.ts';
import { namesOf, type EvaluationSet, type Picture } from './evaluationSets.ts';

/** An evaluation set whose pictures went through the image encoder, once for all measurements. */
export interface EmbeddedSet {
  readonly name: string;
  /** [P] */
  readonly pictures: readonly Picture[];
  /** [P] of unit vectors [D] */
  readonly embeddings: readonly Float32Array[];
  /** [N] the different names, sorted. */
  readonly names: readonly string[];
  /** [P] which of the names is the picture's. */
  readonly nameOf: Uint32Array;
}

const BATCH = 64;
const TEXT_BATCH = 512;

/**
 * Embeds the pictures as the extension would: decoding, preparation and encoder in the inference process.
 * @throws Error where a picture cannot be decoded: it would flatter the figures to leave it out
 */
export async function embedSet(inference: Inference, set: EvaluationSet): Promise<EmbeddedSet> {
  const embeddings: Float32Array[] = [];
  const batches = Array.from({ length: Math.ceil(set.pictures.length / BATCH) }, (_, i) =>
    set.pictures.slice(i * BATCH, (i + 1) * BATCH),
  );
  const ask = async (batch: readonly Picture[] | undefined) =>
    batch
      ? inference.embedImages(
          await Promise.all(
            batch.map(async (picture) => ({ kind: 'bytes' as const, name: picture.id, bytes: await picture.bytes() })),
          ),
        )
      : [];
  // One batch is decoded while the one before it is encoded.
  let next = ask(batches[0]);
  for (const i of batches.keys()) {
    const current = next;
    next = ask(batches[i + 1]);
    for (const [k, outcome] of (await current).entries()) {
      if (!outcome.ok) throw new Error(`${set.name}, ${batches[i]?.[k]?.id ?? ''}: ${outcome.reason}`);
      embeddings.push(outcome.embedding);
    }
  }
  const names = namesOf(set.pictures);
  const column = new Map(names.map((name, i) => [name, i]));
  const nameOf = Uint32Array.from(set.pictures, ({ name }) => column.get(name) ?? 0);
  return { name: set.name, pictures: set.pictures, embeddings, names, nameOf };
}

/**
 * A vector for each label: the ensemble of its prompts (paper, section 3.1.4).
 * @param known vectors of prompts that were encoded before; new ones are added
 * @returns [names] of unit vectors [D]
 */
export async function embedLabels(
  inference: Inference,
  names: readonly string[],
  templates: readonly string[],
  known = new Map<string, Float32Array>(),
): Promise<Float32Array[]> {
  const D = inference.model.manifest.embeddingSize;
  const prompts = names.map((name) => promptsOf({ name }, templates));
  const missing = [...new Set(prompts.flat())].filter((prompt) => !known.has(prompt));
  for (let at = 0; at < missing.length; at += TEXT_BATCH) {
    const batch = missing.slice(at, at + TEXT_BATCH);
    const vectors = await inference.embedTexts(batch);
    batch.forEach((prompt, i) => known.set(prompt, vectors.subarray(i * D, (i + 1) * D)));
  }
  return prompts.map((list) => {
    const vectors = new Float32Array(list.length * D);
    list.forEach((prompt, i) => {
      vectors.set(known.get(prompt) ?? [], i * D);
    });
    return ensemble(vectors, D);
  });
}
