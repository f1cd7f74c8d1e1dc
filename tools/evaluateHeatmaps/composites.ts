import sharp from 'sharp';
import { randomSource } from '../shared/random.ts';
import { canvasKinds, drawCanvas, type CanvasKind } from './canvases.ts';
import type { Mask } from './metrics.ts';
import type { ObjectPicture } from './objects.ts';

/** The side of every composite in pixels, a multiple of the cells of all grids and of all patches. */
export const SIDE = 288;

/** A picture of objects at known positions. */
export interface Composite {
  readonly png: Uint8Array;
  /** RGB [SIDE, SIDE, 3] */
  readonly pixels: Uint8Array;
  readonly canvas: CanvasKind;
  readonly objects: readonly PlacedObject[];
}

export interface PlacedObject {
  readonly name: string;
  /** The pixels of the object, and everything inside its outline. */
  readonly mask: Mask;
}

/** The position of an object: longer side and upper left corner in pixels. */
interface Placement {
  readonly object: ObjectPicture;
  readonly side: number;
  readonly left: number;
  readonly top: number;
}

interface Scaled {
  readonly object: ObjectPicture;
  readonly side: number;
  readonly width: number;
  readonly height: number;
}

type Random = () => number;

/**
 * One object at a random position, 0.25 to 0.6 of the picture long. The kind of canvas changes from picture to picture.
 */
export function singleComposites(objects: readonly ObjectPicture[], count: number, seed: number): Promise<Composite[]> {
  return series(count, seed, (random, canvas) =>
    compose(canvas, [anywhere(scaled(pick(objects, random), 0.25, 0.6, random), random)], random),
  );
}

/** Two objects of different names in the left and the right half. */
export function pairComposites(objects: readonly ObjectPicture[], count: number, seed: number): Promise<Composite[]> {
  return series(count, seed, (random, canvas) => {
    const halves = different(objects, 2, random).map((object, half) => {
      return within(
        scaled(object, 0.25, 0.45, random),
        { left: (half * SIDE) / 2, top: 0, width: SIDE / 2, height: SIDE },
        random,
      );
    });
    return compose(canvas, halves, random);
  });
}

/** Four objects of different names on flat canvases, one in each quarter, in reading order. */
export function quarterComposites(
  objects: readonly ObjectPicture[],
  count: number,
  seed: number,
): Promise<Composite[]> {
  return series(count, seed, (random) => {
    const quarters = different(objects, 4, random).map((object, quarter) => {
      const [left, top] = [((quarter % 2) * SIDE) / 2, (Math.floor(quarter / 2) * SIDE) / 2];
      return within(scaled(object, 0.3, 0.45, random), { left, top, width: SIDE / 2, height: SIDE / 2 }, random);
    });
    return compose('flat', quarters, random);
  });
}

/** Makes `count` items, one after the other, with a single random source. */
async function series<T>(
  count: number,
  seed: number,
  make: (random: Random, canvas: CanvasKind, i: number) => Promise<T>,
): Promise<T[]> {
  const random = randomSource(seed);
  const all: T[] = [];
  for (let i = 0; i < count; i++) all.push(await make(random, canvasKinds[i % canvasKinds.length] ?? 'flat', i));
  return all;
}

/**
 * Pairs of pictures of one object on the same flat canvas; in the second one, it is `step` pixels further to the right.
 */
export function movedComposites(
  objects: readonly ObjectPicture[],
  count: number,
  step: number,
  seed: number,
): Promise<(readonly [Composite, Composite])[]> {
  return series(count, seed, async (random, _, i) => {
    const placed = within(
      scaled(pick(objects, random), 0.25, 0.45, random),
      { left: 0, top: 0, width: SIDE - step, height: SIDE },
      random,
    );
    const colour = 1 + i;
    return [
      await compose('flat', [placed], randomSource(colour)),
      await compose('flat', [{ ...placed, left: placed.left + step }], randomSource(colour)),
    ] as const;
  });
}

function pick<T>(items: readonly T[], random: Random): T {
  const item = items[Math.floor(items.length * random())];
  if (item === undefined) throw new Error('The list is empty.');
  return item;
}

function different(objects: readonly ObjectPicture[], count: number, random: Random): ObjectPicture[] {
  const chosen = new Map<string, ObjectPicture>();
  while (chosen.size < count) {
    const object = pick(objects, random);
    chosen.set(object.name, object);
  }
  return [...chosen.values()];
}

function scaled(object: ObjectPicture, min: number, max: number, random: Random): Scaled {
  const side = Math.round(SIDE * (min + (max - min) * random()));
  const ratio = side / Math.max(object.width, object.height);
  const pixels = (length: number): number => Math.max(1, Math.round(length * ratio));
  return { object, side, width: pixels(object.width), height: pixels(object.height) };
}

interface Box {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

function anywhere(object: Scaled, random: Random): Placement {
  return within(object, { left: 0, top: 0, width: SIDE, height: SIDE }, random);
}

function within({ object, side, width, height }: Scaled, box: Box, random: Random): Placement {
  const left = box.left + Math.floor((box.width - width + 1) * random());
  const top = box.top + Math.floor((box.height - height + 1) * random());
  return { object, side, left, top };
}

async function compose(canvas: CanvasKind, placements: readonly Placement[], random: Random): Promise<Composite> {
  const pixels = await drawCanvas(canvas, SIDE, random);
  const objects: PlacedObject[] = [];
  for (const { object, side, left, top } of placements) {
    const raw = { width: object.width, height: object.height, channels: 4 } as const;
    const resized = sharp(object.pixels, { raw }).resize(side, side, { fit: 'inside' });
    const { data, info } = await resized.raw().toBuffer({ resolveWithObject: true });
    const opaque = new Uint8Array(SIDE * SIDE);
    for (let y = 0; y < info.height; y++) {
      for (let x = 0; x < info.width; x++) {
        const from = 4 * (y * info.width + x);
        const at = (top + y) * SIDE + left + x;
        const alpha = (data[from + 3] ?? 0) / 255;
        if (alpha >= 0.5) opaque[at] = 1;
        for (let i = 0; i < 3; i++) {
          const below = pixels[3 * at + i] ?? 0;
          pixels[3 * at + i] = Math.round(below + ((data[from + i] ?? 0) - below) * alpha);
        }
      }
    }
    objects.push({ name: object.name, mask: { side: SIDE, inside: filled(opaque, SIDE) } });
  }
  return { png: await pngOf(pixels), pixels, canvas, objects };
}

/** @param pixels RGB [SIDE, SIDE, 3] */
export function pngOf(pixels: Uint8Array): Promise<Uint8Array> {
  return sharp(pixels, { raw: { width: SIDE, height: SIDE, channels: 3 } })
    .png({ compressionLevel: 1 })
    .toBuffer();
}

/** A shape and everything inside it: all pixels without a path to the edge that avoids the shape. */
export function filled(shape: Uint8Array, side: number): Uint8Array {
  const result = new Uint8Array(shape.length).fill(1);
  const open: number[] = [];
  const reach = (x: number, y: number): void => {
    const at = y * side + x;
    if (x < 0 || y < 0 || x >= side || y >= side || result[at] === 0 || shape[at] === 1) return;
    result[at] = 0;
    open.push(at);
  };
  for (let i = 0; i < side; i++) {
    reach(i, 0);
    reach(i, side - 1);
    reach(0, i);
    reach(side - 1, i);
  }
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    const [x, y] = [at % side, Math.floor(at / side)];
    reach(x - 1, y);
    reach(x + 1, y);
    reach(x, y - 1);
    reach(x, y + 1);
  }
  return result;
}
