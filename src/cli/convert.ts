import { convertCheckpoint, type ModelManifest } from '../clip/index.ts';
import { print } from './output.ts';
import { progressDisplay } from './progress.ts';
import { text } from './text.ts';

interface ConvertOptions {
  readonly precision: ModelManifest['precision'];
  readonly force?: boolean;
  readonly signal: AbortSignal;
}

/** `assetlens convert`: builds the model folder of a checkpoint. */
export async function convert(checkpoint: string, out: string, options: ConvertOptions): Promise<void> {
  const { name, precision, embeddingSize } = await convertWithProgress(checkpoint, out, options);
  await print(text`${out}: ${name}, ${precision}, ${embeddingSize} dimensions\n`);
}

async function convertWithProgress(
  checkpoint: string,
  out: string,
  { precision, force = false, signal }: ConvertOptions,
): Promise<ModelManifest> {
  using progress = progressDisplay('Converting');
  const { manifest } = await convertCheckpoint(checkpoint, out, {
    precision,
    replace: force,
    signal,
    onProgress(fraction) {
      progress.update({ done: Math.floor(100 * fraction), total: 100, note: '%' });
    },
  });
  return manifest;
}
