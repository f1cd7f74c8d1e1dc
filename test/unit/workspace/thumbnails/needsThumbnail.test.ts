import assert from 'node:assert/strict';
import { mayNeedIcon, needsThumbnail } from '../../../../src/workspace/thumbnails/needsThumbnail.ts';

describe('An image as an icon', () => {
  it('is shown directly if it is small and the editor supports its format', () => {
    for (const name of ['a.png', 'a.JPG', 'a.jpeg', 'a.gif', 'a.bmp', 'a.webp', 'x.y.svg']) {
      assert.equal(needsThumbnail(name, 200_000), false, name);
    }
  });

  it('needs a thumbnail if it is large or has another format', () => {
    for (const name of ['photo.jpg', 'drawing.svg']) assert.equal(needsThumbnail(name, 200_001), true, name);
    for (const name of ['a.avif', 'a.tiff', 'a.ico', 'png']) assert.equal(needsThumbnail(name, 100), true, name);
  });

  it('may be better without its margins if it is a drawing or a small picture', () => {
    const picture = { width: 64, height: 64, bytes: 100 };
    for (const path of ['a.svg', 'a.png', 'a.gif', 'a.webp'])
      assert.equal(mayNeedIcon({ ...picture, path }), true, path);
    assert.equal(mayNeedIcon({ ...picture, path: 'a.jpg' }), false);
    assert.equal(mayNeedIcon({ ...picture, path: 'a.png', width: 2000, height: 1000 }), false);
  });
});
