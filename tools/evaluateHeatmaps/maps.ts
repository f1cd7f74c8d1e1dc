import { explainImage, type Heatmap, type HeatmapQuery, type Inference } from '../../src/clip/index.ts';
import type { Composite } from './composites.ts';

/** Images asked for at a time: one is decoded while another is encoded. */
const IN_FLIGHT = 2;

/** The map of one name over a picture, by the path that ships. */
export async function mapOf(
  inference: Inference,
  { png: bytes }: Pick<Composite, 'png'>,
  name: string,
  kind: HeatmapQuery['kind'] = 'where',
): Promise<Heatmap> {
  const source = { kind: 'bytes', name: 'composite', bytes } as const;
  return explainImage(inference, source, { kind, prompts: [[name]], imageKind: 'drawing' });
}

/** What `measure` says of each item, in order; tells after each how many are done. */
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
