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
  /**
   * Whether .gitignore files exclude images. Restricted Mode ignores them, because they contain globs of the workspace.
   */
  readonly gitignore: boolean;
  /** Whether to follow links that lead outside of the folder. */
  readonly followLinks: boolean;
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
  followLinks: 'followLinks',
  keepUpToDate: 'keepUpToDate',
  hover: 'hover.enabled',
  decorations: 'decorations.enabled',
  model: 'model',
  device: 'device',
  megapixels: 'limits.megapixels',
  megabytes: 'limits.megabytes',
  memory: 'limits.memory',
} as const;

/** Reads the settings. @param scope a file or folder; default: the window */
export function readSettings(scope?: vscode.ConfigurationScope): Settings {
  const section = vscode.workspace.getConfiguration(SECTION, scope);
  const templates: unknown = section.get(keys.templates);
  return Object.freeze({
    labels: writtenLabels(section.get(keys.labels)),
    templates: typeof templates === 'string' ? templates : strings(templates),
    threshold: share(section.get(keys.threshold), 0.3),
    include: strings(section.get(keys.include)),
    exclude: [...strings(section.get(keys.exclude)), ...hiddenGlobs('files', scope)],
    gitignore: vscode.workspace.isTrusted,
    followLinks: section.get(keys.followLinks) === true,
    keepUpToDate: section.get(keys.keepUpToDate) !== false,
    hover: section.get(keys.hover) !== false,
    decorations: section.get(keys.decorations) === true,
    model: text(section.get(keys.model)),
  });
}

/**
 * Reads the globs of `files.exclude` or `search.exclude`. The editor applies these settings of an untrusted workspace;
 * AssetLens ignores them, as its own globs.
 */
export function hiddenGlobs(section: 'files' | 'search', scope?: vscode.ConfigurationScope): string[] {
  type Globs = Readonly<Record<string, unknown>>;
  const configuration = vscode.workspace.getConfiguration(section, scope);
  const ofUser = (): Globs => {
    const { defaultValue, globalValue } = configuration.inspect<Globs>('exclude') ?? {};
    return { ...defaultValue, ...globalValue };
  };
  const globs = vscode.workspace.isTrusted ? configuration.get<Globs>('exclude', {}) : ofUser();
  return Object.entries(globs).flatMap(([glob, on]) => (on === true ? [glob] : []));
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
  const section = vscode.workspace.getConfiguration(SECTION);
  const millions = (key: string): number | undefined => {
    const value: unknown = section.get(key);
    return typeof value === 'number' && value > 0 ? value * 1e6 : undefined;
  };
  const [pixels, bytes, memory] = [millions(keys.megapixels), millions(keys.megabytes), millions(keys.memory)];
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
