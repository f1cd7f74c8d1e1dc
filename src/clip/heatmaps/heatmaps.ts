import { createHash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import type { ImageInput, ModelManifest } from '../base/manifest.ts';
import type { DecodeOptions, Decoding } from '../images/decoding/decodeOptions.ts';
import type { NamedBytes } from '../images/formats/imageFormat.ts';
import { withSource } from '../images/imageSource.ts';
import { preprocessImage } from '../images/preprocess.ts';
import type { ImageSource } from '../images/types.ts';
import { clearBlank } from './blankCells.ts';
import { cropMaps, gridOver } from './cellGrid.ts';
import { contrast, CONTRAST, products, whereRange, whyRange, WINDOW_CONTRAST } from './cellScores.ts';
import { FeatureExtractor, type HeatmapEncoders, type ImageFeatures } from './imageFeatures.ts';
import type { Heatmap, HeatmapQuery } from './types.ts';

/** Maximum bytes of cached image features: hundreds of images, or dozens with a large encoder. */
const MAX_BYTES = 64 << 20;

/** Makes heatmaps. Caches the features of recent images by their content. */
export class HeatmapMaker {
  readonly #extractor: FeatureExtractor;
  readonly #input: ImageInput;
  readonly #embeddingSize: number;
  readonly #decoding: Decoding;
  readonly #kept = new LRUCache<string, ImageFeatures>({
    maxSize: MAX_BYTES,
    sizeCalculation: ({ maps, embedding }) => maps.byteLength + embedding.byteLength,
  });

  /** @param onProgress called after each run of an encoder */
  constructor(
    encoders: HeatmapEncoders,
    manifest: Pick<ModelManifest, 'image' | 'embeddingSize'>,
    decoding: Decoding,
    onProgress: () => void,
  ) {
    this.#extractor = new FeatureExtractor(encoders, manifest, onProgress);
    const { image, embeddingSize } = manifest;
    // Heatmaps show the whole image, so images are squashed where the encoder would crop them.
    this.#input = { ...image, resize: image.resize === 'shortest' ? 'squash' : image.resize };
    this.#embeddingSize = embeddingSize;
    this.#decoding = decoding;
  }

  /** @throws UserError with a short reason where the image cannot be decoded; the signal's reason when it is aborted */
  async heatmap(source: ImageSource, query: HeatmapQuery, signal: AbortSignal): Promise<Heatmap> {
    const { kind, prompts, background } = query;
    const { fit, size, embedding, maps, blank, method } = await this.#featuresOf(source, kind, signal);
    signal.throwIfAborted();
    const similarities = await maps.mapsOf(prompts);
    const factor = method === 'slidingWindow' ? WINDOW_CONTRAST : CONTRAST;
    const values =
      kind === 'why' ? similarities : contrast(similarities, await maps.mapsOf(background), maps.cells ** 2, factor);
    if (kind === 'where' && blank) clearBlank(values, blank);
    const grid = gridOver(fit, size, maps.cells);
    const cropped = cropMaps(values, maps.cells, grid);
    return {
      columns: grid.columns,
      rows: grid.rows,
      area: grid.area,
      values: cropped,
      range: kind === 'why' ? whyRange(cropped) : whereRange(background.length / this.#embeddingSize),
      similarities: products(prompts, embedding, this.#embeddingSize),
      method,
    };
  }

  #featuresOf(source: ImageSource, kind: HeatmapQuery['kind'], signal: AbortSignal): Promise<ImageFeatures> {
    const options = { ...this.#decoding, signal, urgent: true };
    return withSource(source, options, (file) => this.#featuresOfFile(file, kind, options, signal));
  }

  async #featuresOfFile(
    file: NamedBytes,
    kind: HeatmapQuery['kind'],
    options: DecodeOptions,
    signal: AbortSignal,
  ): Promise<ImageFeatures> {
    const hash = createHash('sha256').update(file.bytes).digest('hex');
    const keyOf = (kindOfMap: HeatmapQuery['kind']): string => `${kindOfMap} ${hash}`;
    const kept = this.#kept.get(keyOf(kind));
    if (kept) return kept;
    const decode = (size: number) => preprocessImage(file, { ...this.#input, size }, options);
    const extracted = await this.#extractor.extract(decode, kind, signal);
    for (const kindOfMap of ['where', 'why'] as const) {
      const features = extracted[kindOfMap];
      if (features) this.#kept.set(keyOf(kindOfMap), features);
    }
    const features = extracted[kind];
    if (!features) throw new Error(`No features for heatmaps of the kind "${kind}"`);
    return features;
  }
}
