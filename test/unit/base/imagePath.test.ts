import assert from 'node:assert/strict';
import {
  placeOfImage,
  encodeFragment,
  fileOfImage,
  joinImagePath,
  nameOfImage,
  normalImagePath,
  splitImagePath,
} from '../../../src/base/imagePath.ts';

describe('The path of an image', () => {
  it('has a fragment only behind the name of a file that can be a sheet', () => {
    const cases: Readonly<Record<string, readonly [file: string, fragment: string]>> = {
      'a/icons.svg': ['a/icons.svg', ''],
      'a/icons.svg#heart': ['a/icons.svg', 'heart'],
      'a/ICONS.SVGZ#heart': ['a/ICONS.SVGZ', 'heart'],
      'C:\\a\\icons.svg#mdi:home': ['C:\\a\\icons.svg', 'mdi:home'],
      'a#b/icons.svg#x.svg': ['a#b/icons.svg', 'x.svg'],
      'a#b.png': ['a#b.png', ''],
      'a.png#b': ['a.png#b', ''],
      'a.svg#': ['a.svg#', ''],
      'a.svg#b/c.png': ['a.svg#b/c.png', ''],
      'a.svg#b\\c.png': ['a.svg#b\\c.png', ''],
      '#heart': ['#heart', ''],
    };
    for (const [path, [file, fragment]] of Object.entries(cases)) {
      assert.deepEqual(splitImagePath(path), { file, fragment });
      assert.equal(joinImagePath(splitImagePath(path)), path);
      assert.equal(fileOfImage(path), file);
    }
  });

  it('is the same for every identifier after it was written and read', () => {
    for (const id of [
      'heart',
      'größe',
      'a b',
      '../../x',
      '"><script>',
      "it's",
      '#',
      '100%',
      '\u202eabc',
      'a\nb',
      '図',
    ]) {
      const path = joinImagePath({ file: 'web/icons.svg', fragment: encodeFragment(id) });
      assert.deepEqual(splitImagePath(path), { file: 'web/icons.svg', fragment: encodeFragment(id) }, id);
      assert.doesNotMatch(path.slice('web/icons.svg#'.length), /[/\\#\s"'<>()[\]{}`|\p{Cc}\p{Cf}]/u, id);
      assert.equal(nameOfImage(path), id);
      assert.equal(normalImagePath(path), path);
      assert.equal(decodeURIComponent(new URL(path, 'file:///base/').hash), `#${id}`);
    }
  });

  it('may be typed with other escapes', () => {
    assert.equal(normalImagePath('icons.svg#a b'), 'icons.svg#a%20b');
    assert.equal(normalImagePath('icons.svg#gr%C3%B6%c3%9fe'), 'icons.svg#größe');
    assert.equal(normalImagePath('icons.svg#100%'), 'icons.svg#100%25');
    assert.equal(normalImagePath('a b.png'), 'a b.png');
  });

  it('names the image', () => {
    assert.equal(nameOfImage('a/b.c/arrow-left.min.svg'), 'arrow-left.min');
    assert.equal(nameOfImage('a/.svg'), '.svg');
    assert.equal(nameOfImage('a/icons.svg#arrow-left'), 'arrow-left');
    assert.equal(placeOfImage('a/icons.svg'), 'a/');
    assert.equal(placeOfImage('icons.svg'), '');
    assert.equal(placeOfImage('a/flags.svg#de'), 'a/flags');
  });
});
