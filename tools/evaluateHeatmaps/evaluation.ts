import type { HeatmapMethod } from '../../src/clip/index.ts';
import type { CanvasKind } from './canvases.ts';
import { pairComposites, quarterComposites, singleComposites, type Composite } from './composites.ts';
import { equivariance, type Equivariance } from './equivariance.ts';
import { faithfulness, type Faithfulness } from './faithfulness.ts';
import {
  localise,
  presenceInDrawings,
  summarise,
  type Found,
  type Localisation,
  type Presence,
} from './localisation.ts';
import { mapOf } from './maps.ts';
import type { Methods } from './methods.ts';
import { knownObjects } from './objects.ts';
import { pairs, quarters, type Pairs, type Quarters } from './severalObjects.ts';

/** All figures for the heatmaps of one model. */
export interface HeatmapEvaluation {
  readonly model: string;
  /** The methods of the heatmaps in the shipped model. */
  readonly where: HeatmapMethod;
  readonly why: HeatmapMethod;
  readonly count: number;
  readonly seconds: number;
  /**
   * The number of objects whose name the model recognises, of all candidates, and the number of their distinct names.
   */
  readonly objects: { readonly known: number; readonly candidates: number; readonly names: number };
  /** Figures of the shipped maps on pictures of one object: over all pictures, and by canvas. */
  readonly all: Localisation;
  readonly canvases: Readonly<Record<CanvasKind, Localisation>>;
  /** Figures of the shipped maps on the original drawings. */
  readonly drawings: Presence & { readonly pictures: number };
  readonly methods: readonly MethodFigures[];
  readonly equivariance: Equivariance;
  readonly faithfulness: Faithfulness;
}

export interface MethodFigures {
  readonly name: 'where' | 'why' | 'windows' | 'raw' | 'random';
  readonly localisation: Localisation;
  /** Null where the method is not measured on several objects. */
  readonly quarters: Quarters | null;
  readonly pairs: Pairs | null;
}

type Progress = (title: string, done: number, total: number) => void;

/** @param count the smallest number of pictures in each test */
export async function evaluateHeatmaps(
  methods: Methods,
  count: number,
  onProgress: Progress,
): Promise<HeatmapEvaluation> {
  const start = performance.now();
  const { shipped, windows, raw, random } = methods;
  onProgress('choosing objects', 0, 1);
  const { objects, candidates } = await knownObjects(shipped);
  const singles = await singleComposites(objects, 2 * count, 1);
  const few = singles.slice(0, count);
  const [first] = few;
  if (!first) throw new Error('There are no pictures to measure.');
  const two = await pairComposites(objects, count, 2);
  const four = await quarterComposites(objects, count, 3);
  const progressOf = (title: string, total: number) => (done: number) => {
    onProgress(title, done, total);
  };

  const found = await localise(shipped, 'where', singles, progressOf('where, one object', singles.length));
  const figures = async (
    name: MethodFigures['name'],
    inference: typeof shipped,
    several: boolean,
  ): Promise<MethodFigures> => {
    const kind = name === 'why' ? 'why' : 'where';
    return {
      name,
      localisation: summarise(
        name === 'where'
          ? found.slice(0, count)
          : await localise(inference, kind, few, progressOf(`${name}, one object`, count)),
      ),
      pairs: several ? await pairs(inference, kind, two, progressOf(`${name}, two objects`, count)) : null,
      quarters: several ? await quarters(inference, kind, four, progressOf(`${name}, four objects`, count)) : null,
    };
  };
  const all: MethodFigures[] = [
    await figures('where', shipped, true),
    await figures('why', shipped, true),
    ...(windows ? [await figures('windows', windows, false)] : []),
    await figures('raw', raw, true),
    {
      name: 'random',
      localisation: await localiseByRandom(random, few, progressOf('random weights', count)),
      pairs: null,
      quarters: null,
    },
  ];
  const alone = objects.slice(0, count);
  const drawings = await presenceInDrawings(shipped, alone, progressOf('drawings by themselves', alone.length));
  const equivariant = await equivariance(shipped, objects, count, 4, progressOf('an object that moves', count));
  const faithful = await faithfulness(shipped, few, 5, progressOf('deletion and insertion', count));
  const ofCanvas = (canvas: CanvasKind): Localisation => summarise(found.filter((each) => each.canvas === canvas));
  return {
    model: shipped.model.manifest.id,
    where: (await mapOf(shipped, first, 'cat')).method,
    why: (await mapOf(shipped, first, 'cat', 'why')).method,
    count,
    seconds: Math.round((performance.now() - start) / 1000),
    objects: { known: objects.length, candidates, names: new Set(objects.map(({ name }) => name)).size },
    all: summarise(found),
    canvases: {
      flat: ofCanvas('flat'),
      gradient: ofCanvas('gradient'),
      noise: ofCanvas('noise'),
      checker: ofCanvas('checker'),
      clutter: ofCanvas('clutter'),
    },
    drawings,
    methods: all,
    equivariance: equivariant,
    faithfulness: faithful,
  };
}

/** Measures encoders with random weights, each on its share of the pictures. */
async function localiseByRandom(
  random: Methods['random'],
  composites: readonly Composite[],
  onDone: (done: number) => void,
): Promise<Localisation> {
  const found: Found[] = [];
  for (const [draw, open] of random.entries()) {
    const share = composites.filter((_, i) => i % random.length === draw);
    await using inference = await open();
    found.push(...(await localise(inference, 'where', share, () => undefined)));
    onDone(found.length);
  }
  return summarise(found);
}
