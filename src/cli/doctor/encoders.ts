import { PROVIDER_NAMES, type ImageSource, type Inference } from '../../clip/index.ts';
import type { Check } from '../doctor.ts';

const IMAGES = 64;

/** Measures the inference process, both encoders and heatmaps. */
export async function checkEncoders(inference: Inference, check: Check, signal: AbortSignal): Promise<void> {
  await check('inference process', async () => {
    const { result, milliseconds } = await timed(() => inference.describe());
    const { provider, batch, threads } = result;
    return `starts in ${milliseconds} ms; images on ${PROVIDER_NAMES[provider]}, ${batch} per run; ${threads} threads`;
  });
  await check('text encoder', async () => {
    const first = await timed(() => inference.embedTexts(['a red car'], signal));
    const second = await timed(() => inference.embedTexts(['a yellow submarine'], signal));
    return `loads in ${first.milliseconds} ms; a query takes ${second.milliseconds} ms`;
  });
  await check('image encoder', async () => {
    const first = await timed(() => inference.embedImages(drawings(1), signal));
    const many = await timed(() => inference.embedImages(drawings(IMAGES), signal));
    const failure = many.result.find((outcome) => !outcome.ok);
    if (failure) throw new Error(failure.reason);
    return `loads in ${first.milliseconds} ms; ${Math.round((IMAGES * 1000) / many.milliseconds)} images per second`;
  });
  await check('heatmaps', () => measureHeatmaps(inference, signal));
}

async function measureHeatmaps(inference: Inference, signal: AbortSignal): Promise<string> {
  const { embeddingSize } = inference.model.manifest;
  const query = {
    kind: 'where',
    prompts: new Float32Array(embeddingSize).fill(embeddingSize ** -0.5),
    background: new Float32Array(),
  } as const;
  await inference.heatmap(drawing(0), query, signal); // loads and verifies the graphs of heatmaps
  const { milliseconds } = await timed(() => inference.heatmap(drawing(1), query, signal));
  const { heatmaps } = await inference.describe();
  if (!heatmaps) throw new Error('The inference process did not report the heatmap methods.');
  const { where, why, because } = heatmaps;
  return `${milliseconds} ms each; ${where} (where), ${why} (why)${because === null ? '' : `, because ${because}`}`;
}

export function rounded(value: number): string {
  return value < 10 ? value.toFixed(1) : String(Math.round(value));
}

function drawings(count: number): ImageSource[] {
  return Array.from({ length: count }, (_, i) => drawing(i));
}

/** Returns a small drawing. Different numbers give different drawings. */
function drawing(i: number): ImageSource {
  return {
    kind: 'bytes',
    name: `drawing ${i}`,
    bytes: Buffer.from(
      `<svg xmlns="http://www.w3.org/2000/svg" width="24" height="24"><circle cx="12" cy="12" r="${2 + (i % 10)}"/></svg>`,
    ),
  };
}

async function timed<T>(work: () => Promise<T>): Promise<{ result: T; milliseconds: number }> {
  const start = performance.now();
  const result = await work();
  return { result, milliseconds: Math.round(performance.now() - start) };
}
