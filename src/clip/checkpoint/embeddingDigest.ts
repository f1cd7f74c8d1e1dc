import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readRegularFile } from '../../base/regularFile.ts';
import { LARGEST_TOKENIZER } from '../base/readJson.ts';
import type { TokenSettings } from '../families/index.ts';
import type { Checkpoint } from './checkpoint.ts';

export interface DigestOptions {
  /** EMBEDDING_VERSION, as a parameter for tests. */
  readonly version: number;
  readonly tokenizerFile: string;
  readonly tokenSettings: TokenSettings;
  /** Called with the number of bytes of each piece of weights. */
  readonly onRead?: (bytes: number) => void;
  readonly signal?: AbortSignal | undefined;
}

/**
 * A digest of everything that an embedding depends on: weights, architecture, pre-processing, tokenizer and
 * EMBEDDING_VERSION.
 * @returns SHA-256 in hex
 */
export async function embeddingDigest(
  { architecture, preprocessing, weightFiles }: Pick<Checkpoint, 'architecture' | 'preprocessing' | 'weightFiles'>,
  { version, tokenizerFile, tokenSettings, onRead, signal }: DigestOptions,
): Promise<string> {
  const hash = createHash('sha256');
  for (const file of weightFiles) {
    for await (const chunk of createReadStream(file, { highWaterMark: 1 << 20 }) as AsyncIterable<Buffer>) {
      signal?.throwIfAborted();
      hash.update(chunk);
      onRead?.(chunk.byteLength);
    }
  }
  hash.update(JSON.stringify({ version, config: architecture.config, preprocessing }));
  hash.update(await readRegularFile(tokenizerFile, LARGEST_TOKENIZER));
  // If padding changes an embedding, the digest includes settings that the tokenizer's file does not contain.
  if (tokenSettings.paddedLength !== undefined) hash.update(JSON.stringify(tokenSettings));
  return hash.digest('hex');
}
