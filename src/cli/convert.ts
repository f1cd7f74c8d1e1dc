import { stat } from 'node:fs/promises';
import { convertCheckpoint, HumanError, type ModelManifest } from '../clip/index.ts';

interface ConvertOptions {
  readonly precision: ModelManifest['precision'];
  readonly force?: boolean;
  readonly signal: AbortSignal;
}

export async function convert(checkpoint: string, out: string, options: ConvertOptions): Promise<void> {
  const there = await stat(out).then(() => true, () => false); // prettier-ignore
  if (there && !options.force) throw new HumanError(`${out} exists already. Pass --force to replace it.`);
  const { manifest } = await convertCheckpoint(checkpoint, out, options);
  process.stdout.write(`${out}: ${manifest.name}, ${manifest.precision}, ${manifest.embeddingSize} dimensions\n`);
}
