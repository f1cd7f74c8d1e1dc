import * as vscode from 'vscode';
import type { DecodeLimits, DeviceSetting } from '../clip/index.ts';

/**
 * The validated settings of a folder. A value of the wrong type counts as not set, and numbers are limited to their
 * range. The library validates the labels. The schema in package.json describes the settings.
 */
export interface Settings {
  /** The unchecked labels of the user; null for the default labels. */
  readonly labels: unknown;
  /** Name of a template set, or templates with {} for the label. */
  readonly templates: string | readonly string[];
  /** Minimum confidence for labels without a threshold, 0 to 1. */
  readonly threshold: number;
  readonly include: readonly string[];
  readonly exclude: readonly string[];
  /** Whether indexed folders are kept up to date in the background. */
  readonly keepUpToDate: boolean;
  readonly hover: boolean;
  readonly decorations: boolean;
  /** Name of an installed model; empty for the bundled one. */
  readonly model: string;
}

/** Section of all settings. */
export const SECTION = 'assetlens';

/** Keys in the section. */
export const keys = {
  labels: 'labels',
  templates: 'templates',
  threshold: 'threshold',
  include: 'include',
  exclude: 'exclude',
  keepUpToDate: 'keepUpToDate',
  hover: 'hover.enabled',
  decorations: 'decorations.enabled',
  model: 'model',
  device: 'device',
  limits: 'limits',
} as const;

/** Reads the settings. @param scope a file or folder; default: the window */
export function readSettings(scope?: vscode.ConfigurationScope): Settings {
  const section = vscode.workspace.getConfiguration(SECTION, scope);
  const filesExclude = vscode.workspace.getConfiguration('files', scope).get<Record<string, unknown>>('exclude', {});
  const hidden = Object.entries(filesExclude).flatMap(([glob, on]) => (on === true ? [glob] : []));
  const templates: unknown = section.get(keys.templates);
  return Object.freeze({
    labels: writtenLabels(section.get(keys.labels)),
    templates: typeof templates === 'string' ? templates : strings(templates),
    threshold: share(section.get(keys.threshold), 0.15),
    include: strings(section.get(keys.include)),
    exclude: [...strings(section.get(keys.exclude)), ...hidden],
    keepUpToDate: section.get(keys.keepUpToDate) !== false,
    hover: section.get(keys.hover) !== false,
    decorations: section.get(keys.decorations) === true,
    model: text(section.get(keys.model)),
  });
}

const DEVICES: Readonly<Record<DeviceSetting, true>> = {
  ...{ auto: true, gpu: true, cpu: true },
  ...{ cuda: true, webgpu: true, dml: true, coreml: true },
};

/** Reads the device on which images are embedded. It is a setting of the machine, not of a folder. */
export function readDevice(): DeviceSetting {
  const value: unknown = vscode.workspace.getConfiguration(SECTION).get(keys.device);
  return isDevice(value) ? value : 'auto';
}

/** Limits of decoding, in bytes and pixels. They are settings of the machine, so that no workspace raises them. */
export function readLimits(): Partial<Pick<DecodeLimits, 'pixels' | 'bytes' | 'memory'>> {
  const section = vscode.workspace.getConfiguration(`${SECTION}.${keys.limits}`);
  const millions = (key: string): number | undefined => {
    const value: unknown = section.get(key);
    return typeof value === 'number' && value > 0 ? value * 1e6 : undefined;
  };
  const [pixels, bytes, memory] = [millions('megapixels'), millions('megabytes'), millions('memory')];
  return {
    ...(pixels !== undefined && { pixels }),
    ...(bytes !== undefined && { bytes }),
    ...(memory !== undefined && { memory }),
  };
}

function isDevice(value: unknown): value is DeviceSetting {
  return typeof value === 'string' && Object.hasOwn(DEVICES, value);
}

/** An empty list or object counts as not set. The library validates anything else. */
function writtenLabels(value: unknown): unknown {
  if (value === undefined || value === null) return null;
  if (Array.isArray(value)) return value.length > 0 ? value : null;
  return typeof value === 'object' && Object.keys(value).length === 0 ? null : value;
}

function share(value: unknown, standard: number): number {
  return typeof value === 'number' && value >= 0 && value <= 1 ? value : standard;
}

function text(value: unknown): string {
  return typeof value === 'string' ? value.trim() : '';
}

function strings(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((item): item is string => typeof item === 'string' && item !== '') : [];
}
