import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { templateSets } from '../../src/clip/index.ts';
import {
  duplicatesOf,
  openLibrary,
  readLabels,
  scoreLabels,
  tagLibrary,
  updateIndex,
} from '../../src/library/index.ts';
import { bundledInference } from './bundledModel.ts';

const LABELS = path.resolve(import.meta.dirname, '../../models/labels/default.yaml');
const svg = (body: string): string =>
  `<svg xmlns="http://www.w3.org/2000/svg" width="24" height="24" viewBox="0 0 24 24">${body}</svg>`;

describe('the label scores of one image', function () {
  this.timeout(60_000);
  let folder: string;
  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'assetlens-scores-'));
    const files = {
      'plus.svg': svg('<path d="M11 3h2v8h8v2h-8v8h-2v-8H3v-2h8z"/>'),
      'copy.svg': svg('<path d="M11 3h2v8h8v2h-8v8h-2v-8H3v-2h8z"/>'),
      'same.svg': svg('<path d="M11 3h2v8h8v2h-8v8h-2v-8H3v-2h8z" fill="#010101"/>'),
      'disc.svg': svg('<circle cx="12" cy="12" r="9" fill="#fc0"/>'),
    };
    for (const [name, content] of Object.entries(files)) await writeFile(path.join(folder, name), content);
  });
  after(() => rm(folder, { recursive: true, force: true }));

  it('are those of tagging and ranking all images', async () => {
    await using inference = await bundledInference();
    await using library = await openLibrary({ root: folder, inference });
    await updateIndex(library);
    const { sets: written } = await readLabels(LABELS);
    const sets = written.map((set) => ({ ...set, templates: set.templates ?? templateSets.icon }));
    let compared = 0;
    for await (const page of tagLibrary(library, sets, { threshold: 1e-4, limit: 1000 })) {
      for (const image of page) {
        const labels = (await scoreLabels(library, image.path, sets, { threshold: 1e-4 })).flatMap((set) => set.labels);
        assert.equal(labels.length, sets.flatMap((set) => set.labels).length);
        for (const tag of image.tags) {
          const score = labels.find(({ label }) => label === tag.label) ?? assert.fail(tag.label);
          assert.ok(score.score !== null && score.holds, tag.label);
          assert.ok(Math.abs(score.score - tag.score) < 1e-4, `${tag.label}: ${score.score} is not ${tag.score}`);
          compared++;
        }
      }
    }
    assert.ok(compared > 4, 'there were no scores to compare');

    const { copies, near } = await duplicatesOf(library, 'plus.svg');
    assert.deepEqual(
      [copies.map((image) => image.path), near.map((image) => image.path)],
      [['copy.svg'], ['same.svg']],
    );
    assert.ok((near[0]?.similarity ?? 0) > 0.97);
  });
});
