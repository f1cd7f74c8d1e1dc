import path from 'node:path';
import envPaths from 'env-paths';
import { PROVIDER_NAMES, type DeviceEvent, type DeviceOptions, type DeviceSetting } from '../clip/index.ts';

/** Options of every command that looks at images. */
export interface DeviceChoice {
  readonly device: DeviceSetting;
  readonly probeScript: string;
  /** Of AssetLens. */
  readonly version: string;
  readonly quiet?: boolean;
}

/**
 * Where images are embedded. `auto` takes what "doctor" or an earlier command found out about this machine, which is kept in the user's
 * cache: a command has no pause to try GPUs in.
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
