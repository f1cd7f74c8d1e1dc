import assert from 'node:assert/strict';
import { savedStateSchema, type SavedState } from '../../../../../src/webview/page/gallery/savedState.ts';
import { everything } from '../../../../../src/webview/protocol.ts';

describe('the saved state of the page', () => {
  const state: SavedState = {
    version: 1,
    arrangement: everything,
    tileSize: 128,
    filtersOpen: true,
    detail: { uri: 'file:///a.png' },
    anchor: null,
    heatmap: {
      on: true,
      method: 'why',
      colours: 'inferno',
      opacity: 0.5,
      cells: false,
      relative: false,
      sideBySide: true,
    },
    background: 'light',
    split: 60,
  };

  it('is restored from JSON', () => {
    assert.deepEqual(savedStateSchema.parse(JSON.parse(JSON.stringify(state))), state);
  });

  it('is not restored if it is damaged or from another version', () => {
    const others = [
      undefined,
      null,
      {},
      { ...state, version: 2 },
      { ...state, arrangement: null },
      { ...state, background: 'pink' },
      { ...state, heatmap: { ...state.heatmap, colours: 'jet' } },
      { ...state, tileSize: 'large' },
    ];
    for (const other of others) assert.ok(!savedStateSchema.safeParse(other).success, JSON.stringify(other));
  });
});
