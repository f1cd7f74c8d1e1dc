import assert from 'node:assert/strict';
import { PictureCache } from '../../../../../src/webview/page/grid/pictureCache.ts';

describe('The pictures of tiles', () => {
  const light = { id: 1, key: '1 128 light' };
  const dark = { id: 1, key: '1 128 dark' };

  it('stay while those for another theme or size are loading', () => {
    const released: string[] = [];
    const cache = new PictureCache<string>(10, (picture) => released.push(picture));
    assert.equal(cache.get(light), undefined);
    cache.add(light, 'on light', [light]);
    assert.equal(cache.get(dark), 'on light');
    assert.ok(!cache.has(dark.key)); // so that it is requested
    cache.add(dark, 'on dark', [dark]);
    assert.deepEqual([cache.get(dark), cache.get(light)], ['on dark', 'on light']);
    assert.deepEqual(released, []);
  });

  it('do not stay if the content of the image has changed', () => {
    const released: string[] = [];
    const cache = new PictureCache<string>(10, (picture) => released.push(picture));
    cache.add(light, 'old', [light]);
    cache.removeWhere((key) => key.startsWith('1 '));
    assert.equal(cache.get(dark), undefined);
    assert.deepEqual(released, ['old']);
  });

  it('are removed from the oldest on, but not those that are shown', () => {
    const released: string[] = [];
    const cache = new PictureCache<string>(2, (picture) => released.push(picture));
    cache.add(light, 'first', [light]);
    for (const id of [2, 3, 4]) cache.add({ id, key: `${id} 128 light` }, String(id), [dark]);
    assert.equal(cache.get(dark), 'first');
    assert.deepEqual(released, ['2', '3']);
  });
});
