import assert from 'node:assert/strict';
import path from 'node:path';
import {
  checkLabels,
  countKinds,
  fittingPresets,
  kindsOfImages,
  LABEL_PRESETS,
  openLibrary,
  presetFile,
  readLabels,
  readPresets,
  PICTURE_KINDS,
  updateIndex,
  type IndexedImage,
} from '../../../../src/library/index.ts';
import { EXPECTED } from '../../../../src/library/labels/kindEvidence.ts';
import { fakeInference } from '../fakeInference.ts';
import { collected, temporaryFolder } from '../temporaryFolder.ts';

const FOLDER = path.resolve(import.meta.dirname, '../../../../models/labels');

describe('Label presets', () => {
  it('have no mistakes, and each label only once', async () => {
    for (const preset of LABEL_PRESETS) {
      const { sets } = await readLabels(presetFile(FOLDER, preset));
      const names = sets.flatMap(({ labels }) => labels.map(({ name }) => name));
      assert.equal(new Set(names).size, names.length, preset.name);
      assert.ok(names.length >= 25, preset.name);
    }
  });

  it('have labels for the parts of games and documents, and use "flag" only where it is precise', async () => {
    const { sets } = checkLabels({ sets: await readPresets(FOLDER, LABEL_PRESETS) }, 'presets');
    const labels = new Map(sets.flatMap((set) => set.labels.map((label) => [label.name, label])));
    for (const name of ['screenshot', 'dialog', 'diagram', 'texture', 'background', 'character', 'weapon']) {
      assert.ok(labels.has(name), name);
    }
    const all = await Promise.all(LABEL_PRESETS.map((preset) => readLabels(presetFile(FOLDER, preset))));
    const flags = all.flatMap((file) => file.sets.flatMap((set) => set.labels.filter(({ name }) => name === 'flag')));
    assert.ok(flags.length > 0);
    for (const { threshold } of flags) assert.ok((threshold ?? 0) >= 0.5);
  });

  it('of several kinds have each label in the first of them only', async () => {
    const sets = await readPresets(FOLDER, LABEL_PRESETS);
    const { sets: checked } = checkLabels({ sets }, 'presets');
    const names = checked.flatMap(({ labels }) => labels.map(({ name }) => name));
    assert.equal(new Set(names).size, names.length);
  });

  it('fit a folder if at least a quarter of its pictures are of their kinds, the most frequent first', () => {
    const names = (counts: Parameters<typeof fittingPresets>[0]): string[] =>
      fittingPresets(counts).map(({ name }) => name);
    assert.deepEqual(names(new Map()), []);
    const mixed = new Map([
      ['icon', 30],
      ['sprite', 40],
      ['texture', 10],
      ['photo', 20],
    ] as const);
    assert.deepEqual(names(mixed), ['game-art', 'ui-icons']);
    // Drawings are in repositories of every kind. They speak for a website only beside photos.
    assert.deepEqual(
      names(
        new Map([
          ['illustration', 70],
          ['icon', 30],
        ]),
      ),
      ['ui-icons'],
    );
    assert.deepEqual(
      names(
        new Map([
          ['illustration', 20],
          ['photo', 10],
          ['icon', 70],
        ]),
      ),
      ['ui-icons', 'web'],
    );
  });
});

describe('The kind of a picture', () => {
  it('takes its format, size and density into account', () => {
    const likeliest = (image: Partial<IndexedImage>): string => {
      const whole = { path: 'a', hash: '', width: 512, height: 512, format: 'png', bytes: 10_000, ...image };
      return PICTURE_KINDS.reduce((best, kind) => (EXPECTED[kind](whole) > EXPECTED[best](whole) ? kind : best));
    };
    assert.equal(likeliest({ format: 'svg', bytes: 400 }), 'icon');
    assert.equal(likeliest({ width: 32, height: 32, bytes: 900 }), 'icon');
    assert.equal(likeliest({ width: 40, height: 90, bytes: 2000 }), 'sprite');
    assert.equal(likeliest({ bytes: 15_000 }), 'illustration'); // a large PNG of a drawing is no photo
    assert.equal(likeliest({ bytes: 300_000 }), 'texture');
    assert.equal(likeliest({ width: 1280, height: 720, bytes: 90_000 }), 'screenshot');
    assert.equal(likeliest({ width: 1280, height: 720, bytes: 1_500_000 }), 'photo');
    assert.equal(likeliest({ width: 1280, height: 720, bytes: 200_000, format: 'jpeg' }), 'photo');
    assert.notEqual(likeliest({ width: 1280, height: 720, bytes: 40_000, format: 'jpeg' }), 'photo'); // a screenshot
  });

  it('follows from the words of its folders if the model has no preference', async () => {
    await using folder = await temporaryFolder({
      'my-icons/a.png': 'red',
      'Sprites/enemy/b.png': 'blue',
      'brand/logos/c.png': 'green',
    });
    await using library = await openLibrary({ root: folder.path, inference: fakeInference() });
    assert.equal((await countKinds(library)).size, 0);
    await updateIndex(library);
    const kinds = await collected(
      (async function* () {
        for await (const image of kindsOfImages(library)) yield [image];
      })(),
    );
    assert.deepEqual(
      kinds.map(({ path: file, kind }) => [file, kind]),
      [
        ['Sprites/enemy/b.png', 'sprite'],
        ['brand/logos/c.png', 'logo'],
        ['my-icons/a.png', 'icon'],
      ],
    );
  });
});
