import assert from 'node:assert/strict';
import { availableParallelism } from 'node:os';
import type { ImageSource } from '../../src/clip/index.ts';
import { bundledInference } from './bundledModel.ts';

const svg = (body: string): Uint8Array =>
  Buffer.from(`<svg xmlns="http://www.w3.org/2000/svg" width="2000" height="2000">${body}</svg>`);
const bytes = (name: string, content: Uint8Array): ImageSource => ({ kind: 'bytes', name, bytes: content });
const square = svg('<rect x="300" y="300" width="900" height="900" fill="blue"/>');
/**
 * A drawing that takes librsvg minutes, without being interruptible: 262,144 rectangles with a filter. Its header is
 * read at once, so it hangs where it is drawn.
 */
const LEVELS = [1, 2, 3, 4, 5, 6].map((i) => `<g id="g${i}">${`<use href="#g${i - 1}"/>`.repeat(8)}</g>`).join('');
const endless = (id: number): Uint8Array =>
  svg(
    `<filter id="f"><feTurbulence baseFrequency=".5" numOctaves="9"/></filter><defs><rect id="g0" width="${1000 + id}" height="2000" filter="url(#f)"/>${LEVELS}</defs><use href="#g6"/>`,
  );

describe('the inference process with hanging decoders', function () {
  this.timeout(120_000);
  it('reports the images that hang, and decodes the others in a new process', async () => {
    await using inference = await bundledInference({ limits: () => ({ milliseconds: 1000 }) });
    const { processId } = await inference.describe();
    // One more than the process has threads to decode in (inferenceProcess.ts).
    const hanging = Math.max(4, 2 * availableParallelism());
    const slow = Array.from({ length: hanging }, (_, i) => bytes(`slow ${i}`, endless(i)));
    const [mixed, good] = await Promise.all([
      inference.embedImages([...slow, bytes('good', square)]),
      inference.embedImages([bytes('another', square)]),
    ]);
    assert.deepEqual(
      mixed.map((outcome) => (outcome.ok ? 'embedded' : outcome.reason)),
      [...slow.map(() => 'decoding took longer than 1 s'), 'embedded'],
    );
    assert.ok(
      mixed.every((outcome) => outcome.ok || outcome.permanent),
      'the index remembers them',
    );
    assert.ok(good[0]?.ok);
    assert.notEqual((await inference.describe()).processId, processId);
    assert.equal((await inference.embedTexts(['square'])).length, inference.model.manifest.embeddingSize);
  });
});
