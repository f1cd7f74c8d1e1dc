import assert from 'node:assert/strict';
import { hasColourMap } from '../../../../../src/webview/page/heatmap/hasColourMap.ts';
import type { HeatmapSettings } from '../../../../../src/webview/page/gallery/savedState.ts';

describe('The colour map of a heatmap', () => {
  it('can be chosen only where it is used: not for signed maps, and not for several prompts over one picture', () => {
    const settings: HeatmapSettings = {
      ...{ on: true, method: 'where', colours: 'viridis', opacity: 0.5 },
      ...{ cells: false, relative: false, sideBySide: false },
    };
    assert.ok(hasColourMap(settings, 0));
    assert.ok(hasColourMap(settings, 1));
    assert.ok(!hasColourMap(settings, 2));
    assert.ok(hasColourMap({ ...settings, sideBySide: true }, 2));
    assert.ok(!hasColourMap({ ...settings, method: 'why' }, 1));
  });
});
