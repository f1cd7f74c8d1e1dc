import type { ImageSource } from '../../images/types.ts';
import type { Inference } from './client.ts';

const DRAWING: ImageSource = {
  kind: 'bytes',
  name: 'drawing',
  bytes: Buffer.from(
    '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><circle cx="4" cy="4" r="3"/></svg>',
  ),
};

/** The reason why a model does not work on this machine. */
export interface ModelProblem {
  /** Reason for the user; null if its embeddings are not finite numbers. */
  readonly reason: string | null;
}

/**
 * Embeds a text and an image. Use a separate inference, because a graph that cannot run may end its process.
 * @returns undefined if the model works
 * @throws UserError if it cannot be loaded, or ends its process
 */
export async function findModelProblem(
  inference: Pick<Inference, 'embedTexts' | 'embedImages'>,
  signal?: AbortSignal,
): Promise<ModelProblem | undefined> {
  const texts = await inference.embedTexts(['a picture'], signal);
  const [image] = await inference.embedImages([DRAWING], signal);
  if (!image?.ok) return { reason: image?.reason ?? null };
  return [...texts, ...image.embedding].every(Number.isFinite) ? undefined : { reason: null };
}
