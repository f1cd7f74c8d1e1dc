import assert from 'node:assert/strict';
import {
  colourTable,
  HUES,
  paintHeatmap,
  positionOn,
  relativeScale,
  valueAt,
  type HeatmapColours,
  type HeatmapGrid,
} from '../../src/heatmapPicture.ts';

const whole = { left: 0, top: 0, width: 1, height: 1 };
const grid = (columns: number, rows: number, values: readonly number[], area = whole): HeatmapGrid => ({
  columns,
  rows,
  area,
  values: Float32Array.from(values),
});
const colour = (colours: HeatmapColours, index: number): number[] => [
  ...colourTable(colours).subarray(3 * index, 3 * index + 3),
];
const picture = (width: number, height: number, pixel: readonly number[]) => ({
  width,
  height,
  data: Uint8ClampedArray.from({ length: 4 * width * height }, (_, i) => pixel[i % 4] ?? 0),
});
const near = (actual: number, expected: number): void => {
  assert.ok(Math.abs(actual - expected) < 1e-6, `${actual} is not ${expected}`);
};

describe('the colours of a heatmap', () => {
  it('are those of the published maps', () => {
    assert.deepEqual(colour('viridis', 0), [68, 1, 84]);
    assert.deepEqual(colour('viridis', 255), [253, 231, 37]);
    assert.deepEqual(colour('inferno', 0), [0, 0, 4]);
    assert.deepEqual(colour('inferno', 255), [252, 255, 164]);
    assert.equal(colourTable('cividis').length, 3 * 256);
  });

  it('of signed values are white at zero, blue below and orange above', () => {
    const [red = 0, , blue = 0] = colour('signed', 0);
    assert.ok(blue > red);
    const [redAbove = 0, , blueAbove = 0] = colour('signed', 255);
    assert.ok(redAbove > blueAbove);
    for (const channel of [...colour('signed', 127), ...colour('signed', 128)]) assert.ok(channel >= 254);
  });

  it('of several prompts have one hue each', () => {
    const hues = HUES.map((_, i) => colour(i, 255).join());
    assert.equal(new Set(hues).size, HUES.length);
    assert.deepEqual(colour(HUES.length, 255), colour(0, 255), 'the hues do not repeat after the last one');
  });
});

describe('the values of a heatmap over its image', () => {
  const two = grid(2, 1, [0, 1]);

  it('are those of the cells at their centres, and interpolated between them', () => {
    for (const [x, value] of [
      [0.25, 0],
      [0.75, 1],
      [0.5, 0.5],
      [0.375, 0.25],
    ] as const)
      near(valueAt(two, x, 0.5, false), value);
    near(valueAt(two, 0, 0.5, false), 0);
    near(valueAt(two, 1, 0.5, false), 1);
  });

  it('are not interpolated if cells are shown', () => {
    near(valueAt(two, 0.49, 0.5, true), 0);
    near(valueAt(two, 0.51, 0.5, true), 1);
  });

  it('have the right position if the grid exceeds the image', () => {
    // Three rows over twice the height: the image shows the middle row and half of each of the others.
    const tall = grid(1, 3, [0, 1, 0], { left: 0, top: -0.5, width: 1, height: 2 });
    near(valueAt(tall, 0.5, 0.5, false), 1);
    near(valueAt(tall, 0.5, -0.5 + 2 / 6, false), 0);
  });

  it('have a position from 0 to 1 on a scale', () => {
    assert.deepEqual(
      [0, 0.5, 0.75, 2].map((v) => positionOn({ from: 0.5, to: 1 }, v)),
      [0, 0, 0.5, 1],
    );
    assert.equal(positionOn({ from: 1, to: 1 }, 1), 0);
  });

  it('have a relative scale without the extremes', () => {
    const { from, to } = relativeScale(Float32Array.from({ length: 101 }, (_, i) => i));
    assert.deepEqual([from, to], [2, 98]);
    const signed = relativeScale(Float32Array.of(-0.2, 0, 0.1, 0.5), true);
    assert.deepEqual([signed.from, signed.to], [-0.5, 0.5]);
    const flat = relativeScale(new Float32Array(4).fill(0.3));
    assert.ok(flat.to > flat.from);
  });
});

describe('painting a heatmap', () => {
  const options = { opacity: 0.6, cells: true };
  const scale = { from: 0, to: 1 };

  it('desaturates the picture at low values, and covers it up to the opacity at high ones', () => {
    const painted = paintHeatmap(
      picture(2, 1, [255, 0, 0, 255]),
      [{ grid: grid(2, 1, [0, 1]), scale, colours: 'viridis' }],
      options,
    );
    const grey = 0.2126 * 255;
    const muted = [255 + (grey - 255) * 0.75, grey * 0.75, grey * 0.75];
    const covered = [253, 231, 37].map((channel, i) => 0.6 * channel + 0.4 * (muted[i] ?? 0));
    assert.deepEqual([...painted], [...muted, 255, ...covered, 255].map(Math.round));
  });

  it('covers signed values except zero, in different colours for both signs', () => {
    const white = picture(3, 1, [255, 255, 255, 255]);
    const layer = { grid: grid(3, 1, [-1, 0, 1]), scale: { from: -1, to: 1 }, colours: 'signed' } as const;
    const painted = paintHeatmap(white, [layer], options);
    assert.deepEqual([...painted.subarray(4, 8)], [255, 255, 255, 255]);
    assert.notDeepEqual([...painted.subarray(0, 4)], [255, 255, 255, 255]);
    assert.notDeepEqual([...painted.subarray(0, 4)], [...painted.subarray(8, 12)]);
  });

  it('mixes the hues of several prompts by their opacities', () => {
    const layers = [0, 1].map((colours) => ({ grid: grid(1, 1, [0.5]), scale, colours }));
    const clear = picture(1, 1, [0, 0, 0, 0]);
    const painted = paintHeatmap(clear, layers, options);
    const [first, second] = [colour(0, 0), colour(1, 0)];
    for (const [i, channel] of first.entries()) {
      const mean = (channel + (second[i] ?? 0)) / 2;
      assert.ok(Math.abs((painted[i] ?? NaN) - mean) <= 0.5, `channel ${i} is not ${mean}`);
    }
    assert.equal(painted[3], Math.round(255 * (1 - 0.7 ** 2)));
  });

  it('keeps transparency at low values', () => {
    const painted = paintHeatmap(
      picture(1, 1, [9, 9, 9, 0]),
      [{ grid: grid(1, 1, [0]), scale, colours: 'inferno' }],
      options,
    );
    assert.equal(painted[3], 0);
  });
});
