/** The peer's side of a comparison: @huggingface/transformers as its documentation uses it, on local files. */
import { loadPeer, type Processor, type VisionModel } from './peer.ts';
import { serve } from './worker.ts';

export interface PeerModel {
  /** Folder of model folders. */
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
  /** Embeds image files, read and processed a batch at a time. */
  async embedFiles({ model, files }: { model: PeerModel; files: readonly string[] }) {
    const peer = await load(model);
    const embeddings: Float32Array[] = [];
    const start = performance.now();
    for (let at = 0; at < files.length; at += BATCH) {
      const images = await Promise.all(files.slice(at, at + BATCH).map((file) => RawImage.read(file)));
      const { image_embeds: output } = await peer.model(await peer.processor(images));
      embeddings.push(...rowsOf(output.data, images.length));
    }
    return { seconds: (performance.now() - start) / 1000, embeddings };
  },

  /** The encoder alone: `pixels` float32 [N, 3, S, S], normalised. */
  async encode({ model, pixels, count }: { model: PeerModel; pixels: Float32Array; count: number }) {
    const peer = await load(model);
    const image = pixels.length / count;
    const side = Math.sqrt(image / 3);
    const embeddings: Float32Array[] = [];
    const start = performance.now();
    for (let at = 0; at < count; at += BATCH) {
      const n = Math.min(BATCH, count - at);
      const batch = new Tensor('float32', pixels.slice(at * image, (at + n) * image), [n, 3, side, side]);
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
