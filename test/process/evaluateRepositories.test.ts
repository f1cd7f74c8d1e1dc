import assert from 'node:assert/strict';
import type { Inference } from '../../src/clip/index.ts';
import { measureSample } from '../../tools/evaluateRepositories/measure.ts';
import { bundledSamples } from '../../tools/evaluateRepositories/samples.ts';
import { bundledInference } from './bundledModel.ts';

/** The short form of `npm run evaluate:repositories`. */
describe('Tags and searches in repositories of icons, emoji and illustrations', function () {
  this.timeout(120_000);
  let inference: Inference;
  before(async () => {
    inference = await bundledInference();
  });
  after(() => inference[Symbol.asyncDispose]());

  it('are right more often than wrong, and better than a search by file names', async () => {
    for (const sample of await bundledSamples(100)) {
      const { kind, images, tags, search } = await measureSample(inference, sample);
      assert.equal(images, 100);
      const [byDefault] = tags;
      assert.ok(byDefault && byDefault.judged > 0, kind);
      assert.ok(byDefault.precision > 0.6, `${kind}: ${byDefault.precision} of the tags are right`);
      assert.ok(byDefault.coverage > 0.1, `${kind}: ${byDefault.coverage} of the images are tagged`);
      assert.ok(search.pictures > search.fileNames, `${kind}: ${search.pictures}, ${search.fileNames}`);
      assert.ok(search.withNames >= search.pictures, `${kind}: ${search.withNames}, ${search.pictures}`);
    }
  });
});
