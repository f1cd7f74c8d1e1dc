/** A worker with the peer: @huggingface/transformers on local files, used as in its documentation. */
import { loadPeer, type Processor, type VisionModel } from './peer.ts';
import { serve } from './worker.ts';

export interface PeerModel {
  /** The folder that contains the model folders. */
  readonly models: string;
  readonly name: string;
  readonly dtype: 'fp32' | 'int8';
}

const { env, AutoProcessor, CLIPVisionModelWithProjection, RawImage, Tensor } = loadPeer();
env.allowRemoteModels = false;

const loaded = new Map<string, Promise<{ processor: Processor; model: VisionModel }>>();
const BATCH = 8;

function load({ models, name, dtype }: PeerModel) {
  const key = `${name}/${dtype}`;
  const known = loaded.get(key);
  if (known) return known;
  env.localModelPath = models;
  const loading = (async () => ({
    processor: await AutoProcessor.from_pretrained(name),
    model: await CLIPVisionModelWithProjection.from_pretrained(name, { dtype }),
  }))();
  loaded.set(key, loading);
  return loading;
}

export const tasks = {
  /** Embeds image files in batches. */
  async embedFiles({ model, files }: { model: PeerModel; files: readonly string[] }) {
    const peer = await load(model);
    const embeddings: Float32Array[] = [];
    const start = performance.now();
    for (let first = 0; first < files.length; first += BATCH) {
      const images = await Promise.all(files.slice(first, first + BATCH).map((file) => RawImage.read(file)));
      const { image_embeds: output } = await peer.model(await peer.processor(images));
      embeddings.push(...rowsOf(output.data, images.length));
    }
    return { seconds: (performance.now() - start) / 1000, embeddings };
  },

  /** Runs the encoder alone. @param pixels normalised float32 [N, 3, S, S] */
  async encode({ model, pixels, count }: { model: PeerModel; pixels: Float32Array; count: number }) {
    const peer = await load(model);
    const image = pixels.length / count;
    const side = Math.sqrt(image / 3);
    const embeddings: Float32Array[] = [];
    const start = performance.now();
    for (let first = 0; first < count; first += BATCH) {
      const n = Math.min(BATCH, count - first);
      const batch = new Tensor('float32', pixels.slice(first * image, (first + n) * image), [n, 3, side, side]);
      const { image_embeds: output } = await peer.model({ pixel_values: batch });
      embeddings.push(...rowsOf(output.data, n));
    }
    return { seconds: (performance.now() - start) / 1000, embeddings };
  },
};

function rowsOf(data: Float32Array, count: number): Float32Array[] {
  const width = data.length / count;
  return Array.from({ length: count }, (_, row) => data.slice(row * width, (row + 1) * width));
}

serve(tasks);
