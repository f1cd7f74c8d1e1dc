import { fileSize } from '../../base/format.ts';
import type { DeviceReport, HeatmapMethods, RuntimeDescription, Trial } from '../../clip/index.ts';

export interface IndexFacts {
  /** Path of the index file. */
  readonly file: string;
  /** Reason why the index cannot be written; undefined if it can. */
  readonly readOnly: string | undefined;
  readonly images: number;
  /** Number of distinct blobs. */
  readonly blobs: number;
  /** Number of images that could not be read. */
  readonly failures: number;
  /** Size on disk. */
  readonly bytes: number;
  /** The models with embeddings in the index. */
  readonly models: readonly { readonly id: string; readonly images: number; readonly embeddings: number }[];
}

/** The data of the diagnostics. */
export interface Diagnostics {
  /** Versions and properties of the system, by name. */
  readonly versions: Readonly<Record<string, string>>;
  readonly model: Readonly<Record<string, string>>;
  readonly process: RuntimeDescription | { readonly problem: string };
  readonly device: DeviceReport | { readonly problem: string };
  readonly folders: readonly {
    readonly name: string;
    /** Null if the folder was never indexed. */
    readonly index: IndexFacts | null;
  }[];
  readonly settings: Readonly<Record<string, unknown>>;
  /** Home folder of the user. The text shows it as "~". */
  readonly home: string;
}

/**
 * Formats diagnostics as Markdown. The text is always in English, because users attach it to bug reports. It contains
 * no labels, no globs and no paths of images.
 */
export function diagnosticsText(diagnostics: Diagnostics): string {
  const { versions, model, process, device, folders, settings, home } = diagnostics;
  const text = [
    '# AssetLens diagnostics',
    section('Versions', versions),
    section('Model', model),
    section('Inference process', 'problem' in process ? { problem: process.problem } : processLines(process)),
    section('Device', 'problem' in device ? { problem: device.problem } : deviceLines(device)),
    ...('trials' in device ? device.trials.map(trialSection) : []),
    section('Indexes', Object.fromEntries(folders.flatMap(indexLines))),
    section('Settings', settings),
  ].join('\n\n');
  return `${home.length > 1 ? text.replaceAll(home, '~') : text}\n`;
}

function section(title: string, lines: Readonly<Record<string, unknown>>): string {
  const rows = Object.entries(lines).map(([name, value]) => `- ${name}: ${shown(value)}`);
  return [`## ${title}`, '', ...(rows.length > 0 ? rows : ['- none'])].join('\n');
}

function shown(value: unknown): string {
  return typeof value === 'string' ? value.replace(/\s+/g, ' ') : JSON.stringify(value);
}

function processLines({
  processId,
  threads,
  provider,
  batch,
  imageSession,
  textSession,
  heatmaps,
}: RuntimeDescription) {
  return {
    'process id': processId,
    threads,
    'image encoder on': `${provider}, batch size ${batch}`,
    'image encoder': imageSession,
    'text encoder': textSession,
    heatmaps: heatmaps ? heatmapLine(heatmaps) : 'none computed yet',
  };
}

function heatmapLine({ where, why, because }: HeatmapMethods): string {
  return `${where} (where), ${why} (why)${because === null ? '' : `, because ${because}`}`;
}

function deviceLines({ setting, verdict, runtimeVersion }: DeviceReport) {
  return {
    setting,
    'device in use': `${verdict.provider}, batch size ${verdict.batch}`,
    reason: verdict.reason,
    'ONNX Runtime': runtimeVersion,
  };
}

function trialSection({ provider, outcome, reason, cosine, imagesPerSecond, cpuImagesPerSecond, batch, at }: Trial) {
  return section(`Device: ${provider}`, {
    outcome,
    reason,
    tested: new Date(at).toISOString(),
    'cosine with the CPU': cosine?.toFixed(6) ?? 'not measured',
    'images per second': rate(imagesPerSecond),
    'images per second on the CPU': rate(cpuImagesPerSecond),
    'batch size': batch,
  });
}

function rate(imagesPerSecond: number | null): string {
  return imagesPerSecond === null ? 'not measured' : imagesPerSecond.toFixed(1);
}

function indexLines({ name, index }: Diagnostics['folders'][number]): [string, string][] {
  if (!index) return [[name, 'not indexed']];
  const { file, readOnly, images, blobs, failures, bytes, models } = index;
  const size = `${fileSize(bytes)} on disk`;
  return [
    [name, `${images} images (${blobs} distinct), ${failures} not readable, ${size}`],
    [`${name}, index`, readOnly === undefined ? file : `${file}, read only (${readOnly})`],
    ...models.map((model): [string, string] => [
      `${name}, ${model.id}`,
      `${model.images} images, ${model.embeddings} embeddings`,
    ]),
  ];
}
