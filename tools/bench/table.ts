import { createRequire } from 'node:module';
import { readFile } from 'node:fs/promises';
import { availableParallelism, cpus, loadavg } from 'node:os';
import type { Timing } from './measure.ts';

export interface Ratio {
  readonly median: number;
  readonly best: number;
}

/** A row of the table. */
export interface Row {
  readonly title: string;
  readonly ours: string;
  /** The figure of the other side; missing where there is none. */
  readonly peer?: string;
  /** The speed relative to the other side, by medians and by best rounds. */
  readonly ratio?: Ratio;
  readonly target?: string;
  readonly agreement?: string;
}

const HEADER = ['median (best) of the rounds', 'AssetLens', 'peer', 'ratio', 'target', 'embeddings'];

export function markdownTable(rows: readonly Row[]): string {
  const cells = rows.map(({ title, ours, peer = '', ratio, target = '', agreement = '' }) => {
    const times = ratio ? `${ratio.median.toFixed(2)}× (${ratio.best.toFixed(2)}×)` : '';
    return [title, ours, peer, times, target, agreement];
  });
  const widths = HEADER.map((heading, column) =>
    Math.max(3, heading.length, ...cells.map((row) => (row[column] ?? '').length)),
  );
  const line = (row: readonly string[]): string =>
    `| ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  const rule = widths.map((width, column) => (column === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`));
  return [line(HEADER), line(rule), ...cells.map(line)].join('\n');
}

/** A line about the machine and the versions. */
export async function machineLine(peerVersion: string | null): Promise<string> {
  const versionOf = async (name: string): Promise<string> => {
    const file = createRequire(import.meta.url).resolve(`${name}/package.json`);
    return (JSON.parse(await readFile(file, 'utf8')) as { version: string }).version;
  };
  const [load = 0] = loadavg();
  return [
    `${cpus()[0]?.model.trim() ?? 'unknown processor'}, ${availableParallelism()} cores`,
    `load average ${load.toFixed(1)} from all processes`,
    `Node ${process.versions.node}`,
    `onnxruntime-node ${await versionOf('onnxruntime-node')}`,
    ...(peerVersion === null ? [] : [`@huggingface/transformers ${peerVersion}`]),
    new Date().toISOString().slice(0, 10),
  ].join('; ');
}

export function ratioOf(ours: Timing, peer: Timing): Ratio {
  return { median: peer.median / ours.median, best: peer.best / ours.best };
}

export function perSecond(count: number, { median, best }: Timing): string {
  const rate = (seconds: number): string => digits(count / seconds);
  return `${rate(median)}/s (${rate(best)})`;
}

export function duration({ median, best }: Timing): string {
  if (median >= 1) return `${digits(median)} s (${digits(best)})`;
  return `${digits(median * 1000)} ms (${digits(best * 1000)})`;
}

/** Three significant digits, and all digits of larger integers. */
function digits(value: number): string {
  return value >= 100 ? value.toFixed(0) : value.toPrecision(3);
}

/** A cosine, rounded down to five decimals. */
export function cosineText(value: number): string {
  return `cos ≥ ${(Math.floor(value * 1e5) / 1e5).toFixed(5)}`;
}
