import type { ImageSource } from '../../images/types.ts';
import type { Inference } from './client.ts';

const drawing = (shape: string): ImageSource => ({
  kind: 'bytes',
  name: 'drawing',
  bytes: Buffer.from(`<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9">${shape}</svg>`),
});
const DRAWINGS = [drawing('<circle cx="4" cy="4" r="3"/>'), drawing('<path d="M0 0h9v2H0z" fill="red"/>')];
const TEXTS = ['a picture', 'two red cars on a road'];

/** The reason why a model does not work on this machine. */
export type ModelProblem =
  /** An image cannot be embedded, for the reason in words for the user. */
  | { readonly kind: 'failed'; readonly reason: string }
  /** Its embeddings are not finite numbers, or all zero. */
  | { readonly kind: 'invalid' }
  /** All images, or all texts, have the same embedding. */
  | { readonly kind: 'constant' };

/**
 * Embeds two texts and two images. Use a separate inference, because a graph that cannot run may end its process.
 * @returns undefined if the model works
 * @throws UserError if it cannot be loaded, or ends its process
 */
export async function findModelProblem(
  inference: Pick<Inference, 'embedTexts' | 'embedImages'>,
  signal?: AbortSignal,
): Promise<ModelProblem | undefined> {
  const texts = await inference.embedTexts(TEXTS, signal);
  const size = texts.length / TEXTS.length;
  const images: Float32Array[] = [];
  for (const outcome of await inference.embedImages(DRAWINGS, signal)) {
    if (!outcome.ok) return { kind: 'failed', reason: outcome.reason };
    images.push(outcome.embedding);
  }
  const pairs = [[texts.subarray(0, size), texts.subarray(size)] as const, [images[0], images[1]] as const];
  for (const [first, second] of pairs) {
    if (!first || !second || !isEmbedding(first) || !isEmbedding(second)) return { kind: 'invalid' };
    if (first.every((value, i) => value === second[i])) return { kind: 'constant' };
  }
  return undefined;
}

function isEmbedding(values: Float32Array): boolean {
  return values.every(Number.isFinite) && values.some((value) => value !== 0);
}
