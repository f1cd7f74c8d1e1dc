import { cp, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { randomValues } from '../bench/random.ts';
import { readSafetensorsHeader, type StoredTensor } from '../../src/clip/checkpoint/safetensors.ts';

const WEIGHTS = 'open_clip_model.safetensors';

/**
 * Writes a checkpoint of the same architecture whose image encoder has learned nothing: its weights are random, of the deviation that
 * training begins with (He et al., 1502.01852), and its normalisations leave all as it is. Texts stay what they are, or all prompts
 * would be alike.
 * @param draw another one is another encoder
 */
export async function randomCheckpoint(from: string, to: string, draw: number): Promise<void> {
  await cp(from, to, { recursive: true });
  const file = path.join(to, WEIGHTS);
  const bytes = await readFile(file);
  let seed = 1000 * draw;
  for (const one of (await readSafetensorsHeader(file)).values()) {
    const values = randomTensor(one, seed++);
    if (values) bytes.set(new Uint8Array(values.buffer), one.offset);
  }
  await writeFile(file, bytes);
}

/** Null for what stays. */
function randomTensor(
  { name, type, shape, byteLength }: StoredTensor,
  seed: number,
): Float32Array | Uint16Array | null {
  if (!name.startsWith('visual.') || !['F32', 'F16'].includes(type)) return null;
  const count = byteLength / (type === 'F32' ? 4 : 2);
  const values = randomVector(name, shape, count, seed);
  return type === 'F32' ? values : new Uint16Array(Float16Array.from(values).buffer);
}

function randomVector(name: string, shape: readonly number[], count: number, seed: number): Float32Array {
  if (shape.length === 1) return new Float32Array(count).fill(/bias|running_mean/.test(name) ? 0 : 1);
  const inputs = shape.slice(1).reduce((product, size) => product * size, 1);
  return randomValues(count, Math.sqrt(2 / inputs), seed);
}
