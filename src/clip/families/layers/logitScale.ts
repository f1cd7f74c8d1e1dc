import type { Parameters } from './parameters.ts';

/** Takes the scale of the logits, which is learned as its logarithm (paper, section 2.3). */
export function takeLogitScale(
  parameters: Parameters,
  shape: readonly [] | readonly [1] = [],
): () => Promise<{ readonly logitScale: number }> {
  const logarithm = parameters.take('logit_scale', shape);
  return async () => {
    const [value = NaN] = await logarithm.read();
    return { logitScale: Math.exp(value) };
  };
}
