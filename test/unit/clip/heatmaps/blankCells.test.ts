import assert from 'node:assert/strict';
import { blankCells, clearBlank } from '../../../../src/clip/heatmaps/blankCells.ts';

const WHITE = [255, 255, 255];
const BLACK = [0, 0, 0];
const BLUE = [60, 120, 250];
const SIZE = 32;
const CELLS = 8;
const whole = { width: SIZE, height: SIZE, left: 0, top: 0 };

/** A square of one colour, with a frame of another colour around some cells. */
function framed(ground: readonly number[], ink: readonly number[], from = 2, to = 5): Uint8Array {
  const pixels = Uint8Array.from({ length: SIZE ** 2 * 3 }, (_, i) => ground[i % 3] ?? 0);
  const [first, last] = [(from * SIZE) / CELLS, ((to + 1) * SIZE) / CELLS - 1];
  for (let i = first; i <= last; i++) {
    for (const [x, y] of [
      [i, first],
      [i, last],
      [first, i],
      [last, i],
    ] as const) {
      pixels.set(ink, 3 * (y * SIZE + x));
    }
  }
  return pixels;
}

/** Draws the cells: # blank, . not. */
function drawn(blank: Uint8Array | null): string[] {
  if (!blank) return [];
  return Array.from({ length: CELLS }, (_, row) =>
    Array.from(blank.subarray(row * CELLS, (row + 1) * CELLS), (value) => (value === 1 ? '#' : '.')).join(''),
  );
}

const AROUND = ['########', '########', '##....##', '##....##', '##....##', '##....##', '########', '########'];

describe('Blank cells', () => {
  it('are the surroundings of a drawing, and not the inside of its outline', () => {
    assert.deepEqual(drawn(blankCells(framed(WHITE, BLACK), SIZE, CELLS, whole)), AROUND);
    assert.deepEqual(drawn(blankCells(framed(BLACK, WHITE), SIZE, CELLS, whole)), AROUND);
  });

  it('are recognised despite noise, and if the drawing reaches a corner', () => {
    const pixels = framed(WHITE, BLACK).map((value, i) => (value === 255 ? 255 - (i % 9) : value));
    pixels.set(BLUE, 0);
    assert.deepEqual(drawn(blankCells(pixels, SIZE, CELLS, whole)), [`.${'#'.repeat(7)}`, ...AROUND.slice(1)]);
  });

  it('do not exist on a colour, which a prompt may mean, or if all cells or none are plain', () => {
    assert.equal(blankCells(framed(BLUE, WHITE), SIZE, CELLS, whole), null);
    assert.equal(blankCells(framed(WHITE, WHITE), SIZE, CELLS, whole), null);
    assert.equal(blankCells(framed(WHITE, BLACK, 0, 7), SIZE, CELLS, whole), null);
  });

  it('include bars beside the image', () => {
    const fit = { width: SIZE, height: SIZE / 2, left: 0, top: -SIZE / 4 };
    assert.deepEqual(drawn(blankCells(framed(WHITE, BLACK), SIZE, CELLS, fit)), AROUND);
  });

  it('have the value 0 in the map of each prompt', () => {
    const maps = new Float32Array(8).fill(0.5);
    clearBlank(maps, Uint8Array.of(1, 0, 0, 1));
    assert.deepEqual([...maps], [0, 0.5, 0.5, 0, 0, 0.5, 0.5, 0]);
  });
});
