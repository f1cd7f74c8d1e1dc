import assert from 'node:assert/strict';
import {
  extend,
  nothingSelected,
  select,
  selectAll,
  stillShown,
  toggle,
  type Selection,
} from '../../../../../src/webview/page/grid/selection.ts';

/** Image 5 stands in two groups. */
const order = Uint32Array.of(3, 5, 8, 1, 5, 9);
const ids = (selection: Selection): number[] => [...selection.ids].sort((a, b) => a - b);

describe('The selection of the gallery', () => {
  it('is one image after a click, and nothing outside of the grid', () => {
    assert.deepEqual(select(order, 2), { ids: new Set([8]), anchor: 2 });
    assert.deepEqual(select(order, 6), nothingSelected);
    assert.deepEqual(select(order, -1), nothingSelected);
  });

  it('takes images one by one, and gives them back', () => {
    const two = toggle(select(order, 0), order, 2);
    assert.deepEqual(ids(two), [3, 8]);
    assert.deepEqual(ids(toggle(two, order, 0)), [8]);
    assert.equal(toggle(two, order, 99), two);
    assert.deepEqual(ids(two), [3, 8]); // what was before is not changed
  });

  it('is the same image in whichever of its groups it is taken', () => {
    assert.deepEqual(ids(toggle(select(order, 1), order, 4)), []);
  });

  it('grows and shrinks from its anchor to both sides', () => {
    const anchored = select(order, 2);
    assert.deepEqual(ids(extend(anchored, order, 4, false)), [1, 5, 8]);
    assert.deepEqual(ids(extend(extend(anchored, order, 5, false), order, 3, false)), [1, 8]);
    assert.deepEqual(ids(extend(extend(anchored, order, 5, false), order, 0, false)), [3, 5, 8]);
    assert.equal(extend(anchored, order, 5, false).anchor, 2);
  });

  it('keeps what was selected before where that is asked for', () => {
    const before = toggle(select(order, 0), order, 3);
    assert.deepEqual(ids(extend(before, order, 5, true)), [1, 3, 5, 9]);
    assert.deepEqual(ids(extend(before, order, 5, false)), [1, 5, 9]);
  });

  it('begins a range where it ends when there is no anchor', () => {
    assert.deepEqual(extend(nothingSelected, order, 3, false), { ids: new Set([1]), anchor: 3 });
  });

  it('takes all, each once', () => {
    assert.deepEqual(ids(selectAll(order)), [1, 3, 5, 8, 9]);
    assert.deepEqual(ids(selectAll(new Uint32Array())), []);
  });

  it('keeps what is still shown when other images come, and never what is not', () => {
    const before = selectAll(order);
    assert.deepEqual(ids(stillShown(before, Uint32Array.of(9, 4, 5))), [5, 9]);
    assert.deepEqual(ids(stillShown(before, new Uint32Array())), []);
    assert.deepEqual(stillShown(nothingSelected, order), nothingSelected);
    assert.equal(stillShown(before, order).anchor, -1); // positions are others
  });
});
