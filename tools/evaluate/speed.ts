import type { Inference } from '../../src/clip/index.ts';
import type { EvaluationSet } from '../shared/evaluationSets.ts';
import { spread } from '../shared/spread.ts';
import { median } from '../shared/statistics.ts';
import { embedSet } from './embedded.ts';

/** Speed on the machine that ran the evaluation; `npm run bench` compares it with another library. */
export interface Speed {
  /** Images per second from the bytes of files to embeddings. */
  readonly drawings: number;
  /** Null without photos. */
  readonly photos: number | null;
  /** Milliseconds for the embedding of one text. */
  readonly text: number;
}

const PICTURES = 256;
const ROUNDS = 3;
const QUERIES = ['red heart', 'shopping cart', 'a dog on the beach', 'arrow', 'screenshot of a dialog', 'castle'];
const TEXT_ROUNDS = 5;

/** Measures the median speed of a few rounds, after a warm-up. */
export async function measureSpeed(
  inference: Inference,
  drawings: EvaluationSet,
  photos: EvaluationSet | null,
): Promise<Speed> {
  return {
    drawings: await imagesPerSecond(inference, drawings),
    photos: photos && (await imagesPerSecond(inference, photos)),
    text: await millisecondsPerText(inference),
  };
}

async function imagesPerSecond(inference: Inference, { name, pictures }: EvaluationSet): Promise<number> {
  const some = spread(pictures, PICTURES);
  // The bytes are read before, because the evaluation makes files of them, as no user does.
  const inMemory = await Promise.all(
    some.map(async (picture) => {
      const bytes = await picture.bytes();
      return { ...picture, bytes: () => Promise.resolve(bytes) };
    }),
  );
  const rates: number[] = [];
  for (let round = 0; round <= ROUNDS; round++) {
    const start = performance.now();
    await embedSet(inference, { name, pictures: inMemory });
    if (round > 0) rates.push((1000 * inMemory.length) / (performance.now() - start));
  }
  return median(rates);
}

async function millisecondsPerText(inference: Inference): Promise<number> {
  const times: number[] = [];
  for (let round = 0; round <= TEXT_ROUNDS; round++) {
    for (const query of QUERIES) {
      const start = performance.now();
      await inference.embedTexts([query]);
      if (round > 0) times.push(performance.now() - start);
    }
  }
  return median(times);
}
