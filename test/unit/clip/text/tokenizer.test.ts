import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { UserError } from '../../../../src/base/userError.ts';
import type { TextInput } from '../../../../src/clip/base/manifest.ts';
import { loadTokenizer } from '../../../../src/clip/text/tokenizer.ts';

const small = path.join(import.meta.dirname, '../../../parity/fixtures/tokenizer/tokenizer.json');
const bundled = path.join(import.meta.dirname, '../../../../models/assetlens-icons/tokenizer.json');

interface TokenizerFile {
  readonly added_tokens: readonly { readonly id: number; readonly content: string }[];
  readonly post_processor: unknown;
}

function inputOf(file: string, contextLength: number): TextInput {
  const json = JSON.parse(readFileSync(file, 'utf8')) as TokenizerFile;
  const id = (content: string): number => json.added_tokens.find((token) => token.content === content)?.id ?? -1;
  const endToken = id('<|endoftext|>');
  return { graph: '', tokenizer: file, contextLength, startToken: id('<|startoftext|>'), endToken, padToken: endToken };
}

describe('a tokenizer', () => {
  let folder = '';
  before(() => {
    folder = mkdtempSync(path.join(os.tmpdir(), 'assetlens-tokenizer-'));
  });
  after(() => {
    rmSync(folder, { recursive: true });
  });
  const written = (content: string): string => {
    const file = path.join(folder, 'tokenizer.json');
    writeFileSync(file, content);
    return file;
  };

  // The bundled vocabulary changes with each training, so these tests must pass for any vocabulary.
  for (const [name, file] of [
    ['the small vocabulary', small],
    ['the bundled vocabulary', bundled],
  ] as const) {
    describe(`with ${name}`, () => {
      const input = inputOf(file, 16);
      const ids = async (texts: readonly string[], changed: Partial<TextInput> = {}): Promise<number[][]> => {
        const { encode } = await loadTokenizer(file, { ...input, ...changed });
        const tokens = encode(texts);
        const [count, length] = tokens.shape;
        assert.equal(tokens.ids.length, count * length);
        return Array.from({ length: count }, (_, i) =>
          [...tokens.ids.subarray(i * length, (i + 1) * length)].map(Number),
        );
      };

      it('puts one start token before a text, and one end token after it', async () => {
        const [row = []] = await ids(['a dog']);
        assert.equal(row[0], input.startToken);
        assert.equal(row.at(-1), input.endToken);
        assert.equal(row.filter((id) => id === input.startToken || id === input.endToken).length, 2);
      });

      it('encodes an empty text as the start and the end token', async () => {
        assert.deepEqual(await ids(['', ' \n\t']), [
          [input.startToken, input.endToken],
          [input.startToken, input.endToken],
        ]);
      });

      it('returns no rows for no texts', async () => {
        assert.deepEqual(await ids([]), []);
      });

      it('pads to the longest text of the batch with the padding token', async () => {
        const [short = [], long = []] = await ids(['dog', 'a dog and a cat'], { padToken: 0 });
        assert.equal(short.length, long.length);
        const end = short.indexOf(input.endToken);
        assert.ok(short.slice(end + 1).every((id) => id === 0));
        assert.deepEqual([short.slice(0, end + 1)], await ids(['dog']));
      });

      it('truncates a long text, and keeps its end token', async () => {
        const [row = []] = await ids(['dog '.repeat(50)]);
        const [once = []] = await ids(['dog'], { contextLength: 77 });
        assert.equal(row.length, 16);
        assert.equal(row.at(-1), input.endToken);
        assert.deepEqual(row.slice(0, 1 + once.length - 2), once.slice(0, -1));
      });

      it('truncates a text of a million characters in the same way', async () => {
        assert.deepEqual(await ids(['dog '.repeat(250_000)]), await ids(['dog '.repeat(50)]));
        assert.deepEqual(await ids([`${' '.repeat(1_000_000)}dog`]), await ids(['dog']));
      });

      it('treats special tokens in the text of a user as ordinary text', async () => {
        const typed = [
          '<|endoftext|>',
          'a <|startoftext|> b',
          '<|ENDOFTEXT|>',
          '&lt;|endoftext|&gt;',
          '<|endof<|endoftext|>text|>',
        ];
        for (const row of await ids(typed, { contextLength: 77, padToken: 0 })) {
          const inner = row.slice(1, row.lastIndexOf(input.endToken));
          assert.ok(inner.length > 2);
          assert.ok(inner.every((id) => id !== input.startToken && id !== input.endToken));
        }
      });

      it('does not end a text at a script that the vocabulary does not have', async () => {
        const scripts = ['猫', '😀', 'Σ', 'собака', 'नमस्ते', '\0', '\u0378', '👨‍👩‍👧', 'ÿ'];
        for (const row of await ids(scripts, { contextLength: 77, padToken: 0 })) {
          assert.ok(row.indexOf(input.endToken) > 1);
          assert.equal(row.indexOf(input.endToken), row.lastIndexOf(input.endToken));
        }
      });

      it('ignores case, surrounding and repeated white space, and HTML escapes', async () => {
        const [plain, ...others] = await ids([
          'a "dog" & cat',
          ' A  "DOG"\n&\tCat ',
          'a &quot;dog&quot; &amp; cat',
          'a &amp;quot;dog&#34; &amp;amp; cat',
        ]);
        for (const other of others) assert.deepEqual(other, plain);
      });
    });
  }

  it('adds start and end tokens once, even if the file has a post-processor', async () => {
    const { post_processor } = JSON.parse(readFileSync(small, 'utf8')) as TokenizerFile;
    assert.notEqual(post_processor, null);
    const input = inputOf(small, 77);
    const { encode } = await loadTokenizer(small, input);
    const without = written(
      JSON.stringify({ ...(JSON.parse(readFileSync(small, 'utf8')) as object), post_processor: null }),
    );
    const bare = await loadTokenizer(without, input);
    assert.deepEqual(encode(['a dog']), bare.encode(['a dog']));
  });

  it('reports which file is missing', async () => {
    const missing = path.join(folder, 'none.json');
    await assert.rejects(loadTokenizer(missing, inputOf(small, 77)), (error) => {
      assert.ok(error instanceof UserError);
      assert.ok(error.message.includes(missing));
      return true;
    });
  });

  for (const [what, content] of [
    ['cut short', () => readFileSync(small, 'utf8').slice(0, 1000)],
    ['empty', () => ''],
    ['of another kind', () => '{"version":"1.0","added_tokens":[],"model":{"type":"Unigram","vocab":[]}}'],
    ['no object', () => '[]'],
    ['of an unknown normaliser', () => readFileSync(small, 'utf8').replace('"NFC"', '"NFQ"')],
  ] as const) {
    it(`reports that a file is ${what}`, async () => {
      const file = written(content());
      await assert.rejects(loadTokenizer(file, inputOf(small, 77)), (error) => {
        assert.ok(error instanceof UserError);
        assert.ok(error.message.includes(file));
        assert.match(error.message, /again/);
        return true;
      });
    });
  }

  it('reports that a vocabulary has no token for a text', async () => {
    const json = JSON.parse(readFileSync(small, 'utf8')) as { model: object };
    const file = written(JSON.stringify({ ...json, model: { ...json.model, vocab: {}, merges: [] } }));
    const { encode } = await loadTokenizer(file, inputOf(small, 16));
    assert.throws(() => encode(['dog']), { name: 'UserError', message: /has no token for a part of a text/ });
  });

  it('stops a pattern that takes for ever', async () => {
    const json = JSON.parse(readFileSync(small, 'utf8')) as object;
    const split = { type: 'Split', pattern: { Regex: '(a+)+$' }, behavior: 'Removed', invert: true };
    const file = written(JSON.stringify({ ...json, pre_tokenizer: split }));
    const { encode } = await loadTokenizer(file, inputOf(small, 16));
    assert.throws(() => encode([`${'a'.repeat(60)}!`]), { name: 'UserError', message: /takes too long/ });
  });

  it('reports that a vocabulary belongs to another model', async () => {
    await assert.rejects(
      loadTokenizer(small, { ...inputOf(small, 77), endToken: 49407 }),
      /another model: it has no token 49407/,
    );
  });
});
