import { fileSize } from '../../base/format.ts';
import type { DeviceReport, HeatmapMethods, RuntimeDescription, Trial } from '../../clip/index.ts';

export interface IndexFacts {
  /** Path of the index file. */
  readonly file: string;
  /** The reason why it cannot be written; undefined if it can. */
  readonly readOnly: string | undefined;
  readonly images: number;
  readonly contents: number;
  readonly leftOut: number;
  /** On the disk. */
  readonly bytes: number;
  /** All models that have looked at something. */
  readonly models: readonly { readonly id: string; readonly images: number; readonly embeddings: number }[];
}

/** What diagnostics are made of. */
export interface Diagnostics {
  /** Versions and the system, by what they are of. */
  readonly versions: Readonly<Record<string, string>>;
  readonly model: Readonly<Record<string, string>>;
  /** Null where it cannot be told, with why. */
  readonly process: RuntimeDescription | { readonly problem: string };
  readonly device: DeviceReport | { readonly problem: string };
  readonly folders: readonly {
    readonly name: string;
    /** Null: it was never indexed. */
    readonly index: IndexFacts | null;
  }[];
  readonly settings: Readonly<Record<string, unknown>>;
  /** Of the user: stands as "~" in what is shown. */
  readonly home: string;
}

/**
 * As Markdown, in English whatever the editor speaks: it is for reports, and for whoever reads them. Labels, globs and paths of
 * images are the user's own business, and not in it.
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
    'images on': `${provider}, ${batch} a run`,
    'image encoder': imageSession,
    'text encoder': textSession,
    heatmaps: heatmaps ? heatmapLine(heatmaps) : 'not made yet',
  };
}

function heatmapLine({ where, why, because }: HeatmapMethods): string {
  return `${where} (where), ${why} (why)${because === null ? '' : `, because ${because}`}`;
}

function deviceLines({ setting, verdict, runtimeVersion }: DeviceReport) {
  return {
    setting,
    'images go to': `${verdict.provider}, ${verdict.batch} a run`,
    because: verdict.reason,
    'ONNX Runtime': runtimeVersion,
  };
}

function trialSection({ provider, outcome, reason, cosine, imagesPerSecond, cpuImagesPerSecond, batch, at }: Trial) {
  return section(`Device: ${provider}`, {
    outcome,
    because: reason,
    tried: new Date(at).toISOString(),
    'cosine with the processor': cosine?.toFixed(6) ?? 'not measured',
    'images a second': rate(imagesPerSecond),
    'of the processor': rate(cpuImagesPerSecond),
    'images a run': batch,
  });
}

function rate(imagesPerSecond: number | null): string {
  return imagesPerSecond === null ? 'not measured' : imagesPerSecond.toFixed(1);
}

function indexLines({ name, index }: Diagnostics['folders'][number]): [string, string][] {
  if (!index) return [[name, 'not indexed']];
  const { file, readOnly, images, contents, leftOut, bytes, models } = index;
  const size = `${fileSize(bytes)} on the disk`;
  return [
    [name, `${images} images of ${contents} contents, ${leftOut} left out, ${size}`],
    [`${name}, index`, readOnly === undefined ? file : `${file}, read only (${readOnly})`],
    ...models.map((model): [string, string] => [
      `${name}, ${model.id}`,
      `${model.images} images, ${model.embeddings} embeddings`,
    ]),
  ];
}
