import { readdir } from 'node:fs/promises';
import path from 'node:path';
import * as z from 'zod';
import { schemaProblems } from '../../../base/schemaProblems.ts';
import { UserError } from '../../../base/userError.ts';
import { LARGEST_TOKENIZER, readJson } from '../../base/readJson.ts';
import type { TextSizes, TokenizerFiles, TokenSettings } from '../definition/family.ts';

const token = z.union([z.string(), z.object({ content: z.string() }).transform(({ content }) => content)]);
const configSchema = z.object({ eos_token: token.nullish(), pad_token: token.nullish() });
const tokenizerSchema = z.object({
  added_tokens: z.array(z.object({ id: z.int().nonnegative(), content: z.string() })).default([]),
  model: z.object({
    vocab: z.union([z.record(z.string(), z.int().nonnegative()), z.array(z.tuple([z.string(), z.number()]))]),
  }),
});

/** Defaults of Gemma's tokenizer (SigLIP 2), and of T5's tokenizer (SigLIP), which pads with the end token. */
const knownTokenizers = [
  { end: '<eos>', pad: '<pad>' },
  { end: '</s>', pad: '</s>' },
];

/**
 * The ids of the tokens that end and pad a text. SigLIP is trained on texts in lower case, without a start token,
 * padded to one length.
 * @param files the tokenizer_config.json names the tokens; without it the defaults of the tokenizer apply
 * @throws UserError where there is no tokenizer.json, it has no such tokens, or it does not fit the text encoder
 */
export async function readSpecialTokens(
  { tokenizer: file, config: configFile }: TokenizerFiles,
  { vocabularySize, contextLength }: TextSizes,
): Promise<TokenSettings> {
  const folder = path.dirname(file);
  if (!(await isInFolder(file))) {
    throw new UserError(
      `${folder} has no ${path.basename(file)}. Vocabularies of SentencePiece (.model) are not supported. Download the file from the source of the weights, ` +
        'or create it in Python: transformers.AutoTokenizer.from_pretrained(folder).save_pretrained(folder).',
    );
  }
  const { added_tokens: added, model } = parse(tokenizerSchema, await readJson(file, LARGEST_TOKENIZER), file);
  const ids = new Map(
    Array.isArray(model.vocab) ? model.vocab.map(([piece], id) => [piece, id]) : Object.entries(model.vocab),
  );
  for (const { content, id } of added) ids.set(content, id);
  const highest = [...ids.values()].reduce((most, id) => Math.max(most, id), 0);
  if (highest >= vocabularySize) {
    throw new UserError(
      `${file} does not belong to these weights: its highest token is ${highest}, but the text encoder has only ${vocabularySize} tokens. Use the tokenizer of this model.`,
    );
  }
  const config = configFile && (await isInFolder(configFile)) ? await readConfig(configFile) : {};
  const defaults = knownTokenizers.find(({ end }) => ids.has(end));
  const idOf = (purpose: string, name: string | null | undefined): number => {
    const id = name === null || name === undefined ? undefined : ids.get(name);
    if (id !== undefined) return id;
    throw new UserError(
      `${file} has no token that ${purpose} a text${name ? ` ("${name}")` : ''}. Use the tokenizer of this model.`,
    );
  };
  return {
    startToken: null,
    endToken: idOf('ends', config.eos_token ?? defaults?.end),
    padToken: idOf('pads', config.pad_token ?? defaults?.pad),
    paddedLength: contextLength,
    lowerCase: true,
  };
}

async function isInFolder(file: string): Promise<boolean> {
  return (await readdir(path.dirname(file))).includes(path.basename(file));
}

async function readConfig(file: string): Promise<z.infer<typeof configSchema>> {
  return parse(configSchema, await readJson(file), file);
}

function parse<T>(schema: z.ZodType<T>, json: unknown, file: string): T {
  const parsed = schema.safeParse(json);
  if (parsed.success) return parsed.data;
  throw new UserError([
    `${file} is not a file of a Hugging Face tokenizer:`,
    ...schemaProblems(parsed.error),
    'Download it again.',
  ]);
}
