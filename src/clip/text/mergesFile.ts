import { gunzipSync } from 'node:zlib';
import { UserError, messageOf } from '../../base/userError.ts';

const START = '<|startoftext|>';
const END = '<|endoftext|>';
const WORD_END = '</w>';
/**
 * openai/CLIP uses only the first merges of the file: 2 · 256 bytes, these merges and two special tokens are 49408
 * tokens.
 */
const MAX_MERGES = 49152 - 256 - 2;

/** Maximum size of the unpacked merges, in bytes. Those of openai/CLIP have 3 MB. */
const LARGEST = 50_000_000;

/**
 * A tokenizer.json for the vocabulary of openai/CLIP and open_clip (bpe_simple_vocab_16e6.txt.gz): a header line, then
 * a line for each merge, in order. Pieces are bytes, bytes at the end of a word, merges, and the start and the end
 * token (paper, section 2.4; byte-pair encoding over bytes as in GPT-2).
 * @throws UserError where the file is not such a vocabulary
 */
export function tokenizerOfMerges(gzipped: Uint8Array, file: string): object {
  const merges = mergesOf(gzipped, file);
  const alphabet = byteAlphabet();
  const pieces = [
    ...alphabet,
    ...alphabet.map((piece) => piece + WORD_END),
    ...merges.map((pair) => pair.join('')),
    START,
    END,
  ];
  const special = [START, END].map((content) => ({ id: pieces.indexOf(content), content, special: true }));
  return {
    version: '1.0',
    added_tokens: special,
    normalizer: {
      type: 'Sequence',
      normalizers: [
        { type: 'NFC' },
        { type: 'Replace', pattern: { Regex: '\\s+' }, content: ' ' },
        { type: 'Lowercase' },
      ],
    },
    pre_tokenizer: {
      type: 'Sequence',
      pretokenizers: [
        {
          type: 'Split',
          pattern: {
            Regex:
              "<\\|startoftext\\|>|<\\|endoftext\\|>|'s|'t|'re|'ve|'m|'ll|'d|[\\p{L}]+|[\\p{N}]|[^\\s\\p{L}\\p{N}]+",
          },
          behavior: 'Removed',
          invert: true,
        },
        { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: true },
      ],
    },
    post_processor: null,
    decoder: null,
    model: {
      type: 'BPE',
      unk_token: END,
      end_of_word_suffix: WORD_END,
      vocab: Object.fromEntries(pieces.map((piece, id) => [piece, id])),
      merges,
    },
  };
}

function mergesOf(gzipped: Uint8Array, file: string): [string, string][] {
  let text: string;
  try {
    text = gunzipSync(gzipped, { maxOutputLength: LARGEST }).toString('utf8');
  } catch (error) {
    throw new UserError(`${file} is damaged (${messageOf(error)}). Download it again.`);
  }
  const lines = text.split('\n').slice(1, MAX_MERGES + 1);
  return lines
    .map((line, index) => ({ line, number: index + 2 }))
    .filter(({ line }) => line !== '')
    .map(({ line, number }) => {
      const [first = '', second = '', ...rest] = line.split(' ');
      if (first !== '' && second !== '' && rest.length === 0) return [first, second];
      throw new UserError(`${file} is not a list of byte-pair merges (line ${number}). Download it again.`);
    });
}

/**
 * A printable character for each byte: the byte itself if printable, otherwise a character from 256 on. Printable bytes
 * come first.
 */
function byteAlphabet(): string[] {
  const isPrintable = (byte: number): boolean =>
    (byte >= 33 && byte <= 126) || (byte >= 161 && byte <= 172) || byte >= 174;
  const bytes = Array.from({ length: 256 }, (_, byte) => byte);
  const printable = bytes.filter(isPrintable);
  const others = bytes.filter((byte) => !isPrintable(byte)).map((_, at) => 256 + at);
  return [...printable, ...others].map((code) => String.fromCharCode(code));
}
