import assert from 'node:assert/strict';
import { canvasKinds, drawCanvas } from '../../../../tools/evaluateHeatmaps/canvases.ts';
import { filled, quarterComposites, SIDE, singleComposites } from '../../../../tools/evaluateHeatmaps/composites.ts';
import {
  areaUnder,
  auroc,
  correlation,
  intersectionOverUnion,
  onPatches,
  patchesOf,
  pointing,
  shifted,
  type Mask,
} from '../../../../tools/evaluateHeatmaps/metrics.ts';
import type { ObjectPicture } from '../../../../tools/evaluateHeatmaps/objects.ts';
import { randomSource } from '../../../../tools/shared/random.ts';
import type { HeatmapGrid } from '../../../../src/heatmapPicture.ts';

const whole = { left: 0, top: 0, width: 1, height: 1 };
const grid = (columns: number, values: readonly number[]): HeatmapGrid => ({
  ...{ columns, rows: values.length / columns, area: whole },
  values: Float32Array.from(values),
});
/** A rectangle of a square of 16 pixels. */
const mask = (left: number, top: number, right: number, bottom: number): Mask => ({
  side: 16,
  inside: Uint8Array.from({ length: 256 }, (_, i) =>
    Number(i % 16 >= left && i % 16 < right && Math.floor(i / 16) >= top && Math.floor(i / 16) < bottom),
  ),
});
const near = (actual: number, expected: number): void => {
  assert.ok(Math.abs(actual - expected) < 1e-6, `${actual} instead of ${expected}`);
};

describe('The pointing game', () => {
  it('is a hit where the hottest cell touches the object, and chance is the share of cells that do', () => {
    const upperLeft = mask(1, 1, 5, 3); // reaches into the second column of 4 × 4 cells
    const hot = (cell: number): HeatmapGrid =>
      grid(
        4,
        Array.from({ length: 16 }, (_, i) => Number(i === cell)),
      );
    assert.deepEqual(pointing(hot(0), upperLeft), { hit: 1, chance: 2 / 16 });
    assert.equal(pointing(hot(1), upperLeft).hit, 1);
    assert.equal(pointing(hot(2), upperLeft).hit, 0);
    assert.equal(pointing(hot(4), upperLeft).hit, 0);
  });

  it('equals chance for a constant map', () => {
    assert.deepEqual(pointing(grid(4, Array<number>(16).fill(0.3)), mask(0, 0, 8, 8)), { hit: 0.25, chance: 0.25 });
  });

  it('handles maps whose cells extend beyond the picture', () => {
    const wide = { ...grid(2, [0, 1]), area: { left: -0.5, top: 0, width: 2, height: 1 } };
    assert.equal(pointing(wide, mask(8, 0, 16, 16)).hit, 1);
    assert.equal(pointing(wide, mask(0, 0, 8, 16)).hit, 0);
  });
});

describe('Patches', () => {
  it('belong to an object by at least half of their area', () => {
    assert.deepEqual(patchesOf(mask(0, 0, 6, 8), 2), [true, false, false, false]);
    assert.deepEqual(patchesOf(mask(0, 0, 3, 8), 2), [false, false, false, false]);
  });

  it('have the values of the map at their centres, for every grid', () => {
    assert.deepEqual([...onPatches(grid(2, [1, 2, 3, 4]), 2)], [1, 2, 3, 4]);
    const fine = onPatches(grid(2, [0, 1, 0, 1]), 4);
    assert.deepEqual([...fine.subarray(0, 4)], [0, 0.25, 0.75, 1]);
  });
});

describe('The area under the ROC curve', () => {
  it('is 1 for an object above the rest, 0 for one below, and a half for a constant map', () => {
    const truth = [true, true, false, false];
    assert.equal(auroc(Float32Array.of(4, 3, 2, 1), truth), 1);
    assert.equal(auroc(Float32Array.of(1, 2, 3, 4), truth), 0);
    assert.equal(auroc(Float32Array.of(5, 5, 5, 5), truth), 0.5);
  });

  it('counts pairs, with equal values as a half', () => {
    // pairs: (3,1) right, (3,3) half, (2,1) right, (2,3) wrong
    near(auroc(Float32Array.of(3, 2, 1, 3), [true, true, false, false]), 2.5 / 4);
  });

  it('is NaN where all patches are of one kind', () => {
    assert.ok(Number.isNaN(auroc(Float32Array.of(1, 2), [false, false])));
  });
});

