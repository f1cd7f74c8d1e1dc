import { readBytes } from './readBytes.ts';
import type { StoredTensor } from './safetensors.ts';

/**
 * Reads an int8 weight as float32: w[o, …] = q[o, …] · scales[o], symmetric and by output.
 * @param tensor I8 [outputs, …]
 * @param scales [outputs]
 * @throws UserError where the file changed since its header was read
 */
export async function readQuantised(tensor: StoredTensor, scales: Float32Array): Promise<Float32Array> {
  const integers = new Int8Array(await readBytes(tensor));
  const values = new Float32Array(integers.length);
  const size = integers.length / scales.length;
  for (const [output, scale] of scales.entries()) {
    for (let at = output * size; at < (output + 1) * size; at++) values[at] = (integers[at] ?? 0) * scale;
  }
  return values;
}
