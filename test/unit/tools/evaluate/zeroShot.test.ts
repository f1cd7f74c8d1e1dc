import assert from 'node:assert/strict';
import type { EmbeddedSet } from '../../../../tools/evaluate/embedded.ts';
import { wordsOf } from '../../../../tools/evaluate/fileNameSearch.ts';
import { unseenAccuracy } from '../../../../tools/evaluate/unseenConcepts.ts';
import { accuracy } from '../../../../tools/evaluate/zeroShot.ts';
import { limited, type Picture } from '../../../../tools/shared/evaluationSets.ts';

function picture(name: string, more: Partial<Picture> = {}): Picture {
  const none = { tags: [], category: null, labels: [], unclear: [], synonyms: [], noun: true };
  return { id: name, name, kind: 'icon', ...none, bytes: () => Promise.resolve(Buffer.of()), ...more };
}

/** Three pictures with two names. The embedding of the second picture equals that of the wrong name. */
const set: EmbeddedSet = {
  name: 'set',
  pictures: [picture('cat'), picture('cat'), picture('sea horses')],
  embeddings: [Float32Array.of(1, 0), Float32Array.of(0, 1), Float32Array.of(0, 1)],
  names: ['cat', 'sea horses'],
  nameOf: Uint32Array.of(0, 0, 1),
};
const labels = [Float32Array.of(1, 0), Float32Array.of(0, 1)];

describe('Zero-shot accuracy', () => {
  it('is the share of the pictures whose own name is the nearest', () => {
    assert.deepEqual(accuracy(set, labels), { top1: 100 * (2 / 3), top5: 100 });
    assert.deepEqual(accuracy(set, labels, [1]), { top1: 0, top5: 100 });
  });

  it('equals chance for identical labels', () => {
    const same = [Float32Array.of(1, 0), Float32Array.of(1, 0)];
    assert.equal(accuracy(set, same).top1, 50);
  });
});

describe('Unseen concepts', () => {
  const unseenNames = (...words: string[]) => unseenAccuracy(set, labels, new Set(words.flatMap(wordsOf))).names;

  it('are names without any training word, in the singular or plural', () => {
    assert.deepEqual(unseenNames('cat'), ['sea horses']);
    assert.deepEqual(unseenNames('cat', 'horse'), []);
    assert.deepEqual(unseenNames('cat', 'sea'), []);
  });

  it('are ranked among all names of the set', () => {
    const { pictures, chance, top1 } = unseenAccuracy(set, labels, new Set(['sea']));
    assert.deepEqual({ pictures, chance: chance.top1, top1 }, { pictures: 2, chance: 50, top1: 50 });
  });

  it('exclude logos and names that are not nouns', () => {
    const others = { ...set, pictures: [picture('cat', { kind: 'logo' }), picture('cat', { noun: false })] };
    assert.equal(unseenAccuracy(others, labels, new Set()).pictures, 0);
  });
});

describe('An evaluation set', () => {
  it('keeps every n-th name of a large set, with all its pictures', () => {
    const names = Array.from({ length: 3000 }, (_, i) => String(i + 1000));
    const { pictures } = limited({ name: 'large', pictures: [...names, ...names].map((name) => picture(name)) });
    assert.equal(pictures.length, 3000);
    assert.deepEqual([...new Set(pictures.map(({ name }) => name))].slice(0, 3), ['1000', '1002', '1004']);
  });
});
