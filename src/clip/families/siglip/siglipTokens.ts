import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { UserError } from '../../../base/userError.ts';
import type { TextInput } from '../../base/manifest.ts';
import { readJson } from '../../checkpoint/readJson.ts';

const TOKENIZER = 'tokenizer.json';
const CONFIG = 'tokenizer_config.json';
const token = z.union([z.string(), z.object({ content: z.string() }).transform(({ content }) => content)]);
const named = z.object({ eos_token: token.nullish(), pad_token: token.nullish() });
const tokenizerSchema = z.object({
  added_tokens: z.array(z.object({ id: z.int().nonnegative(), content: z.string() })).default([]),
  model: z.object({
    vocab: z.union([z.record(z.string(), z.int().nonnegative()), z.array(z.tuple([z.string(), z.number()]))]),
  }),
});

/** Gemma's tokenizer, which is SigLIP2's, and T5's, which is SigLIP's and pads with the end token. */
const families = [
  { end: '<eos>', pad: '<pad>' },
  { end: '</s>', pad: '</s>' },
];

/** How SigLIP was trained: texts in lower case, without a start token, with an end token, padded to one length. */
export type SiglipTokens = Pick<TextInput, 'startToken' | 'endToken' | 'padToken' | 'paddedLength' | 'lowerCase'>;

/**
 * The ids of the tokens that end and pad a text.
 * @param folder with a tokenizer.json and the tokenizer_config.json that names them; without that the family of the tokenizer does
 * @param vocabularySize rows of the text encoder's table
 * @throws UserError where there is no tokenizer.json, or it has no such tokens, or does not fit the text encoder
 */
export async function readSiglipTokens(
  folder: string,
  vocabularySize: number,
  contextLength: number,
): Promise<SiglipTokens> {
  const files = await readdir(folder);
  if (!files.includes(TOKENIZER)) {
    throw new UserError(
      `${folder} has no ${TOKENIZER}; the vocabularies of SentencePiece (.model) are not read. Download it from where the weights came from, ` +
        'or save it beside them in Python: transformers.AutoTokenizer.from_pretrained(folder).save_pretrained(folder).',
    );
  }
  const tokenizer = path.join(folder, TOKENIZER);
  const { added_tokens: added, model } = parse(tokenizerSchema, await readJson(tokenizer), tokenizer);
  const ids = new Map(
    Array.isArray(model.vocab) ? model.vocab.map(([piece], id) => [piece, id]) : Object.entries(model.vocab),
  );
  for (const { content, id } of added) ids.set(content, id);
  const highest = [...ids.values()].reduce((most, id) => Math.max(most, id), 0);
  if (highest >= vocabularySize) {
    throw new UserError(
      `${tokenizer} does not belong to these weights: its highest token is ${highest}, and the text encoder has ${vocabularySize} tokens. Use the tokenizer of this model.`,
    );
  }
  const config = path.join(folder, CONFIG);
  const said = files.includes(CONFIG) ? parse(named, await readJson(config), config) : {};
  const family = families.find(({ end }) => ids.has(end));
  const idOf = (what: string, name: string | null | undefined): number => {
    const id = name === null || name === undefined ? undefined : ids.get(name);
    if (id !== undefined) return id;
    throw new UserError(
      `${tokenizer} has no token that ${what} a text${name ? ` ("${name}")` : ''}. Use the tokenizer of this model.`,
    );
  };
  return {
    startToken: null,
    endToken: idOf('ends', said.eos_token ?? family?.end),
    padToken: idOf('pads', said.pad_token ?? family?.pad),
    paddedLength: contextLength,
    lowerCase: true,
  };
}

function parse<T>(schema: z.ZodType<T>, json: unknown, file: string): T {
  const parsed = schema.safeParse(json);
  if (parsed.success) return parsed.data;
  throw new UserError(
    `${file} is not of a tokenizer of Hugging Face:\n${z.prettifyError(parsed.error)}\nDownload it again.`,
  );
}
