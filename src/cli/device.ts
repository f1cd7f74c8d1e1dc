import path from 'node:path';
import envPaths from 'env-paths';
import { PROVIDER_NAMES, type DeviceEvent, type DeviceOptions, type DeviceSetting } from '../clip/index.ts';

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
 * stored in the user's cache: a command has no idle time in which it could probe GPUs.
 */
export function deviceOptions({ device, probeScript, version, quiet }: DeviceChoice): DeviceOptions {
  return {
    setting: () => device,
    folder: path.join(envPaths('assetlens', { suffix: '' }).cache, 'devices'),
    probeScript,
    version,
    onEvent(event) {
      const line = lineOf(event, quiet);
      if (line) process.stderr.write(`${line}\n`);
    },
  };
}

function lineOf(event: DeviceEvent, quiet = false): string | undefined {
  switch (event.kind) {
    case 'refused':
      return `--device ${event.setting} cannot be used, and the processor does it: ${event.reason}. "assetlens doctor" says what there is.`;
    case 'lost':
      return `${PROVIDER_NAMES[event.provider]} failed, and the processor goes on; nothing is lost: ${event.reason}.`;
    case 'acquitted':
      return `${PROVIDER_NAMES[event.provider]} did not fail after all: an image ended the process.`;
    case 'trying':
      return quiet ? undefined : `Trying ${PROVIDER_NAMES[event.provider]}, once for this machine and model…`;
    case 'tried':
      return undefined;
  }
}
