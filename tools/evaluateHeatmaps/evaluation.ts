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

/** All that is measured of the heatmaps of one model. */
export interface HeatmapEvaluation {
  readonly model: string;
  /** How the maps that ship are made. */
  readonly where: HeatmapMethod;
  readonly why: HeatmapMethod;
  readonly count: number;
  readonly seconds: number;
  /** Pictures of things that the model calls by their name, of how many, and their names. */
  readonly objects: { readonly known: number; readonly candidates: number; readonly names: number };
  /** One object a picture, of the map that ships: all of them, and by canvas. */
  readonly all: Localisation;
  readonly canvases: Readonly<Record<CanvasKind, Localisation>>;
  /** Of the drawings by themselves. */
  readonly drawings: Presence & { readonly pictures: number };
  readonly methods: readonly MethodFigures[];
  readonly equivariance: Equivariance;
  readonly faithfulness: Faithfulness;
}

export interface MethodFigures {
  readonly name: 'where' | 'why' | 'windows' | 'raw' | 'random';
  readonly localisation: Localisation;
  /** Null where it was not measured. */
  readonly quarters: Quarters | null;
  readonly pairs: Pairs | null;
}

type Progress = (what: string, done: number, total: number) => void;

/**
 * @param count pictures of each test, at least; canvases take turns
 * @param report told what is being measured, and how far it is
 */
export async function evaluateHeatmaps(methods: Methods, count: number, report: Progress): Promise<HeatmapEvaluation> {
  const start = performance.now();
  const { shipped, windows, raw, random } = methods;
  report('choosing objects', 0, 1);
  const { objects, candidates } = await knownObjects(shipped);
  const singles = await singleComposites(objects, 2 * count, 1);
  const few = singles.slice(0, count);
  const [first] = few;
  if (!first) throw new Error('There are no pictures to measure.');
  const two = await pairComposites(objects, count, 2);
  const four = await quarterComposites(objects, count, 3);
  const told = (what: string, total: number) => (done: number) => {
    report(what, done, total);
  };

  const found = await localise(shipped, 'where', singles, told('where, one object', singles.length));
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
          : await localise(inference, kind, few, told(`${name}, one object`, count)),
      ),
      pairs: several ? await pairs(inference, kind, two, told(`${name}, two objects`, count)) : null,
      quarters: several ? await quarters(inference, kind, four, told(`${name}, four objects`, count)) : null,
    };
  };
  const all: MethodFigures[] = [
    await figures('where', shipped, true),
    await figures('why', shipped, true),
    ...(windows ? [await figures('windows', windows, false)] : []),
    await figures('raw', raw, true),
    {
      name: 'random',
      localisation: await localiseByRandom(random, few, told('random weights', count)),
      pairs: null,
      quarters: null,
    },
  ];
  const alone = objects.slice(0, count);
  const drawings = await presenceInDrawings(shipped, alone, told('drawings by themselves', alone.length));
  const equivariant = await equivariance(shipped, objects, count, 4, told('an object that moves', count));
  const faithful = await faithfulness(shipped, few, 5, told('deletion and insertion', count));
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

/** The pictures are dealt out among the encoders. */
async function localiseByRandom(
  random: Methods['random'],
  composites: readonly Composite[],
  onDone: (done: number) => void,
): Promise<Localisation> {
  const found: Found[] = [];
  for (const [draw, open] of random.entries()) {
    const own = composites.filter((_, i) => i % random.length === draw);
    await using inference = await open();
    found.push(...(await localise(inference, 'where', own, () => undefined)));
    onDone(found.length);
  }
  return summarise(found);
}
