import vm from 'node:vm';
import * as tokenizers from '@huggingface/tokenizers';
import { decodeHTML } from 'entities';
import * as z from 'zod';
import { parseJson } from '../../base/parseJson.ts';
import { readRegularText } from '../../base/regularFile.ts';
import { schemaProblems } from '../../base/schemaProblems.ts';
import { UserError, messageOf } from '../../base/userError.ts';
import { LARGEST_TOKENIZER } from '../base/readJson.ts';
import type { TextInput } from '../base/manifest.ts';

/** Token ids of a batch of texts, ready to be the input of a text encoder. */
export interface Tokens {
  /** [count, length], row-major. */
  readonly ids: BigInt64Array;
  readonly shape: readonly [count: number, length: number];
}

export interface Tokenizer {
  /**
   * Pieces of each text between a start token, where the model has one, and an end token (paper, section 2.4). Texts
   * are padded to the longest text of the batch, or to the length that the model requires. A text that exceeds the
   * context length loses its last tokens, but not its end token.
   */
  readonly encode: (texts: readonly string[]) => Tokens;
  /** Counts the pieces of a text, without the start and the end token. */
  readonly countPieces: (text: string) => number;
}

/** Maximum time to encode a batch of texts, in milliseconds. Usual batches take less than 10. */
const LONGEST_ENCODING = 10_000;

/** The part of the library that is used. Its declarations do not resolve under Node's module rules. */
interface BytePairTokenizer {
  readonly encode: (text: string) => { readonly ids: readonly number[] };
}
const BytePairTokenizer = tokenizers.Tokenizer as new (file: object, config: object) => BytePairTokenizer;

/** The fields of a tokenizer.json that are read or changed. All others are passed on unchanged. */
const tokenizerFile = z.looseObject({
  added_tokens: z.array(z.looseObject({ id: z.int(), content: z.string(), special: z.boolean().default(false) })),
  model: z.discriminatedUnion('type', [
    z.looseObject({
      type: z.literal('BPE'),
      vocab: z.record(z.string(), z.int().nonnegative()),
      merges: z.array(z.union([z.string(), z.tuple([z.string(), z.string()])])),
      end_of_word_suffix: z.string().nullish(),
    }),
    /** Pieces with the logarithms of their frequencies, by id. */
    z.looseObject({ type: z.literal('Unigram'), vocab: z.array(z.tuple([z.string(), z.number()])).min(1) }),
  ]),
});
type TokenizerFile = z.infer<typeof tokenizerFile>;

/**
 * Loads the vocabulary of a tokenizer.json.
 * @throws UserError where the file cannot be read, is damaged, or is not a supported vocabulary
 */
export async function loadTokenizer(file: string, input: TextInput): Promise<Tokenizer> {
  const text = await readRegularText(file, LARGEST_TOKENIZER).catch((error: unknown) => {
    throw new UserError(
      `The tokenizer ${file} cannot be read (${messageOf(error)}). Install or convert the model again.`,
    );
  });
  const json = parseTokenizer(text, file);
  checkSpecialTokens(json, input, file);
  const pieces = buildTokenizer(json, file);
  // Number of characters that contain enough tokens, whatever their length. Longer texts are cut, because they could
  // take minutes.
  const longestPiece = piecesOf(json).reduce((longest, { length }) => Math.max(longest, length), 0);
  const { contextLength, startToken, endToken, padToken, paddedLength = 0, lowerCase = false } = input;
  const maxCharacters = contextLength * (longestPiece + 1);
  const start = startToken === null ? [] : [startToken];
  const idsOf = (prompt: string): number[] => {
    const clean = cleanText(prompt).slice(0, maxCharacters);
    const { ids } = pieces.encode(lowerCase ? clean.toLowerCase() : clean);
    if (!ids.every(Number.isSafeInteger)) {
      throw new UserError(
        `The tokenizer ${file} has no token for a part of a text, and no token for unknown parts. Install or convert the model again.`,
      );
    }
    return [...start, ...ids.slice(0, contextLength - start.length - 1), endToken];
  };
  const timeLimited = timeLimit(file);
  return {
    encode: (texts) =>
      padRows(
        timeLimited(() => texts.map(idsOf)),
        padToken,
        paddedLength,
      ),
    countPieces: (text) => timeLimited(() => idsOf(text)).length - start.length - 1,
  };
}

/**
 * Returns a function that calls functions which match the patterns of a tokenizer. A pattern of a stranger may take for
 * ever; `vm` is the only way to stop a regular expression. The function throws a UserError if a call takes too long.
 */
