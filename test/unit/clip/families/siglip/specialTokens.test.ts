import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { readSpecialTokens } from '../../../../../src/clip/families/siglip/specialTokens.ts';

const gemma = {
  added_tokens: [
    { id: 0, content: '<pad>' },
    { id: 1, content: '<eos>' },
  ],
  model: { vocab: { '<pad>': 0, '<eos>': 1, dog: 2 } },
};
const t5 = {
  model: {
    vocab: [
      ['<pad>', 0],
      ['</s>', 0],
      ['▁dog', -1],
    ],
  },
};

describe('the special tokens of a SigLIP', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'assetlens-siglip-tokens-'));
  });
  afterEach(() => rm(folder, { recursive: true }));
  const write = (name: string, json: unknown): Promise<void> =>
    writeFile(path.join(folder, name), JSON.stringify(json));
  const read = () =>
    readSpecialTokens(
      { tokenizer: path.join(folder, 'tokenizer.json'), config: path.join(folder, 'tokenizer_config.json') },
      { vocabularySize: 3, contextLength: 64 },
    );

  it('are those that the tokenizer configuration names', async () => {
    const common = { startToken: null, paddedLength: 64, lowerCase: true };
    await write('tokenizer.json', gemma);
    assert.deepEqual(await read(), { ...common, endToken: 1, padToken: 0 });
    await write('tokenizer_config.json', { eos_token: { content: 'dog' }, pad_token: '<eos>' });
    assert.deepEqual(await read(), { ...common, endToken: 2, padToken: 1 });
  });

  it('are the defaults of the family without a tokenizer configuration', async () => {
    await write('tokenizer.json', t5);
    await write('tokenizer_config.json', { model_max_length: 64 });
    const { endToken, padToken } = await read();
    assert.deepEqual([endToken, padToken], [1, 1]);
  });

  it('are reported if they are missing', async () => {
    const refused = (message: RegExp) => assert.rejects(read(), { name: 'UserError', message });
    await write('spiece.model', 'bytes');
    await refused(/no tokenizer.json. Vocabularies of SentencePiece .* are not supported/);
    await write('tokenizer.json', { model: { vocab: { dog: 0 } } });
    await refused(/has no token that ends a text/);
    await write('tokenizer_config.json', { eos_token: 'dog', pad_token: '[PAD]' });
    await refused(/has no token that pads a text \("\[PAD\]"\)/);
    await write('tokenizer.json', { model: { vocab: { dog: 3 } } });
    await refused(/its highest token is 3, but the text encoder has only 3 tokens/);
    await write('tokenizer.json', { vocabulary: [] });
    await refused(/not a file of a Hugging Face tokenizer/);
  });
});
