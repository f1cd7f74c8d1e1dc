import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { tokenizerOfMerges } from '../../src/clip/text/mergesFile.ts';
import { loadTokenizer } from '../../src/clip/text/tokenizer.ts';

/** The fixture of references/tokenizer.py, for which openai/CLIP and Hugging Face's tokenizers give the same ids. */
interface Expected {
  readonly contextLength: number;
  readonly startToken: number;
  readonly endToken: number;
  readonly cases: readonly (readonly [text: string, ids: readonly number[]])[];
}

const folder = new URL('fixtures/tokenizer/', import.meta.url);
const expected = JSON.parse(readFileSync(new URL('expected.json', folder), 'utf8')) as Expected;
const { contextLength, startToken, endToken, cases } = expected;
const input = { graph: '', tokenizer: 'tokenizer.json', contextLength, startToken, endToken, padToken: endToken };

describe('the token ids', () => {
  const loading = loadTokenizer(fileURLToPath(new URL('tokenizer.json', folder)), input);

  it('have references for many texts', () => {
    assert.ok(cases.length >= 200);
  });

  for (const [text, ids] of cases) {
    it(`equal the references for ${JSON.stringify(text.length > 40 ? `${text.slice(0, 40)}… (${text.length})` : text)}`, async () => {
      const { encode } = await loading;
      assert.deepEqual([...encode([text]).ids].map(Number), ids);
    });
  }

  it('equal the references in one batch, with padding after the end token', async () => {
    const { encode } = await loading;
    const { ids, shape } = encode(cases.map(([text]) => text));
    assert.deepEqual(shape, [cases.length, contextLength]);
    cases.forEach(([text, row], i) => {
      const padded = [...row, ...Array<number>(contextLength - row.length).fill(endToken)];
      assert.deepEqual([...ids.subarray(i * contextLength, (i + 1) * contextLength)].map(Number), padded, text);
    });
  });

  it('equal the references if the model has only a file of merges, as openai/CLIP and rclip do', async () => {
    const { model } = JSON.parse(readFileSync(new URL('tokenizer.json', folder), 'utf8')) as {
      readonly model: {
        readonly vocab: Readonly<Record<string, number>>;
        readonly merges: readonly (string | string[])[];
      };
    };
    const lines = model.merges.map((merge) => (typeof merge === 'string' ? merge : merge.join(' ')));
    const json = tokenizerOfMerges(gzipSync(['"version"', ...lines, ''].join('\n')), 'merges') as {
      readonly model: { readonly vocab: unknown };
    };
    assert.deepEqual(json.model.vocab, model.vocab);
    const scratch = await mkdtemp(path.join(tmpdir(), 'merges '));
    try {
      await writeFile(path.join(scratch, 'tokenizer.json'), JSON.stringify(json));
      const { encode } = await loadTokenizer(path.join(scratch, 'tokenizer.json'), input);
      for (const [text, ids] of cases) assert.deepEqual([...encode([text]).ids].map(Number), ids, text);
    } finally {
      await rm(scratch, { recursive: true });
    }
  });
});
