import assert from 'node:assert/strict';
import { HumanError } from '../../../src/clip/index.ts';
import {
  findSimilar,
  openLibrary,
  search,
  updateIndex,
  type Library,
  type SearchResult,
} from '../../../src/library/index.ts';
import { fakeInference, type FakeInference } from './fakeInference.ts';
import { temporaryFolder, type TemporaryFolder } from './temporaryFolder.ts';

const IMAGES = {
  'red car.png': 'red car',
  'red car on road.png': 'red car road',
  'blue car.png': 'blue car',
  'icons/gear.svg': 'gear',
  'icons/tree.svg': 'green tree',
  'night/house.jpg': 'house night',
  'night/copy of car.png': 'blue car',
};

describe('search', function () {
  this.timeout(20_000); // they use real files, and the machine may be busy
  let folder: TemporaryFolder;
  let inference: FakeInference;
  let library: Library;
  before(async () => {
    folder = await temporaryFolder(IMAGES);
    inference = fakeInference();
    library = await openLibrary({ root: folder.path, inference });
    await updateIndex(library);
  });
  after(async () => {
    await library[Symbol.asyncDispose]();
    await folder[Symbol.asyncDispose]();
  });
  const paths = (results: readonly SearchResult[]): string[] => results.map((result) => result.path);

  it('finds what words describe, best first, with confidences', async () => {
    const results = await search(library, 'red car');
    assert.equal(results.length, 7);
    assert.deepEqual(paths(results).slice(0, 2), ['red car.png', 'red car on road.png']);
    const scores = results.map((result) => result.score);
    assert.deepEqual(scores, scores.toSorted((a, b) => b - a)); // prettier-ignore
    assert.ok(scores.every((score) => score > 0 && score < 1));
    const { hash, score, ...first } = results[0] ?? assert.fail('no result');
    assert.equal(hash.length, 64);
    assert.ok(score > 2 * (scores.at(-1) ?? 1));
    assert.deepEqual(first, { path: 'red car.png', width: 32, height: 16, format: 'png', bytes: 7, copies: [] });
  });

  it('moves away from negative terms, also when there are only such', async () => {
    assert.equal(paths(await search(library, 'red car -"road"'))[0], 'red car.png');
    assert.equal(paths(await search(library, 'car 3*road'))[0], 'red car on road.png');
    assert.ok(paths(await search(library, '-car')).findIndex((path) => path.includes('car')) >= 3);
  });

  it('adds and subtracts images, in the index or not', async () => {
    const seen = inference.seen.length;
    assert.equal(paths(await search(library, 'car +night/house.jpg'))[0], 'night/house.jpg');
    assert.equal(inference.seen.length, seen); // its embedding is in the index
    await using outside = await temporaryFolder({ 'a b/tree.png': 'tree' });
    assert.equal(paths(await search(library, `+"${outside.at('a b/tree.png')}"`))[0], 'icons/tree.svg');
    assert.equal(paths(await search(library, '+"a b/tree.png"', { from: outside.path }))[0], 'icons/tree.svg');
    assert.deepEqual(inference.seen.slice(seen), ['tree.png', 'tree.png']);
    assert.equal(paths(await search(library, 'blue car -"blue car.png" +icons/gear.svg'))[0], 'icons/gear.svg');
  });

  it('says which image it cannot find or read', async () => {
    await assert.rejects(search(library, '+none.png'), /There is no image .*none\.png/);
    await using outside = await temporaryFolder({ 'bad.png': 'broken' });
    await assert.rejects(search(library, `+${outside.at('bad.png')}`), (error) => {
      return error instanceof HumanError && error.message.includes('it is no image');
    });
  });

  it('looks at the paths that filters let through alone', async () => {
    assert.deepEqual(paths(await search(library, 'car path:icons/')).sort(), ['icons/gear.svg', 'icons/tree.svg']);
    assert.deepEqual(paths(await search(library, 'blue car -path:night', { limit: 1 })), ['blue car.png']);
    assert.deepEqual(paths(await search(library, 'blue car path:night', { limit: 1 })), ['night/copy of car.png']);
    assert.deepEqual(await search(library, 'car path:nowhere'), []);
  });

  it('gives copies lines of their own, or lists them', async () => {
    const lines = await search(library, 'blue car', { limit: 2 });
    assert.deepEqual(paths(lines), ['blue car.png', 'night/copy of car.png']);
    const [collapsed, next] = await search(library, 'blue car', { limit: 2, collapseCopies: true });
    assert.deepEqual([collapsed?.path, collapsed?.copies], ['blue car.png', ['night/copy of car.png']]);
    assert.ok(next && next.hash !== collapsed?.hash);
  });

  it('keeps to its limit and its minimum', async () => {
    assert.equal((await search(library, 'car', { limit: 3 })).length, 3);
    assert.deepEqual(await search(library, 'car', { limit: 0 }), []);
    const all = await search(library, 'red car');
    const minimum = all[2]?.score ?? assert.fail('no third result');
    const expected = all.filter(({ score }) => score >= minimum);
    assert.ok(expected.length < all.length);
    assert.deepEqual(await search(library, 'red car', { minimum }), expected);
  });

  it('puts words into templates, and keeps nothing of what was typed', async () => {
    const texts = inference.texts.length;
    await search(library, '2*"sun cat" +red', { templates: ['{}', 'a {}'] });
    assert.deepEqual(inference.texts.slice(texts), ['sun cat', 'a sun cat', 'red', 'a red']);
    await search(library, 'sun cat -path:x');
    assert.deepEqual(inference.texts.slice(texts + 4), ['sun cat']);
  });

  it('stops when it is cancelled', async () => {
    await assert.rejects(search(library, 'car', { signal: AbortSignal.abort() }), { name: 'AbortError' });
  });

  it('finds nothing in an empty index', async () => {
    await using empty = await temporaryFolder();
    await using nothing = await openLibrary({ root: empty.path, inference: fakeInference() });
    assert.deepEqual(await search(nothing, 'car'), []);
    assert.deepEqual(await findSimilar(nothing, folder.at('blue car.png')), []);
  });

  describe('findSimilar', () => {
    it('finds images like one, its copies first, without itself', async () => {
      const results = await findSimilar(library, 'blue car.png', { limit: 3 });
      assert.deepEqual(paths(results), ['night/copy of car.png', 'red car.png', 'red car on road.png']);
      assert.ok(Math.abs((results[0]?.score ?? 0) - 1) < 1e-3 && (results[0]?.score ?? 2) <= 1);
      const expected = 2 / 3; // two of three axes are shared: the car and the modality
      assert.ok(Math.abs((results[1]?.score ?? 0) - expected) < 1e-3);
    });

    it('takes an image from elsewhere, and path filters', async () => {
      await using outside = await temporaryFolder({ 'x.png': 'green tree' });
      assert.equal(paths(await findSimilar(library, outside.at('x.png'), { limit: 1 }))[0], 'icons/tree.svg');
      const filters = [{ pattern: 'icons', exclude: true }];
      assert.ok(
        !paths(await findSimilar(library, outside.at('x.png'), { filters })).some((it) => it.startsWith('icons')),
      );
    });
  });
});
