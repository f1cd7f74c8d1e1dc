import assert from 'node:assert/strict';
import { rename } from 'node:fs/promises';
import { UserError } from '../../../../src/clip/index.ts';
import {
  findSimilar,
  openLibrary,
  parseQuery,
  search,
  unknownWords,
  updateIndex,
  type Library,
  type SearchResult,
} from '../../../../src/library/index.ts';
import { fakeInference, type FakeInference } from '../fakeInference.ts';
import { temporaryFolder, type TemporaryFolder } from '../temporaryFolder.ts';

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
  this.timeout(20_000); // the tests use real files, and the machine may be busy
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

  it('finds the images that words describe, best first, with confidences', async () => {
    const results = await search(library, 'red car');
    assert.equal(results.length, 7);
    assert.deepEqual(paths(results).slice(0, 2), ['red car.png', 'red car on road.png']);
    const scores = results.map((result) => result.score);
    assert.deepEqual(
      scores,
      scores.toSorted((a, b) => b - a),
    );
    assert.ok(scores.every((score) => score > 0 && score < 1));
    const { hash, score, likely, ...first } = results[0] ?? assert.fail('no result');
    assert.equal(hash.length, 64);
    assert.equal(likely, false); // one of seven does not stand out far enough
    assert.ok(score > 2 * (scores.at(-1) ?? 1));
    assert.deepEqual(first, {
      path: 'red car.png',
      width: 32,
      height: 16,
      format: 'png',
      bytes: 7,
      named: false,
      basis: 'picture',
      copies: [],
    });
  });

  it('avoids negative terms, even without positive ones', async () => {
    assert.equal(paths(await search(library, 'red car -"road"'))[0], 'red car.png');
    assert.equal(paths(await search(library, 'car 3*road'))[0], 'red car on road.png');
    assert.ok(paths(await search(library, '-car')).findIndex((path) => path.includes('car')) >= 3);
  });

  it('adds and subtracts images, whether they are in the index or not', async () => {
    const seen = inference.seen.length;
    assert.equal(paths(await search(library, 'car +night/house.jpg'))[0], 'night/house.jpg');
    assert.equal(inference.seen.length, seen); // its embedding is in the index
    await using outside = await temporaryFolder({ 'a b/tree.png': 'tree' });
    assert.equal(paths(await search(library, `+"${outside.at('a b/tree.png')}"`))[0], 'icons/tree.svg');
    assert.equal(paths(await search(library, '+"a b/tree.png"', { from: outside.path }))[0], 'icons/tree.svg');
    assert.deepEqual(inference.seen.slice(seen), ['tree.png', 'tree.png']);
    assert.equal(paths(await search(library, 'car -"blue car.png"'))[0], 'red car.png');
  });

  it('reports an image that it cannot find or read', async () => {
    await assert.rejects(search(library, '+none.png'), /There is no image .*none\.png/);
    await using outside = await temporaryFolder({ 'bad.png': 'broken' });
    await assert.rejects(search(library, `+${outside.at('bad.png')}`), (error) => {
      return error instanceof UserError && error.message.includes('it is no image');
    });
  });

  it('searches only the paths that pass the filters', async () => {
    assert.deepEqual(paths(await search(library, 'car path:icons/')).sort(), ['icons/gear.svg', 'icons/tree.svg']);
    assert.deepEqual(paths(await search(library, 'blue car -path:night', { limit: 1 })), ['blue car.png']);
    assert.deepEqual(paths(await search(library, 'blue car path:night', { limit: 1 })), ['night/copy of car.png']);
    assert.deepEqual(await search(library, 'car path:nowhere'), []);
  });

  it('returns copies as separate results, or lists them in one result', async () => {
    const lines = await search(library, 'blue car', { limit: 2 });
    assert.deepEqual(paths(lines), ['blue car.png', 'night/copy of car.png']);
    const [collapsed, next] = await search(library, 'blue car', { limit: 2, collapseCopies: true });
    assert.deepEqual([collapsed?.path, collapsed?.copies], ['blue car.png', ['night/copy of car.png']]);
    assert.ok(next && next.hash !== collapsed?.hash);
  });

  it('respects the limit and the minimum score', async () => {
    assert.equal((await search(library, 'car', { limit: 3 })).length, 3);
    assert.deepEqual(await search(library, 'car', { limit: 0 }), []);
    const all = await search(library, 'red car');
    const minimum = all[2]?.score ?? assert.fail('no third result');
    const expected = all.filter(({ score }) => score >= minimum);
    assert.ok(expected.length < all.length);
    assert.deepEqual(await search(library, 'red car', { minimum }), expected);
  });

  it('inserts words into templates, and does not store the query', async () => {
    const texts = inference.texts.length;
    await search(library, '2*"sun cat" +red', { templates: ['{}', 'a {}'] });
    assert.deepEqual(inference.texts.slice(texts), ['sun cat', 'a sun cat', 'red', 'a red']);
    await search(library, 'sun cat -path:x');
    assert.deepEqual(inference.texts.slice(texts + 4), ['sun cat']);
  });

  it('prefers images of the colour that the query names, and filters by colours', async () => {
    await using painted = await temporaryFolder({
      'a.png': 'green car',
      'b.png': 'red car',
      'c.png': 'blue car',
      'd.png': 'red tree',
    });
    await using own = await openLibrary({ root: painted.path, inference: fakeInference() });
    await updateIndex(own);
    assert.equal(paths(await search(own, 'blue car'))[0], 'c.png');
    assert.deepEqual(paths(await search(own, 'car color:red')), ['b.png', 'd.png']);
    assert.deepEqual(paths(await search(own, 'car -color:red')).sort(), ['a.png', 'c.png']);
    assert.deepEqual(paths(await search(own, 'color:#1f4fd8')), ['c.png']);
  });

  it('lists the paths that pass if the query has only a path filter', async () => {
    const results = await search(library, 'path:icons/');
    assert.deepEqual(paths(results), ['icons/gear.svg', 'icons/tree.svg']);
    assert.ok(results.every(({ basis, likely }) => basis === 'filter' && likely));
    assert.deepEqual(paths(await search(library, 'path:my/night', { shownBelow: 'my' })).sort(), [
      'night/copy of car.png',
      'night/house.jpg',
    ]);
  });

  it('stacks copies and other sizes under the best of them', async () => {
    await using sizes = await temporaryFolder({
      '16/gear.png': 'gear',
      '32/gear.png': 'gear!',
      '64/gear.png': 'gear?',
    });
    await using own = await openLibrary({ root: sizes.path, inference: fakeInference() });
    await updateIndex(own);
    assert.equal((await search(own, 'gear')).length, 3);
    const [only, ...others] = await search(own, 'gear', { stack: true });
    assert.deepEqual(others, []);
    assert.deepEqual([only?.path, ...(only?.copies ?? [])].sort(), ['16/gear.png', '32/gear.png', '64/gear.png']);
  });

  it('finds words that the model does not know, with a similar word', async () => {
    const found = async (query: string, hasLikely: boolean) =>
      unknownWords(library, parseQuery(query), { hasLikely, labels: ['house', 'shopping cart'] });
    assert.deepEqual(await found('huose gear', false), [{ word: 'huose', suggestion: 'house' }]);
    assert.deepEqual(await found('katze', false), [{ word: 'katze', suggestion: undefined }]);
    assert.deepEqual(await found('night house -katze', false), []);
    assert.deepEqual(await found('shopping', false), []); // a label
    const typing = { hasLikely: false, labels: ['house', 'shopping cart'], isTyping: true };
    assert.deepEqual(await unknownWords(library, parseQuery('shoppin'), typing), []);
    assert.equal((await unknownWords(library, parseQuery('shopin'), typing)).length, 1);
  });

  describe('with names', () => {
    const names = { names: true };

    it('finds files by words in their names that their pictures do not show', async () => {
      await using telling = await temporaryFolder({
        ...Object.fromEntries(
          Array.from({ length: 30 }, (_, i) => [`pictures/${i}.png`, i % 2 ? 'sun' : 'night tree']),
        ),
        'pictures/BrandLogo.png': 'tree',
        'logos/1.png': 'tree sun',
      });
      await using library = await openLibrary({ root: telling.path, inference: fakeInference() });
      await updateIndex(library);
      const [first, second, third] = await search(library, 'logos', names);
      assert.deepEqual([first?.path, first?.named, first?.likely], ['pictures/BrandLogo.png', true, true]);
      assert.deepEqual([second?.path, second?.named], ['logos/1.png', false]); // a folder's name has a lower weight
      assert.ok((first?.score ?? 0) > (second?.score ?? 1) && (second?.score ?? 0) > (third?.score ?? 1));
      const [visual] = await search(library, 'logos');
      assert.equal(visual?.named, false);
      // A copy and a renamed file change no embedding, but they have other names.
      await rename(telling.at('logos/1.png'), telling.at('pictures/größeX.png'));
      await updateIndex(library);
      const [renamed] = await search(library, 'GRÖSSE größe', names);
      assert.deepEqual([renamed?.path, renamed?.named], ['pictures/größeX.png', false]);
      assert.equal((await search(library, 'Größe', names))[0]?.named, true);
      // A word that all paths contain is no evidence.
      assert.deepEqual(
        (await search(library, 'sun picture', { ...names, limit: 5 })).map(({ score }) => score.toFixed(4)),
        (await search(library, 'sun picture', { limit: 5 })).map(({ score }) => score.toFixed(4)),
      );
      const gone = await search(library, 'tree -logo', names);
      const before = await search(library, 'tree -logo');
      const score = (of: readonly SearchResult[]) => of.find(({ path }) => path.includes('Brand'))?.score ?? -1;
      assert.ok(score(gone) > 0 && score(gone) < score(before));
    });

    it('finds names by synonyms of labels', async () => {
      const pictures = Object.fromEntries(Array.from({ length: 30 }, (_, i) => [`${i}.png`, i % 2 ? 'sun' : 'night']));
      await using telling = await temporaryFolder({
        ...pictures,
        'trash.png': 'tree',
        'garbage.png': 'tree sun',
        'magnifying-glass.png': 'tree night',
        'search.png': 'tree car',
      });
      await using library = await openLibrary({ root: telling.path, inference: fakeInference() });
      await updateIndex(library);
      const labels = [
        { name: 'trash', synonyms: ['bin', 'garbage'] },
        { name: 'search', synonyms: ['magnifying glass'] },
      ];
      const named = async (query: string, of = labels) =>
        paths((await search(library, query, { ...names, labels: of })).filter((result) => result.named));
      assert.deepEqual(await named('bins'), ['trash.png']);
      assert.deepEqual(await named('Trash'), ['trash.png', 'garbage.png']); // its own word counts more
      // Synonyms of a label may be different kinds of it.
      assert.deepEqual(await named('garbage'), ['garbage.png', 'trash.png']);
      assert.deepEqual(await named('search'), ['search.png', 'magnifying-glass.png']);
      assert.deepEqual(await named('magnifying glass'), ['magnifying-glass.png', 'search.png']);
      assert.deepEqual(await named('glass'), ['magnifying-glass.png']); // a part of a synonym is no synonym
      assert.deepEqual(await named('bin', []), []);
      // A negative term removes only what it names.
      const of = async (more: object) =>
        (await search(library, 'tree -bin', { ...names, ...more })).find(({ path }) => path === 'trash.png')?.score;
      assert.equal(await of({ labels }), await of({}));
    });

    it('respects filters, the limit and the minimum score', async () => {
      const found = await search(library, 'car path:night', names);
      assert.deepEqual(paths(found)[0], 'night/copy of car.png');
      assert.equal(found.length, 2);
      assert.equal((await search(library, 'house', { ...names, limit: 1 })).length, 1);
      const [copy] = await search(library, 'copy', { ...names, collapseCopies: true });
      // The name that matches.
      assert.deepEqual([copy?.path, copy?.copies], ['night/copy of car.png', ['blue car.png']]);
      const all = await search(library, 'house', names);
      const minimum = all[1]?.score ?? assert.fail('no second result');
      assert.ok((await search(library, 'house', { ...names, minimum })).every(({ score }) => score >= minimum));
    });
  });

  it('marks images that stand out from the noise as likely, and none if no image matches the query', async () => {
    const cats = Object.fromEntries(Array.from({ length: 8 }, (_, i) => [`cat ${i}.png`, `cat ${'sun '.repeat(i)}`]));
    const rest = Object.fromEntries(
      Array.from({ length: 400 }, (_, i) => [
        `${i}.png`,
        `${['red', 'blue', 'green'][i % 3]} ${['car', 'road', 'tree', 'house'][i % 4]} #${i}`,
      ]),
    );
    await using many = await temporaryFolder({ ...cats, ...rest });
    await using library = await openLibrary({ root: many.path, inference: fakeInference() });
    await updateIndex(library);
    const results = await search(library, 'cat', { limit: 20 });
    assert.deepEqual(
      results.map(({ likely }) => likely),
      Array.from({ length: 20 }, (_, i) => i < 8),
    );
    assert.ok(results.slice(0, 8).every(({ path }) => path.startsWith('cat')));
    assert.ok((await search(library, 'gear')).every(({ likely }) => !likely));
    const similar = await findSimilar(library, 'cat 0.png', { limit: 12 });
    const scores = similar.map((result) => result.score);
    assert.deepEqual(
      scores,
      scores.toSorted((a, b) => b - a),
    ); // likely images precede all others
    assert.ok(similar.slice(0, 7).every(({ path, likely }) => path.startsWith('cat') && likely));
    assert.ok(similar.slice(7).every(({ likely }) => !likely));
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
    it('finds images that look like an image, copies first, without the image itself', async () => {
      const results = await findSimilar(library, 'blue car.png', { limit: 3 });
      assert.deepEqual(paths(results), ['night/copy of car.png', 'red car.png', 'red car on road.png']);
      assert.equal(results[0]?.score, 1);
      const expected = 2 / 3; // two of three axes are shared: the car and the modality
      assert.ok(Math.abs((results[1]?.score ?? 0) - expected) < 1e-3);
    });

    it('accepts an image outside the folder, and path filters', async () => {
      await using outside = await temporaryFolder({ 'x.png': 'green tree', 'y.png': 'tree green' });
      assert.equal(paths(await findSimilar(library, outside.at('x.png'), { limit: 1 }))[0], 'icons/tree.svg');
      const likeness = async (file: string) => (await findSimilar(library, outside.at(file), { limit: 1 }))[0]?.score;
      assert.equal(await likeness('x.png'), 1); // the same bytes
      assert.ok(((await likeness('y.png')) ?? 1) < 1); // other bytes that look the same
      const filters = [{ pattern: 'icons', exclude: true }];
      assert.ok(
        !paths(await findSimilar(library, outside.at('x.png'), { filters })).some((it) => it.startsWith('icons')),
      );
    });
  });
});
