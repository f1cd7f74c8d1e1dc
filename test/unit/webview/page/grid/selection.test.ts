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

/** Image 5 is in two groups. */
const order = Uint32Array.of(3, 5, 8, 1, 5, 9);
const ids = (selection: Selection): number[] => [...selection.ids].sort((a, b) => a - b);

describe('the selection in the gallery', () => {
  it('is one image after a click, and empty outside of the grid', () => {
    assert.deepEqual(select(order, 2), { ids: new Set([8]), anchor: 2 });
    assert.deepEqual(select(order, 6), nothingSelected);
    assert.deepEqual(select(order, -1), nothingSelected);
  });

  it('adds and removes single images', () => {
    const two = toggle(select(order, 0), order, 2);
    assert.deepEqual(ids(two), [3, 8]);
    assert.deepEqual(ids(toggle(two, order, 0)), [8]);
    assert.equal(toggle(two, order, 99), two);
    assert.deepEqual(ids(two), [3, 8]); // the previous selection is unchanged
  });

  it('has the same image from each of its groups', () => {
    assert.deepEqual(ids(toggle(select(order, 1), order, 4)), []);
  });

  it('extends from its anchor to both sides', () => {
    const anchored = select(order, 2);
    assert.deepEqual(ids(extend(anchored, order, 4, false)), [1, 5, 8]);
    assert.deepEqual(ids(extend(extend(anchored, order, 5, false), order, 3, false)), [1, 8]);
    assert.deepEqual(ids(extend(extend(anchored, order, 5, false), order, 0, false)), [3, 5, 8]);
    assert.equal(extend(anchored, order, 5, false).anchor, 2);
  });

  it('can keep the previous selection when it is extended', () => {
    const before = toggle(select(order, 0), order, 3);
    assert.deepEqual(ids(extend(before, order, 5, true)), [1, 3, 5, 9]);
    assert.deepEqual(ids(extend(before, order, 5, false)), [1, 5, 9]);
  });

  it('begins a range at its end if there is no anchor', () => {
    assert.deepEqual(extend(nothingSelected, order, 3, false), { ids: new Set([1]), anchor: 3 });
  });

  it('has all images, each once', () => {
    assert.deepEqual(ids(selectAll(order)), [1, 3, 5, 8, 9]);
    assert.deepEqual(ids(selectAll(new Uint32Array())), []);
  });

  it('keeps only images that are still shown', () => {
    const before = selectAll(order);
    assert.deepEqual(ids(stillShown(before, Uint32Array.of(9, 4, 5))), [5, 9]);
    assert.deepEqual(ids(stillShown(before, new Uint32Array())), []);
    assert.deepEqual(stillShown(nothingSelected, order), nothingSelected);
    assert.equal(stillShown(before, order).anchor, -1); // positions have changed
  });
});
