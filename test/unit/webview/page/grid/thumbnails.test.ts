import assert from 'node:assert/strict';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Connection } from '../../../../../src/webview/page/connection.ts';
import { Thumbnails } from '../../../../../src/webview/page/grid/thumbnails.ts';

/** Answers each request for a thumbnail when the test says so. */
function heldConnection() {
  const waiting: (() => void)[] = [];
  const call = () =>
    new Promise((resolve) => {
      waiting.push(() => {
        resolve({ bytes: new Uint8Array(1), reason: '', width: 1, height: 1 });
      });
    });
  const answer = async (): Promise<void> => {
    for (const resolve of waiting.splice(0)) resolve();
    await nextTurn();
  };
  return { connection: { call } as unknown as Connection, answer };
}

describe('The thumbnails of the gallery', () => {
  it('stay while those for another theme or size are loading', async () => {
    const { connection, answer } = heldConnection();
    const thumbnails = new Thumbnails(connection, () => undefined);
    thumbnails.want([1], 128, 'light');
    assert.equal(thumbnails.get(1), undefined);
    await answer();
    const light = thumbnails.get(1);
    assert.ok(light?.url);
    thumbnails.want([1], 128, 'dark');
    assert.equal(thumbnails.get(1), light);
    await answer();
    const dark = thumbnails.get(1);
    assert.ok(dark?.url);
    assert.notEqual(dark, light);
    thumbnails.want([1], 256, 'dark');
    assert.equal(thumbnails.get(1), dark);
    await answer();
  });

  it('do not stay if the content of the image has changed', async () => {
    const { connection, answer } = heldConnection();
    const thumbnails = new Thumbnails(connection, () => undefined);
    thumbnails.want([1, 2], 128, 'light');
    await answer();
    thumbnails.want([1, 2], 128, 'dark');
    thumbnails.refresh([1]);
    assert.equal(thumbnails.get(1), undefined);
    assert.ok(thumbnails.get(2)?.url);
    await answer();
  });
});
