import path from 'node:path';
import { shared } from '../../base/shared.ts';
import type { ModelFolder } from '../base/manifest.ts';
import { encodeTokens } from './encoders/encode.ts';
import type { LazySession } from './encoders/sessions.ts';
import { loadTokenizer } from '../text/tokenizer.ts';

const BATCH_SIZE = 32;

export interface TextEmbedder {
  /** Embeds texts: [texts, embeddingSize] row-major, unit rows. */
  embed(texts: readonly string[], signal: AbortSignal): Promise<Float32Array>;
  /** Counts the pieces of the vocabulary that each text consists of. */
  countPieces(texts: readonly string[]): Promise<Uint32Array>;
}

/**
 * The text encoder behind its tokenizer. Texts of similar length share a batch, because a batch costs as much as its
 * longest text.
 * @param onProgress called after each batch
 */
export function textEmbedder(
  session: LazySession,
  { folder, manifest }: ModelFolder,
  onProgress: () => void,
): TextEmbedder {
  const { text, embeddingSize } = manifest;
  const tokenizer = shared(() => loadTokenizer(path.join(folder, text.tokenizer), text));
  const embed = async (texts: readonly string[], signal: AbortSignal): Promise<Float32Array> => {
    const { encode } = await tokenizer.get();
    const order = texts.map((_, i) => i).sort((a, b) => (texts[a] ?? '').length - (texts[b] ?? '').length);
    const embeddings = new Float32Array(texts.length * embeddingSize);
    for (let start = 0; start < order.length; start += BATCH_SIZE) {
      signal.throwIfAborted();
      const batch = order.slice(start, start + BATCH_SIZE);
      const rows = await encodeTokens(session, encode(batch.map((i) => texts[i] ?? '')), manifest);
      batch.forEach((i, row) => {
        embeddings.set(rows.subarray(row * embeddingSize, (row + 1) * embeddingSize), i * embeddingSize);
      });
      onProgress();
    }
    return embeddings;
  };
  const countPieces = async (texts: readonly string[]): Promise<Uint32Array> => {
    const { countPieces: count } = await tokenizer.get();
    return Uint32Array.from(texts, (written) => count(written));
  };
  return { embed, countPieces };
}
