import assert from 'node:assert/strict';
import type { Calibration } from '../../../../src/clip/index.ts';
import { Texts, type EmbeddedSet } from '../../../../tools/evaluate/embedded.ts';
import { kindRecall } from '../../../../tools/evaluate/kinds.ts';
import { photoQuality } from '../../../../tools/evaluate/photos.ts';
import type { Picture } from '../../../../tools/shared/evaluationSets.ts';

const calibration: Calibration = {
  ...{ sigmoid: null, slope: 1, intercept: 0, textMean: new Float32Array(3), kinds: null },
  reference: { mean: new Float32Array(3), covariance: Float32Array.of(1, 0, 0, 0, 1, 0, 0, 0, 1) },
};

/** Texts with the vector of the first word that they contain. */
function textsWith(words: Readonly<Record<string, readonly number[]>>): Texts {
  const vectorOf = (text: string) => Object.entries(words).find(([word]) => text.includes(word))?.[1] ?? [0, 0, 1];
  return new Texts({ embedTexts: (texts) => Promise.resolve(Float32Array.from(texts.flatMap(vectorOf))) }, 3);
}

function picture(name: string, kind: string): Picture {
  const none = { tags: [], category: null, labels: [], unclear: [], synonyms: [], noun: true };
  return { id: name, name, kind, ...none, bytes: () => Promise.resolve(Buffer.of()) };
}

function setOf(kind: string, named: readonly (readonly [string, readonly number[]])[]): EmbeddedSet {
  return {
    name: kind,
    pictures: named.map(([name]) => picture(name, kind)),
    embeddings: named.map(([, vector]) => Float32Array.from(vector)),
    ...{ names: [], nameOf: new Uint32Array() },
  };
}

describe('The quality of photos', () => {
  const texts = textsWith({ tench: [1, 0, 0], hook: [0, 1, 0], fish: [1, 0, 0] });
  const names = ['hook', 'rock', 'slot', 'swab', 'tench', 'yawl'];
  const photos = setOf('photo', [
    ['tench', [1, 0, 0]],
    ['tench', [0, 1, 0]],
    ['hook', [0, 1, 0]],
    ['hook', [0, 1, 0]],
  ]);

  it('compares the names of all classes, and the searches for common words', async () => {
    const common = [{ word: 'fish', photos: [0, 1] }];
    const found = await photoQuality(texts, calibration, { set: photos, names, common }, photos);
    assert.equal(found.zeroShot.top1, 75);
    assert.deepEqual(found.asTags, found.zeroShot);
    // The first photo is found first. The others are equal: in all, two of four are right.
    assert.deepEqual(found.common, { words: 1, map: 75, chance: 50 });
  });
});

describe('The recall of kinds', () => {
  const texts = textsWith({ photo: [1, 0, 0], icon: [0, 1, 0] });
  const twenty = <T>(value: T): T[] => Array.from({ length: 20 }, () => value);
  const icons = setOf('icon', twenty(['cat', [0, 1, 0]]));
  const photos = setOf('photo', [...twenty(['cat', [1, 0, 0]] as const), ...twenty(['dog', [0, 1, 0]] as const)]);
  const screenshots = setOf('screenshot', twenty(['dialog', [0, 0, 1]]));

  it('is the share of the pictures that are most similar to the prompts of their kind', async () => {
    const found = await kindRecall(texts, calibration, { heldOut: [icons], photos, training: [] });
    assert.deepEqual(
      found.map(({ kind, pictures, recall, shipped }) => ({ kind, pictures, recall, shipped })),
      [
        { kind: 'icon', pictures: 20, recall: 100, shipped: 100 },
        { kind: 'photo', pictures: 40, recall: 50, shipped: 50 },
      ],
    );
  });

  it('uses photos for measuring instead of the photos in drawing styles', async () => {
    const drawn = setOf('photo', twenty(['planet', [0, 1, 0]]));
    const found = await kindRecall(texts, calibration, { heldOut: [icons, drawn], photos, training: [] });
    assert.equal(found.find(({ kind }) => kind === 'photo')?.pictures, 40);
  });

  it('marks kinds that only the training has', async () => {
    const found = await kindRecall(texts, calibration, { heldOut: [icons], photos, training: [screenshots, icons] });
    assert.deepEqual(
      found.map(({ kind, pictures, trained }) => [kind, pictures, trained]),
      [
        ['icon', 20, false],
        ['photo', 40, false],
        ['screenshot', 20, true],
      ],
    );
  });
});
