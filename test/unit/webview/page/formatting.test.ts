import assert from 'node:assert/strict';
import { baseName, folderOf } from '../../../../src/webview/page/formatting.ts';
import { tileTooltip } from '../../../../src/webview/page/grid/tileParts.ts';
import type { Tile } from '../../../../src/webview/protocol.ts';

describe('Names in the gallery', () => {
  it('show invisible characters as escapes', () => {
    const path = 'icons\u202e/a\n\u202egnp.exe';
    assert.equal(baseName(path), String.raw`a\n\u202egnp.exe`);
    assert.equal(folderOf({ path, folder: 'web\x1b' }), String.raw`web\u001b/icons\u202e`);
  });

  it('are one line of a tooltip', () => {
    const tags = [{ label: 'a\nb', set: '', score: 1, manual: true }];
    const tile = { path: 'a\n64 × 64.png', width: 1, height: 2, format: 'PNG', tags, maybe: [] } as unknown as Tile;
    assert.deepEqual(tileTooltip(tile).split('\n').slice(0, 2), ['a\\n64 × 64.png', '1 × 2 PNG']);
  });
});
