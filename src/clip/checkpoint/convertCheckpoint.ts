import type { ModelFolder } from '../base/manifest.ts';
import type { ConvertOptions } from './convert.ts';

/**
 * Like `convertCheckpoint` of convert.ts, which the first use loads: the converter and the model families are half of
 * the code of CLIP, and the extension host should not be blocked by code that it seldom uses.
 */
export async function convertCheckpoint(
  checkpoint: string,
  out: string,
  options: ConvertOptions,
): Promise<ModelFolder> {
  const converter = await import('./convert.ts');
  return converter.convertCheckpoint(checkpoint, out, options);
}
