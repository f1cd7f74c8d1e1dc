import assert from 'node:assert/strict';
import { coarseLook, highestCorrelation } from '../../../../../src/clip/images/look/coarseLook.ts';
import { LOOK_SIDE } from '../../../../../src/clip/images/look/imageLook.ts';
import {
  normalisedLook,
  pictureCorrelation,
  type NormalisedLook,
} from '../../../../../src/clip/images/look/sameLook.ts';

function look(shade: (row: number, column: number) => number): NormalisedLook {
  const pixels = Uint8Array.from({ length: LOOK_SIDE ** 2 }, (_, i) => shade(Math.floor(i / LOOK_SIDE), i % LOOK_SIDE));
  return normalisedLook(pixels) ?? assert.fail('an empty look');
}

const LOOKS = [
  ...[4, 8, 12, 16].map((x) => look((row, column) => (Math.hypot(row - 12, column - x) < 5 ? 255 : 0))),
  ...[1, 2, 3, 5].map((width) => look((_, column) => (Math.floor(column / width) % 2 ? 200 : 30))),
  look((row) => row * 10),
  look((row) => 255 - row * 10),
  look((row, column) => (row * 37 + column * 91) % 256),
];

describe('The coarse version of a look', () => {
  it('bounds the correlation of two pictures', () => {
    for (const a of LOOKS) {
      for (const b of LOOKS) {
        const [x, y] = [coarseLook(a) ?? assert.fail('flat'), coarseLook(b) ?? assert.fail('flat')];
        assert.ok(highestCorrelation(x, y) >= pictureCorrelation(a, b) - 1e-5);
      }
    }
  });

  it('tells most different pictures apart', () => {
    const [left, right] = [LOOKS[0], LOOKS[3]].map((it) => coarseLook(it ?? assert.fail('no look')));
    assert.ok(left && right && highestCorrelation(left, right) < 0.7);
  });

  it('is missing for a flat picture', () => {
    assert.equal(coarseLook(look(() => 128)), undefined);
  });
});