function timeLimit(file: string): <T>(encode: () => T) => T {
  const sandbox = vm.createContext({ run: (): void => undefined });
  const script = new vm.Script('run()');
  return (encode) => {
    let result: { readonly value: ReturnType<typeof encode> } | undefined;
    sandbox['run'] = () => {
      result = { value: encode() };
    };
    try {
      script.runInContext(sandbox, { timeout: LONGEST_ENCODING });
    } catch (error) {
      if (!isTimeout(error)) throw error;
      throw new UserError(`The tokenizer ${file} takes too long to read a text. Install or convert the model again.`);
    }
    if (!result) throw new Error('The texts were not encoded.');
    return result.value;
  };
}

/** The error comes from the context, so it is no instance of this context's Error. */
function isTimeout(error: unknown): boolean {
  return (
    typeof error === 'object' && error !== null && 'code' in error && error.code === 'ERR_SCRIPT_EXECUTION_TIMEOUT'
  );
}

/**
 * Cleans a text as the paper's own code does: HTML entities, also those escaped twice, and white space, which some
 * tokenizers would turn into pieces. The normaliser in CLIP's tokenizer.json converts to lower case.
 */
function cleanText(text: string): string {
  const oneSpaced = decodeHTML(decodeHTML(text)).replace(/\p{White_Space}+/gu, ' ');
  return oneSpaced.trim();
}

function piecesOf({ model }: TokenizerFile): string[] {
  return model.type === 'Unigram' ? model.vocab.map(([piece]) => piece) : Object.keys(model.vocab);
}

function knownIds({ model, added_tokens }: TokenizerFile): Set<number> {
  const ids = model.type === 'Unigram' ? model.vocab.keys() : Object.values(model.vocab);
  return new Set([...ids, ...added_tokens.map(({ id }) => id)]);
}

function parseTokenizer(text: string, file: string): TokenizerFile {
  let json: unknown;
  try {
    json = parseJson(text);
  } catch (error) {
    throw new UserError(`The tokenizer ${file} is damaged (${messageOf(error)}). Install or convert the model again.`);
  }
  const parsed = tokenizerFile.safeParse(json);
  if (parsed.success) return parsed.data;
  throw new UserError([
    `${file} is not the tokenizer of a supported text encoder:`,
    ...schemaProblems(parsed.error),
    'Install or convert the model again.',
  ]);
}

function checkSpecialTokens(json: TokenizerFile, input: TextInput, file: string): void {
  const known = knownIds(json);
  for (const id of [input.startToken, input.endToken, input.padToken]) {
    // OpenAI pads with 0 and Hugging Face with the end token. Both are in the vocabulary.
    if (id !== null && !known.has(id)) {
      throw new UserError(
        `${file} belongs to another model: it has no token ${id}. Install or convert the model again.`,
      );
    }
  }
}

/**
 * The tokenizer without parts that add ids: "<|endoftext|>" in a text of the user is ordinary text, and only the caller
 * adds start and end tokens, whether or not the file has a post-processor.
 */
function buildTokenizer(json: TokenizerFile, file: string): BytePairTokenizer {
  const { model, added_tokens } = json;
  const plain = {
    normalizer: null,
    pre_tokenizer: null,
    decoder: null,
    ...json,
    added_tokens: added_tokens.filter(({ special }) => !special),
    post_processor: null,
    model:
      model.type === 'BPE' ? { ...model, vocab: withWordEnds(model.vocab, model.end_of_word_suffix ?? '') } : model,
  };
  try {
    return new BytePairTokenizer(plain, {});
  } catch (error) {
    throw new UserError(
      `The tokenizer ${file} cannot be used (${messageOf(error)}). Install or convert the model again.`,
    );
  }
}

/**
 * Adds the bytes that a vocabulary does not have as the end of a word ("X</w>"), because it was trained on few scripts.
 * They would become the unknown token, which is the end token and ends the text early. They get the id of the same byte
 * within a word.
 */
function withWordEnds(vocab: Readonly<Record<string, number>>, suffix: string): Readonly<Record<string, number>> {
  if (suffix === '') return vocab;
  const complete = { ...vocab };
  for (const [piece, id] of Object.entries(vocab)) {
    // Each character of the byte alphabet is one UTF-16 unit.
    if (piece.length === 1) complete[piece + suffix] ??= id;
  }
  return complete;
}

/** Pads to the longest row, and at least to `minLength` tokens. */
function padRows(rows: readonly (readonly number[])[], pad: number, minLength: number): Tokens {
  const length = rows.reduce((longest, row) => Math.max(longest, row.length), minLength);
  const ids = new BigInt64Array(rows.length * length).fill(BigInt(pad));
  rows.forEach((row, i) => {
    ids.set(row.map(BigInt), i * length);
  });
  return { ids, shape: [rows.length, length] };
}
