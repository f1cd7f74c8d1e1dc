import assert from 'node:assert/strict';
import { gzipSync } from 'node:zlib';
import { tokenizerOfMerges } from '../../../../src/clip/text/mergesFile.ts';

const file = (lines: readonly string[]) => gzipSync(['#version: 0.2', ...lines].join('\n'));

describe('a list of merges', () => {
  it('gives the vocabulary of 49408 tokens of openai/CLIP from its first merges', () => {
    const lines = Array.from({ length: 262_144 }, (_, i) => `first${i} second${i}`);
    const tokenizer = tokenizerOfMerges(file(lines), 'merges') as {
      readonly added_tokens: readonly { readonly id: number; readonly content: string }[];
      readonly model: { readonly vocab: Readonly<Record<string, number>> };
    };
    assert.equal(Object.keys(tokenizer.model.vocab).length, 49408);
    assert.deepEqual(
      tokenizer.added_tokens.map(({ id, content }) => [content, id]),
      [
        ['<|startoftext|>', 49406],
        ['<|endoftext|>', 49407],
      ],
    );
  });

  it('is refused if it has another format', () => {
    assert.throws(() => tokenizerOfMerges(Buffer.from('no gzip'), 'merges.gz'), {
      name: 'UserError',
      message: /merges\.gz is damaged/,
    });
    assert.throws(
      () => tokenizerOfMerges(file(['a b', 'a b c']), 'merges.gz'),
      /not a list of byte-pair merges \(line 3\)/,
    );
  });
});
