import { execFile } from 'node:child_process';
import { createRequire } from 'node:module';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';

const folder = path.join(import.meta.dirname, 'peer');

/** The part of @huggingface/transformers that the benchmark calls; its own types are there only when it is installed. */
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

/** Installs the peer where it is not there yet, without any install script: its binaries for the processor come with it. */
export async function installPeer(): Promise<string> {
  const wanted = JSON.parse(await readFile(path.join(folder, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, { version: string }>;
  };
  const name = 'node_modules/@huggingface/transformers';
  const version = wanted.packages[name]?.version ?? '';
  const installed = await readFile(path.join(folder, name, 'package.json'), 'utf8').catch(() => '{}');
  if ((JSON.parse(installed) as { version?: string }).version !== version) {
    console.error(`Installing @huggingface/transformers ${version} into tools/bench/peer …`);
    const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
    await promisify(execFile)(npm, ['ci', '--ignore-scripts', '--prefix', folder], {
      shell: process.platform === 'win32',
    });
  }
  return version;
}

/** Loads the peer with its own copies of sharp and ONNX Runtime. */
export function loadPeer(): Transformers {
  return createRequire(path.join(folder, 'package.json'))('@huggingface/transformers') as Transformers;
}
