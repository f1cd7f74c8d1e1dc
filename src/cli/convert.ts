import { convertCheckpoint, type ModelManifest } from '../clip/index.ts';
import { progressDisplay } from './progress.ts';

interface ConvertOptions {
  readonly precision: ModelManifest['precision'];
  readonly force?: boolean;
  readonly signal: AbortSignal;
}

export async function convert(checkpoint: string, out: string, options: ConvertOptions): Promise<void> {
  const { precision, force = false, signal } = options;
  const { manifest } = await converted();
  process.stdout.write(`${out}: ${manifest.name}, ${manifest.precision}, ${manifest.embeddingSize} dimensions\n`);

  async function converted() {
    using progress = progressDisplay('Converting');
    return await convertCheckpoint(checkpoint, out, {
      precision,
      replace: force,
      signal,
      onProgress(fraction) {
        progress.update({ done: Math.floor(100 * fraction), total: 100, note: 'per cent' });
      },
    });
  }
}
