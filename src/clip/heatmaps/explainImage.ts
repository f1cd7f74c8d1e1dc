import { LRUCache } from 'lru-cache';
import type { ModelManifest } from '../base/manifest.ts';
import type { ImageSource } from '../images/types.ts';
import { ensemble } from '../text/prompts.ts';
import { backgroundPrompts, type ImageKind } from './background.ts';
import type { Heatmap, HeatmapQuery } from './types.ts';

/** The part of the inference process that explainImage needs. */
export interface HeatmapInference {
  readonly model: { readonly manifest: Pick<ModelManifest, 'embeddingSize'> };
  /** [texts, D] row-major, unit rows. */
  embedTexts(texts: readonly string[], signal?: AbortSignal): Promise<Float32Array>;
  heatmap(source: ImageSource, query: HeatmapQuery, signal?: AbortSignal): Promise<Heatmap>;
}

export interface ExplainQuery {
  readonly kind: HeatmapQuery['kind'];
  /** The prompts of each map, which shows their ensemble. For a label use promptsOf(label, templates). */
  readonly prompts: readonly (readonly string[])[];
  /**
   * Subjects of the prompts, without templates. Background words with the same meaning are omitted. Default: the
   * prompts.
   */
  readonly subjects?: readonly string[] | undefined;
  /** Determines the background that the prompts compete with. */
  readonly imageKind: ImageKind;
}

/**
 * A heatmap for prompts as texts. Embeds the prompts and the background that they compete with.
 * @throws UserError with a short reason where the image cannot be decoded, or where there is no prompt
 */
export async function explainImage(
  inference: HeatmapInference,
  source: ImageSource,
  { kind, prompts, subjects = prompts.flat(), imageKind }: ExplainQuery,
  signal?: AbortSignal,
): Promise<Heatmap> {
  const background = kind === 'where' ? backgroundPrompts(imageKind, subjects) : [];
  const vectorOf = await textVectors(inference, [...prompts.flat(), ...background], signal);
  const columns = inference.model.manifest.embeddingSize;
  const query = {
    kind,
    prompts: concatenated(prompts.map((texts) => ensemble(concatenated(texts.map(vectorOf)), columns))),
    background: concatenated(background.map(vectorOf)),
  };
  return inference.heatmap(source, query, signal);
}

/** The cache is limited because every letter that the user types makes a new prompt. */
const MAX_TEXTS = 512;
const textCaches = new WeakMap<HeatmapInference, LRUCache<string, Float32Array>>();

/**
 * Unit vectors [D] of texts. They are cached, because the next map has the same background and often the same prompts.
 */
async function textVectors(
  inference: HeatmapInference,
  texts: readonly string[],
  signal?: AbortSignal,
): Promise<(text: string) => Float32Array> {
  const cache = textCaches.get(inference) ?? new LRUCache<string, Float32Array>({ max: MAX_TEXTS });
  textCaches.set(inference, cache);
  const vectors = new Map(texts.map((text) => [text, cache.get(text)]));
  const missing = [...vectors.keys()].filter((text) => !vectors.get(text));
  if (missing.length > 0) {
    const rows = await inference.embedTexts(missing, signal);
    const columns = rows.length / missing.length;
    missing.forEach((text, i) => {
      const vector = rows.slice(i * columns, (i + 1) * columns);
      cache.set(text, vector);
      vectors.set(text, vector);
    });
  }
  return (text) => {
    const vector = vectors.get(text);
    if (!vector) throw new Error(`The text "${text}" was not embedded.`);
    return vector;
  };
}

function concatenated(rows: readonly Float32Array[]): Float32Array {
  const columns = rows[0]?.length ?? 0;
  const result = new Float32Array(rows.length * columns);
  rows.forEach((row, i) => {
    result.set(row, i * columns);
  });
  return result;
}
