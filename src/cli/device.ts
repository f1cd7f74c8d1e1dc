import path from 'node:path';
import envPaths from 'env-paths';
import { PROVIDER_NAMES, type DeviceEvent, type DeviceOptions, type DeviceSetting } from '../clip/index.ts';
import { report } from './output.ts';
import { text } from './text.ts';

/** Options of the commands that embed images. */
export interface DeviceChoice {
  readonly device: DeviceSetting;
  readonly probeScript: string;
  /** Version of AssetLens. */
  readonly version: string;
  readonly quiet?: boolean;
}

/**
 * Returns the device options for the inference process. `auto` uses the results that "doctor" or an earlier command
 * stored in the user's cache, because a command has no idle time to probe GPUs.
 */
export function deviceOptions({ device, probeScript, version, quiet }: DeviceChoice): DeviceOptions {
  return {
    setting: () => device,
    folder: path.join(envPaths('assetlens', { suffix: '' }).cache, 'devices'),
    probeScript,
    version,
    onEvent(event) {
      const line = lineOf(event, quiet);
      if (line) report(text`${line}\n`);
    },
  };
}

function lineOf(event: DeviceEvent, quiet = false): string | undefined {
  switch (event.kind) {
    case 'refused':
      return `--device ${event.setting} cannot be used: ${event.reason}. Using the CPU. Run "assetlens doctor" to list the available devices.`;
    case 'lost':
      return `${PROVIDER_NAMES[event.provider]} failed: ${event.reason}. Continuing on the CPU; no results are lost.`;
    case 'acquitted':
      return `${PROVIDER_NAMES[event.provider]} works: an image, not the GPU, ended the process.`;
    case 'trying':
      return quiet ? undefined : `Testing ${PROVIDER_NAMES[event.provider]} with this model (only once per machine)…`;
    case 'tried':
      return undefined;
  }
}
