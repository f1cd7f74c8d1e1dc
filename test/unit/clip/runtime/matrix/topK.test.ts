import assert from 'node:assert/strict';
import { TopK } from '../../../../../src/clip/runtime/matrix/topK.ts';

describe('the k best scores', () => {
  it('are those of a full sort, ties in the order of rows', () => {
    let seed = 7;
    const random = (): number => (seed = (seed * 1103515245 + 12345) % 2 ** 31) % 50; // many ties
    const scores = Array.from({ length: 2000 }, random);
    const expected = scores.map((score, row) => ({ score, row })).sort((a, b) => b.score - a.score || a.row - b.row);
    for (const k of [1, 2, 7, 100, 1999, 2000, 5000]) {
      const best = new TopK(k);
      scores.forEach((score, row) => {
        best.offer(row, score);
      });
      const { rows, scores: found } = best.best();
      assert.deepEqual(
        [...rows],
        expected.slice(0, k).map(({ row }) => row),
      );
      assert.deepEqual(
        [...found],
        expected.slice(0, k).map(({ score }) => score),
      );
    }
  });

  it('are empty without scores', () => {
    assert.equal(new TopK(3).best().rows.length, 0);
  });
});
