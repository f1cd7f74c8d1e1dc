import path from 'node:path';
import { createInference, openModelFolder, type Inference, type InferenceOptions } from '../../src/clip/index.ts';

const root = path.resolve(import.meta.dirname, '../..');

/** The bundled model, as `npm run build` writes it. */
export const bundledModelFolder = path.join(root, 'dist/models/assetlens-icons');
export const hostScript = path.join(root, 'src/clip/runtime/host.ts');
export const probeScript = path.join(root, 'src/clip/runtime/device/probe.ts');

/** Inference with the bundled model in the real inference process. */
export async function bundledInference(options: Partial<InferenceOptions> = {}): Promise<Inference> {
  return createInference({ model: await openModelFolder(bundledModelFolder), hostScript, ...options });
}