describe('Overlap, correlation and curves', () => {
  it('compute the intersection over union of the patches above the threshold', () => {
    near(intersectionOverUnion(Float32Array.of(0.9, 0.6, 0.5, 0.1), 0.5, [true, false, true, false]), 1 / 3);
    assert.equal(intersectionOverUnion(Float32Array.of(0, 0), 0.5, [true, false]), 0);
  });

  it('correlate a map with its shifted copy, and not with one that does not move', () => {
    const before = grid(3, [0, 1, 0, 0, 2, 0, 0, 0, 0]);
    const after = grid(3, [0, 0, 1, 0, 0, 2, 0, 0, 0]);
    near(correlation(...shifted(before, after, 1, 0)), 1);
    assert.ok(correlation(...shifted(before, before, 1, 0)) < 0);
    assert.equal(shifted(before, after, 1, 0)[0].length, 6);
    assert.ok(Number.isNaN(correlation(Float32Array.of(1, 1), Float32Array.of(1, 2))));
  });

  it('compute the area under a curve', () => {
    near(areaUnder([1, 0.5, 0]), 0.5);
    near(areaUnder([1, 1, 1, 0]), 2.5 / 3);
  });
});

describe('Composites', () => {
  const square: ObjectPicture = {
    ...{ name: 'square', set: 'test', drawing: Buffer.of(), width: 2, height: 2 },
    pixels: Buffer.from([255, 0, 0, 255, 255, 0, 0, 255, 255, 0, 0, 255, 255, 0, 0, 255]),
  };
  const others = ['a', 'b', 'c'].map((name) => ({ ...square, name }));

  it('have the object at the position of its mask, on alternating canvases, the same each time', async () => {
    const composites = await singleComposites([square], 5, 1);
    assert.deepEqual(
      composites.map(({ canvas }) => canvas),
      [...canvasKinds],
    );
    for (const { pixels, objects } of composites) {
      const inside = objects[0]?.mask.inside ?? new Uint8Array();
      const area = inside.reduce((sum, value) => sum + value, 0) / SIDE ** 2;
      assert.ok(area >= 0.24 ** 2 && area <= 0.61 ** 2, `${area}`);
      for (const [i, value] of inside.entries()) {
        if (value === 1) assert.deepEqual([...pixels.subarray(3 * i, 3 * i + 3)], [255, 0, 0]);
      }
    }
    const again = await singleComposites([square], 5, 1);
    assert.deepEqual(
      again.map(({ png }) => png),
      composites.map(({ png }) => png),
    );
  });

  it('have four different objects, one in each quarter', async () => {
    const [picture] = await quarterComposites([square, ...others], 1, 1);
    const objects = picture?.objects ?? [];
    assert.equal(new Set(objects.map(({ name }) => name)).size, 4);
    objects.forEach(({ mask: { inside } }, quarter) => {
      const positions = [...inside.keys()].filter((i) => inside[i] === 1);
      const quarterOf = (i: number): number => Number(i % SIDE >= SIDE / 2) + 2 * Number(i >= SIDE ** 2 / 2);
      assert.deepEqual([...new Set(positions.map(quarterOf))], [quarter]);
    });
  });

  it('count the inside of an outline as part of the object', () => {
    const ring = [0, 0, 0, 0, 0, 0, 1, 1, 1, 0, 0, 1, 0, 1, 0, 0, 1, 1, 1, 0, 0, 0, 0, 0, 0];
    const disc = [0, 0, 0, 0, 0, 0, 1, 1, 1, 0, 0, 1, 1, 1, 0, 0, 1, 1, 1, 0, 0, 0, 0, 0, 0];
    assert.deepEqual([...filled(Uint8Array.from(ring), 5)], disc);
    const open = ring.with(6, 0).with(7, 0).with(8, 0);
    assert.deepEqual([...filled(Uint8Array.from(open), 5)], open);
  });

  it('have light canvases, on which black icons are visible', async () => {
    for (const kind of canvasKinds) {
      const pixels = await drawCanvas(kind, 64, randomSource(3));
      assert.equal(pixels.length, 64 * 64 * 3);
      const mean = pixels.reduce((sum, value) => sum + value, 0) / pixels.length;
      assert.ok(mean > 120, `${kind}: ${mean}`);
    }
  });
});
