import assert from 'node:assert/strict';
import { tileLabel, tileTooltip } from '../../../../../src/webview/page/grid/tileParts.ts';
import type { Tile } from '../../../../../src/webview/protocol.ts';

const tile: Tile = {
  ...{ id: 1, path: 'icons/a.svg', folder: '', uri: '', fsPath: '', folderUri: '' },
  ...{ width: 24, height: 24, format: 'svg', bytes: 100, hash: '' },
  tags: [{ label: 'camera', set: 'Object', score: 0.8, manual: false }],
  maybe: [{ label: 'eye', set: 'Object', score: 0.2, manual: false }],
};

describe('A tile of the gallery', () => {
  it('tells the match with a search and the confidence of a tag apart', () => {
    assert.equal(tileLabel(tile, { value: 0.83, of: 'search' }), 'a.svg, camera, match 83 %, icons');
    assert.equal(tileLabel(tile, { value: 0.8, of: 'tag' }), 'a.svg, camera, confidence 80 %, icons');
    assert.equal(tileLabel(tile, undefined), 'a.svg, camera, icons');
  });

  it('shows maybe labels in its tooltip with a question mark', () => {
    assert.deepEqual(tileTooltip(tile).split('\n').slice(2), ['camera 80 %', 'eye? 20 %']);
  });
});
