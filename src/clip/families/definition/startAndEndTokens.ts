import path from 'node:path';
import * as z from 'zod';
import { parseJson } from '../../../base/parseJson.ts';
import { readRegularText } from '../../../base/regularFile.ts';
import { schemaProblems } from '../../../base/schemaProblems.ts';
import { UserError, messageOf } from '../../../base/userError.ts';
import { LARGEST_TOKENIZER } from '../../base/readJson.ts';
import type { TokenSettings } from './family.ts';

const START = '<|startoftext|>';
const END = '<|endoftext|>';

const tokenizerSchema = z.object({
  added_tokens: z.array(z.object({ id: z.int().nonnegative(), content: z.string() })).default([]),
  model: z.object({ vocab: z.record(z.string(), z.int().nonnegative()) }),
});

/**
 * The ids of the start and end token in a tokenizer.json with the vocabulary of CLIP. For text encoders with a causal
 * mask, whose embeddings do not depend on the padding.
 * @param vocabularySize rows of the text encoder's token table
 * @throws UserError where there is no tokenizer.json, or it does not fit the text encoder
 */
export async function readStartAndEndTokens(file: string, vocabularySize: number): Promise<TokenSettings> {
  const text = await readRegularText(file, LARGEST_TOKENIZER).catch((error: unknown) => {
    throw new UserError(
      `The checkpoint in ${path.dirname(file)} has no readable tokenizer.json (${messageOf(error)}). Download the file from the source of the weights. ` +
        'Checkpoints with the vocabulary of OpenAI (49408 tokens) can use the tokenizer.json of openai/clip-vit-base-patch32.',
    );
  });
  let json: unknown;
  try {
    json = parseJson(text);
  } catch (error) {
    throw new UserError(`${file} is damaged (${messageOf(error)}). Download it again.`);
  }
  const parsed = tokenizerSchema.safeParse(json);
  if (!parsed.success) {
    throw new UserError([
      `${file} is not a file of Hugging Face tokenizers:`,
      ...schemaProblems(parsed.error),
      'Download it again.',
    ]);
  }
  const { added_tokens: added, model } = parsed.data;
  const idOf = (content: string): number => {
    const id = added.find((token) => token.content === content)?.id ?? model.vocab[content];
    if (id === undefined)
      throw new UserError(`${file} has no token "${content}". Use the tokenizer of this checkpoint.`);
    return id;
  };
  const ids = { startToken: idOf(START), endToken: idOf(END), padToken: idOf(END) };
  const all = [...added.map((token) => token.id), ...Object.values(model.vocab)];
  const highest = all.reduce((most, id) => Math.max(most, id), 0); // Math.max takes a limited number of arguments
  // The encoder reads its embedding at the highest id of a sequence.
  if (highest >= vocabularySize || ids.endToken !== highest) {
    throw new UserError(
      `${file} does not belong to these weights: its highest token is ${highest}, its end token is ${ids.endToken}, ` +
        `and the text encoder has ${vocabularySize} tokens. The end token must be the highest token. Use the tokenizer of this checkpoint.`,
    );
  }
  return ids;
}
