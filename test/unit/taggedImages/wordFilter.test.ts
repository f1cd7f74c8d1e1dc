import assert from 'node:assert/strict';
import { timeSlices } from '../../../src/base/timeSlices.ts';
import { groupByLabel } from '../../../src/taggedImages/labelGroups.ts';
import { allPositions, joinFolders, type TaggedFolder } from '../../../src/taggedImages/taggedImages.ts';
import { WordFilter } from '../../../src/taggedImages/wordFilter.ts';
import { labelSet, outline, tag, taggedFolder, taggedImage } from './samples.ts';

const zoo = taggedFolder({
  labelSets: [labelSet('animals', 'cat', 'dog', 'horse'), labelSet('things', 'car', 'dog')],
  images: [
    taggedImage('a.png', [tag('cat', 0.9, 'animals'), tag('car', 0.2)]),
    taggedImage('b.png', [tag('mine', 'manual', ''), tag('cat', 'manual', 'animals')]),
    taggedImage('c.png', [], [tag('dog', 0.1, 'animals'), tag('car', 0.09)]),
    taggedImage('icons/d.svg', [tag('dog', 0.4)]),
    taggedImage('icons/e.svg'),
  ],
});

async function filtered(text: string, folder: TaggedFolder = zoo): Promise<Record<string, string[]>> {
  const tagged = await joinFolders([folder], timeSlices());
  const groups = await groupByLabel(tagged, allPositions(tagged), timeSlices());
  const filter = await WordFilter.parse(text);
  return outline(tagged, filter ? await filter.apply(tagged, groups, timeSlices()) : groups);
}

describe('A filter of words', () => {
  it('does not exist for a text without words', async () => {
    for (const text of ['', '  ', '\t']) assert.equal(await WordFilter.parse(text), undefined);
  });

  it('finds a label with all its images, and images by their paths, ignoring case', async () => {
    assert.deepEqual(await filtered('CAT'), { 'animals/cat': ['a.png', 'b.png'] });
    assert.deepEqual(await filtered('icons/'), { 'things/dog': ['icons/d.svg'], untagged: ['icons/e.svg'] });
    assert.deepEqual(await filtered('dog'), { 'things/dog': ['icons/d.svg'], uncertain: ['c.png'] });
    assert.deepEqual(await filtered('animals'), { 'animals/cat': ['a.png', 'b.png'] }); // a label set
    assert.deepEqual(await filtered('mine'), { 'manual/mine': ['b.png'] });
    assert.deepEqual(await filtered('nothing of it'), {});
  });

  it('requires each word, in the label or in the path', async () => {
    assert.deepEqual(await filtered('cat b.png'), { 'animals/cat': ['b.png'] });
    assert.deepEqual(await filtered('dog icons'), { 'things/dog': ['icons/d.svg'] });
    assert.deepEqual(await filtered('cat dog'), {});
  });

  it('accepts globs of paths', async () => {
    assert.deepEqual(await filtered('*.svg'), { 'things/dog': ['icons/d.svg'], untagged: ['icons/e.svg'] });
    assert.deepEqual(await filtered('icons/[d]*'), { 'things/dog': ['icons/d.svg'] });
    assert.deepEqual(await filtered('{a,e}.*'), {
      'animals/cat': ['a.png'],
      'things/car': ['a.png'],
      untagged: ['icons/e.svg'],
    });
  });

  it('rejects a glob with a mistake', async () => {
    await assert.rejects(WordFilter.parse('cat *!(a)'), { name: 'UserError' });
  });

  it('treats composed and decomposed letters as equal, and accepts any text', async () => {
    const images = [taggedImage('Gro\u0308ße.png', [tag('Größe')]), taggedImage('[x](y).png')];
    const folder = taggedFolder({ labelSets: [labelSet('things', 'Größe')], images });
    assert.deepEqual(await filtered('gr\u00f6ße', folder), { 'things/Größe': ['Größe.png'.normalize('NFD')] });
    assert.deepEqual(await filtered('](y)', folder), { untagged: ['[x](y).png'] });
    for (const odd of ['[', '{a', '*'.repeat(50), '!(', '(', '\\', '\u0000', 'x '.repeat(60)]) {
      await filtered(odd, folder);
    }
  });
});
