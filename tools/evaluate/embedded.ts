import { ensemble, promptsOf, type Inference } from '../../src/clip/index.ts';
import { namesOf, type EvaluationSet, type Picture } from '../shared/evaluationSets.ts';

/** An evaluation set with its image embeddings, which all measurements share. */
export interface EmbeddedSet {
  readonly name: string;
  /** [P] */
  readonly pictures: readonly Picture[];
  /** [P] of unit vectors [D] */
  readonly embeddings: readonly Float32Array[];
  /** [N] The distinct names, sorted. */
  readonly names: readonly string[];
  /** [P] For each picture, the index of its name in `names`. */
  readonly nameOf: Uint32Array;
}

const BATCH = 64;
const TEXT_BATCH = 512;

/**
 * Embeds the pictures as the extension does: the inference process decodes, preprocesses and encodes them.
 * @throws Error where a picture cannot be decoded, because leaving it out would improve the figures
 */
export async function embedSet(inference: Inference, set: EvaluationSet): Promise<EmbeddedSet> {
  const embeddings: Float32Array[] = [];
  const batches = Array.from({ length: Math.ceil(set.pictures.length / BATCH) }, (_, i) =>
    set.pictures.slice(i * BATCH, (i + 1) * BATCH),
  );
  const embed = async (batch: readonly Picture[] | undefined) =>
    batch
      ? inference.embedImages(
          await Promise.all(
            batch.map(async (picture) => ({ kind: 'bytes' as const, name: picture.id, bytes: await picture.bytes() })),
          ),
        )
      : [];
  // The process decodes a batch while it encodes the one before.
  let next = embed(batches[0]);
  for (const i of batches.keys()) {
    const current = next;
    next = embed(batches[i + 1]);
    // The process ends with the first failure, and this batch fails with it. The first failure is the one to report.
    next.catch(() => undefined);
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

/** The text encoder of a model. It embeds each text once, because the measurements ask for the same ones. */
export class Texts {
  /** D, the dimensions of an embedding. */
  readonly dimensions: number;
  readonly #encoder: Pick<Inference, 'embedTexts'>;
  readonly #known = new Map<string, Float32Array>();

  constructor(encoder: Pick<Inference, 'embedTexts'>, dimensions: number) {
    this.#encoder = encoder;
    this.dimensions = dimensions;
  }

  /**
   * Embeds labels as the ensembles of their prompts (paper, section 3.1.4).
   * @returns [names] unit vectors [D]
   */
  embedLabels(names: readonly string[], templates: readonly string[]): Promise<Float32Array[]> {
    return this.embedPrompts(names.map((name) => promptsOf({ name }, templates)));
  }

  /** @returns for each list of prompts the unit vector [D] of their ensemble */
  async embedPrompts(prompts: readonly (readonly string[])[]): Promise<Float32Array[]> {
    const D = this.dimensions;
    const missing = [...new Set(prompts.flat())].filter((prompt) => !this.#known.has(prompt));
    for (let at = 0; at < missing.length; at += TEXT_BATCH) {
      const batch = missing.slice(at, at + TEXT_BATCH);
      const vectors = await this.#encoder.embedTexts(batch);
      batch.forEach((prompt, i) => this.#known.set(prompt, vectors.slice(i * D, (i + 1) * D)));
    }
    return prompts.map((list) => {
      const vectors = new Float32Array(list.length * D);
      list.forEach((prompt, i) => {
        vectors.set(this.#known.get(prompt) ?? [], i * D);
      });
      return ensemble(vectors, D);
    });
  }
}
