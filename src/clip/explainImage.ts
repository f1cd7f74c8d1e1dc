import { backgroundPrompts, type ImageKind } from './heatmap.ts';
import { ensemble } from './prompts.ts';
import type { Inference } from './runtime/client.ts';
import type { Heatmap, HeatmapQuery, ImageSource } from './runtime/protocol.ts';

export interface ExplainQuery {
  readonly kind: HeatmapQuery['kind'];
  /** For each map the prompts whose ensemble it shows; of a label these are promptsOf(label, templates). */
  readonly prompts: readonly (readonly string[])[];
  /** Which background the prompts compete with. */
  readonly imageKind: ImageKind;
}

/**
 * A heatmap for prompts as texts: embeds them, and the background that they compete with, once an Inference.
 * @throws HumanError with a short reason where the image cannot be decoded, or where there is no prompt
 */
export async function explainImage(
  inference: Inference,
  source: ImageSource,
  { kind, prompts, imageKind }: ExplainQuery,
  signal?: AbortSignal,
): Promise<Heatmap> {
  const background = kind === 'where' ? backgroundPrompts(imageKind, prompts.flat()) : [];
  const vectors = await textVectors(inference, [...prompts.flat(), ...background], signal);
  const columns = inference.model.manifest.embeddingSize;
  const rowsOf = (lists: readonly (readonly string[])[]): Float32Array => {
    const rows = new Float32Array(lists.length * columns);
    lists.forEach((texts, i) => {
      rows.set(ensemble(concatenated(texts.map((text) => vectors.get(text) ?? new Float32Array(columns))), columns), i * columns); // prettier-ignore
    });
    return rows;
  };
  const query = { kind, prompts: rowsOf(prompts), background: rowsOf(background.map((text) => [text])) };
  return inference.heatmap(source, query, signal);
}

/** As many texts as are kept; a prompt that is being typed changes with every letter. */
const MOST_KEPT = 512;
const kept = new WeakMap<Inference, Map<string, Float32Array>>();

/** Unit vectors [D] by text. Those used last are kept: the next map has the same background and often the same prompts. */
async function textVectors(
  inference: Inference,
  texts: readonly string[],
  signal?: AbortSignal,
): Promise<ReadonlyMap<string, Float32Array>> {
  const known = kept.get(inference) ?? new Map<string, Float32Array>();
  kept.set(inference, known);
  const missing = [...new Set(texts)].filter((text) => !known.has(text));
  const rows = missing.length > 0 ? await inference.embedTexts(missing, signal) : new Float32Array();
  const columns = inference.model.manifest.embeddingSize;
  const made = new Map(missing.map((text, i) => [text, rows.slice(i * columns, (i + 1) * columns)]));
  const vectors = new Map(
    [...texts].flatMap((text) => {
      const vector = known.get(text) ?? made.get(text);
      return vector ? [[text, vector] as const] : [];
    }),
  );
  for (const [text, vector] of vectors) {
    known.delete(text); // the last one used is last
    known.set(text, vector);
  }
  for (const text of known.keys()) {
    if (known.size <= MOST_KEPT) break;
    known.delete(text);
  }
  return vectors;
}

function concatenated(rows: readonly Float32Array[]): Float32Array {
  const columns = rows[0]?.length ?? 0;
  const result = new Float32Array(rows.length * columns);
  rows.forEach((row, i) => {
    result.set(row, i * columns);
  });
  return result;
}
