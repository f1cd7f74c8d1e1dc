import { LRUCache } from 'lru-cache';
import { backgroundPrompts, type ImageKind } from './heatmap.ts';
import { ensemble } from '../text/prompts.ts';
import type { Inference } from '../runtime/process/client.ts';
import type { Heatmap, HeatmapQuery } from './types.ts';
import type { ImageSource } from '../images/types.ts';

export interface ExplainQuery {
  readonly kind: HeatmapQuery['kind'];
  /** For each map the prompts whose ensemble it shows; of a label these are promptsOf(label, templates). */
  readonly prompts: readonly (readonly string[])[];
  /** What the prompts are about, without templates around it: nothing of the background says the same. Default: the prompts. */
  readonly subjects?: readonly string[] | undefined;
  /** Which background the prompts compete with. */
  readonly imageKind: ImageKind;
}

/**
 * A heatmap for prompts as texts: embeds them, and the background that they compete with, once an Inference.
 * @throws UserError with a short reason where the image cannot be decoded, or where there is no prompt
 */
export async function explainImage(
  inference: Inference,
  source: ImageSource,
  { kind, prompts, subjects = prompts.flat(), imageKind }: ExplainQuery,
  signal?: AbortSignal,
): Promise<Heatmap> {
  const background = kind === 'where' ? backgroundPrompts(imageKind, subjects) : [];
  const vectorOf = await textVectors(inference, [...prompts.flat(), ...background], signal);
  const columns = inference.model.manifest.embeddingSize;
  const query = {
    kind,
    prompts: joined(prompts.map((texts) => ensemble(joined(texts.map(vectorOf)), columns))),
    background: joined(background.map(vectorOf)),
  };
  return inference.heatmap(source, query, signal);
}

/** A prompt that is being typed changes with every letter. */
const MOST_KEPT = 512;
const kept = new WeakMap<Inference, LRUCache<string, Float32Array>>();

/** Unit vectors [D] of texts. Those used last are kept: the next map has the same background and often the same prompts. */
async function textVectors(
  inference: Inference,
  texts: readonly string[],
  signal?: AbortSignal,
): Promise<(text: string) => Float32Array> {
  const known = kept.get(inference) ?? new LRUCache<string, Float32Array>({ max: MOST_KEPT });
  kept.set(inference, known);
  const vectors = new Map(texts.map((text) => [text, known.get(text)]));
  const missing = [...vectors.keys()].filter((text) => !vectors.get(text));
  if (missing.length > 0) {
    const rows = await inference.embedTexts(missing, signal);
    const columns = rows.length / missing.length;
    missing.forEach((text, i) => {
      const vector = rows.slice(i * columns, (i + 1) * columns);
      known.set(text, vector);
      vectors.set(text, vector);
    });
  }
  return (text) => {
    const vector = vectors.get(text);
    if (!vector) throw new Error(`The text "${text}" was not embedded.`);
    return vector;
  };
}

function joined(rows: readonly Float32Array[]): Float32Array {
  const columns = rows[0]?.length ?? 0;
  const result = new Float32Array(rows.length * columns);
  rows.forEach((row, i) => {
    result.set(row, i * columns);
  });
  return result;
}
