import { explainImage, type Heatmap, type HeatmapQuery, type Inference } from '../../src/clip/index.ts';
import type { Composite } from './composites.ts';

/** The number of simultaneous requests: the process decodes one image while it encodes another. */
const IN_FLIGHT = 2;

/** The heatmap of a name in a picture, made by the shipped code. */
export async function mapOf(
  inference: Inference,
  { png: bytes }: Pick<Composite, 'png'>,
  name: string,
  kind: HeatmapQuery['kind'] = 'where',
): Promise<Heatmap> {
  const source = { kind: 'bytes', name: 'composite', bytes } as const;
  return explainImage(inference, source, { kind, prompts: [[name]], imageKind: 'drawing' });
}

/**
 * Measures all items, and reports the number of finished ones after each. The results are in the order of the items.
 */
export async function measureAll<Item, Result>(
  items: readonly Item[],
  measure: (item: Item, index: number) => Promise<Result>,
  onDone: (done: number) => void,
): Promise<Result[]> {
  const results: Result[] = [];
  let next = 0;
  let done = 0;
  const work = async (): Promise<void> => {
    for (let index = next++; index < items.length; index = next++) {
      const item = items[index];
      if (item !== undefined) results[index] = await measure(item, index);
      onDone(++done);
    }
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, work));
  return results;
}
