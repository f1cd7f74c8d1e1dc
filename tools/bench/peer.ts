import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { promisify } from 'node:util';

const folder = path.join(import.meta.dirname, 'peer');

/** The part of @huggingface/transformers that the benchmark calls. Its own types are missing until it is installed. */
export interface Transformers {
  readonly env: { allowRemoteModels: boolean; localModelPath: string };
  readonly AutoProcessor: { from_pretrained(name: string): Promise<Processor> };
  readonly CLIPVisionModelWithProjection: {
    from_pretrained(name: string, options: { dtype: string }): Promise<VisionModel>;
  };
  readonly RawImage: { read(file: string): Promise<object> };
  readonly Tensor: new (type: 'float32', data: Float32Array, dims: readonly number[]) => PeerTensor;
}
export interface PeerTensor {
  readonly data: Float32Array;
  readonly dims: readonly number[];
}
export type Processor = (images: readonly object[]) => Promise<{ readonly pixel_values: PeerTensor }>;
export type VisionModel = (inputs: {
  readonly pixel_values: PeerTensor;
}) => Promise<{ readonly image_embeds: PeerTensor }>;

/**
 * Installs the peer, unless it is there, without install scripts: the package contains its binaries for this platform.
 * @returns its version; null where npm cannot install it, which is reported on standard error
 */
export async function installPeer(): Promise<string | null> {
  const lock = JSON.parse(await readFile(path.join(folder, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, { version: string }>;
  };
  const name = 'node_modules/@huggingface/transformers';
  const version = lock.packages[name]?.version ?? '';
  const installed = await readFile(path.join(folder, name, 'package.json'), 'utf8').catch(() => '{}');
  if ((JSON.parse(installed) as { version?: string }).version === version) return version;
  console.error(`Installing @huggingface/transformers ${version} into tools/bench/peer …`);
  const isWindows = process.platform === 'win32';
  try {
    await promisify(execFile)(isWindows ? 'npm.cmd' : 'npm', ['ci', '--ignore-scripts', '--prefix', folder], {
      shell: isWindows,
    });
    return version;
  } catch (error) {
    console.error(
      `The package cannot be installed, so its column stays empty. ${error instanceof Error ? error.message : ''}`,
    );
    return null;
  }
}

/** Loads the peer with its own copies of sharp and ONNX Runtime. */
export function loadPeer(): Transformers {
  return createRequire(path.join(folder, 'package.json'))('@huggingface/transformers') as Transformers;
}
