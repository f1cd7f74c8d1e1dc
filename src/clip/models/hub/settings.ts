import os from 'node:os';
import path from 'node:path';
import { UserError } from '../../../base/userError.ts';

/** The hub, the access token, and the folder of the cache. */
export interface HubSettings {
  /** Address without a trailing slash. */
  readonly endpoint: string;
  /** Sent only to the endpoint. */
  readonly token: string | null;
  /** The cache that AssetLens shares with the hub's Python tools. */
  readonly cacheFolder: string;
  /** Whether to use only the cache, without requests to the hub. */
  readonly offline: boolean;
  /** The editor's fetch uses its proxy settings; Node's needs `http.setGlobalProxyFromEnv`. */
  readonly fetch: typeof fetch;
  /** Time without a byte after which a transfer is aborted and retried. */
  readonly stallMilliseconds: number;
  /** Delay before the first retry. It doubles with each further retry. */
  readonly retryMilliseconds: number;
}

/**
 * Reads the environment variables of the hub's own tools: HF_ENDPOINT, HF_TOKEN, HF_HUB_OFFLINE, and for the cache
 * HF_HUB_CACHE, otherwise HF_HOME, otherwise XDG_CACHE_HOME.
 * @throws UserError where HF_ENDPOINT is not an address
 */
export function hubSettings(environment: NodeJS.ProcessEnv = process.env): HubSettings {
  const value = (name: string): string | undefined => {
    const text = environment[name]?.trim();
    return text === '' ? undefined : text; // an empty variable counts as not set
  };
  const home =
    value('HF_HOME') ?? path.join(value('XDG_CACHE_HOME') ?? path.join(os.homedir(), '.cache'), 'huggingface');
  const endpoint = (value('HF_ENDPOINT') ?? 'https://huggingface.co').replace(/\/+$/, '');
  if (!/^https?:$/.test(URL.parse(endpoint)?.protocol ?? '')) {
    throw new UserError(`HF_ENDPOINT is "${endpoint}", which is not an address. Set it to https://…, or unset it.`);
  }
  return {
    endpoint,
    token: value('HF_TOKEN') ?? null,
    cacheFolder: inHome(value('HF_HUB_CACHE') ?? value('HUGGINGFACE_HUB_CACHE') ?? path.join(home, 'hub')),
    offline: /^(1|on|yes|true)$/i.test(value('HF_HUB_OFFLINE') ?? ''),
    fetch: (...request) => fetch(...request),
    stallMilliseconds: 30_000,
    retryMilliseconds: 1000,
  };
}

/** Expands "~", which Python's tools expand themselves where no shell did. */
function inHome(folder: string): string {
  return path.resolve(folder.replace(/^~(?=$|[\\/])/, os.homedir()));
}
