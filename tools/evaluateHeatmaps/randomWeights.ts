import { cp, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { float16Bits } from '../../src/base/float16.ts';
import { readSafetensorsHeader, type StoredTensor } from '../../src/clip/checkpoint/safetensors.ts';
import { randomValues } from '../shared/random.ts';

const WEIGHTS = 'open_clip_model.safetensors';

/**
 * Writes a checkpoint of the same architecture whose image encoder is not trained: its weights are random with the
 * standard deviation of an initialisation (He et al., 1502.01852), and its normalisations are identities. The text
 * encoder stays the same, because random text embeddings would be almost equal for all prompts.
 * @param draw selects the random weights
 */
export async function randomCheckpoint(from: string, to: string, draw: number): Promise<void> {
  await cp(from, to, { recursive: true });
  const file = path.join(to, WEIGHTS);
  const bytes = await readFile(file);
  let seed = 1000 * draw;
  for (const tensor of (await readSafetensorsHeader(file)).values()) {
    const values = randomTensor(tensor, seed++);
    if (values) bytes.set(new Uint8Array(values.buffer), tensor.offset);
  }
  await writeFile(file, bytes);
}

/** Random values for a tensor of the image encoder; null for tensors that stay the same. */
function randomTensor(
  { name, type, shape, byteLength }: StoredTensor,
  seed: number,
): Float32Array | Uint16Array | null {
  if (!name.startsWith('visual.') || !['F32', 'F16'].includes(type)) return null;
  const count = byteLength / (type === 'F32' ? 4 : 2);
  const values = randomVector(name, shape, count, seed);
  return type === 'F32' ? values : float16Bits(values);
}

function randomVector(name: string, shape: readonly number[], count: number, seed: number): Float32Array {
  if (shape.length === 1) return new Float32Array(count).fill(/bias|running_mean/.test(name) ? 0 : 1);
  const inputs = shape.slice(1).reduce((product, size) => product * size, 1);
  return randomValues(count, Math.sqrt(2 / inputs), seed);
}
