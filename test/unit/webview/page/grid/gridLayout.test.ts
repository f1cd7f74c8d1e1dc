import assert from 'node:assert/strict';
import {
  groupAt,
  layOut,
  moved,
  rowOf,
  type GridLayout,
  type Move,
} from '../../../../../src/webview/page/grid/gridLayout.ts';

const groups = (...counts: number[]) => counts.map((count, i) => ({ title: `group ${i}`, count }));
/** "T0" for a title, "3-5" for the tiles at those positions. */
const drawn = ({ rows }: GridLayout): string[] =>
  rows.map((row) => (row.kind === 'title' ? `T${row.group}` : `${row.start}-${row.start + row.count - 1}`));

describe('the rows of the grid', () => {
  it('have as many tiles as columns, under the title of their group; each group begins a row', () => {
    assert.deepEqual(drawn(layOut(groups(5, 1, 4), 4)), ['T0', '0-3', '4-4', 'T1', '5-5', 'T2', '6-9']);
    assert.deepEqual(drawn(layOut(groups(3), 1)), ['T0', '0-0', '1-1', '2-2']);
    assert.deepEqual(drawn(layOut([{ title: '', count: 3 }], 2)), ['0-1', '2-2']); // without a title there is no title row
    assert.deepEqual(drawn(layOut([], 3)), []);
  });

  it('are found by position: each position is in one row and one group', () => {
    for (const counts of [[7], [1, 1, 1], [5, 1, 4, 12, 3], [4, 4]]) {
      for (const columns of [1, 2, 4, 100]) {
        for (const titled of [true, false]) {
          const layout = layOut(
            groups(...counts).map((group) => (titled ? group : { ...group, title: '' })),
            columns,
          );
          for (let position = 0; position < layout.count; position++) {
            const row = layout.rows[rowOf(layout, position)];
            assert.ok(row?.kind === 'tiles' && row.start <= position && position < row.start + row.count);
            assert.equal(groupAt(layout, position), row.group);
          }
          for (const outside of [-1, layout.count]) {
            assert.equal(rowOf(layout, outside), -1);
            assert.equal(groupAt(layout, outside), -1);
          }
        }
      }
    }
    assert.equal(rowOf(layOut([], 3), 0), -1);
  });
});

describe('the moves in the grid', () => {
  //  T0
  //   0  1  2  3
  //   4  5
  //  T1
  //   6
  //  T2
  //   7  8  9 10
  //  11 12 13
  const layout = layOut(groups(6, 1, 7), 4);
  const from = (move: Move, ...positions: number[]): number[] => positions.map((at) => moved(layout, at, move, 2));

  it('follow the order, across rows and groups, and stop at both ends', () => {
    assert.deepEqual(from('left', 0, 4, 6, 7, 13), [0, 3, 5, 6, 12]);
    assert.deepEqual(from('right', 0, 3, 5, 6, 13), [1, 4, 6, 7, 13]);
    assert.deepEqual(from('first', 0, 9, 13), [0, 0, 0]);
    assert.deepEqual(from('last', 0, 9, 13), [13, 13, 13]);
  });

  it('go to both ends of a row, also of a short one', () => {
    assert.deepEqual(from('rowStart', 0, 3, 5, 6, 10, 13), [0, 0, 4, 6, 7, 11]);
    assert.deepEqual(from('rowEnd', 0, 3, 4, 6, 7, 11), [3, 3, 5, 6, 10, 13]);
  });

  it('go up and down in a column, across titles, to the last tile of a shorter row', () => {
    assert.deepEqual(from('down', 0, 1, 2, 3, 4, 5, 6, 7, 10), [4, 5, 5, 5, 6, 6, 7, 11, 13]);
    assert.deepEqual(from('up', 4, 5, 6, 7, 9, 10, 11, 13), [0, 1, 4, 6, 6, 6, 7, 9]);
  });

  it('stay if there is no row above or below', () => {
    assert.deepEqual(from('up', 0, 3), [0, 3]);
    assert.deepEqual(from('down', 11, 13), [11, 13]);
  });

  it('go a page up or down, or to the first or last row', () => {
    assert.deepEqual(from('pageDown', 1, 4, 6, 7, 13), [6, 7, 11, 11, 13]);
    assert.deepEqual(from('pageUp', 13, 7, 6, 5, 3), [6, 4, 0, 1, 3]);
    assert.deepEqual([moved(layout, 0, 'pageDown', 100), moved(layout, 13, 'pageUp', 100)], [11, 2]);
    assert.deepEqual([moved(layout, 0, 'pageDown', 0), moved(layout, 0, 'pageDown', -1)], [4, 4]); // at least one row
  });

  it('return into the grid from outside, and do nothing in an empty grid', () => {
    const moves: Move[] = ['left', 'right', 'up', 'down', 'rowStart', 'rowEnd', 'first', 'last', 'pageUp', 'pageDown'];
    for (const move of moves) {
      assert.equal(moved(layOut([], 4), 0, move, 2), -1);
      for (const outside of [-5, 99]) {
        const to = moved(layout, outside, move, 2);
        assert.ok(to >= 0 && to < layout.count, `${move} from ${outside} to ${to}`);
      }
    }
  });

  it('reach every tile of a grid with one column and with one row', () => {
    for (const columns of [1, 3]) {
      const layout = layOut(groups(3), columns);
      const way = [0];
      for (let i = 0; i < 4; i++) way.push(moved(layout, way.at(-1) ?? 0, columns === 1 ? 'down' : 'right', 1));
      assert.deepEqual(way, [0, 1, 2, 2, 2]);
    }
  });
});
