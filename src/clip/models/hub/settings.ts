import os from 'node:os';
import path from 'node:path';
import { UserError } from '../../../base/userError.ts';

/** Which hub is asked, as whom, and where its files are kept. */
export interface HubSettings {
  /** Without a slash at its end. */
  readonly endpoint: string;
  /** Goes to the endpoint and to no other host. */
  readonly token: string | null;
  /** The cache that the hub's Python tools fill and read, too. */
  readonly cacheFolder: string;
  /** Nothing is asked of the hub: only what the cache holds is there. */
  readonly offline: boolean;
  /** The editor's own fetch knows its proxy settings; Node's is taught by `http.setGlobalProxyFromEnv`. */
  readonly fetch: typeof fetch;
  /** A transfer without a byte for this long is cut and tried again. */
  readonly stallMilliseconds: number;
  /** Before the second try; each later one waits twice as long. */
  readonly retryMilliseconds: number;
}

/**
 * As the hub's own tools read them from the environment: HF_ENDPOINT, HF_TOKEN, HF_HUB_OFFLINE, and HF_HUB_CACHE, or else
 * HF_HOME, or else XDG_CACHE_HOME for the cache.
 * @throws UserError where HF_ENDPOINT is no address
 */
export function hubSettings(environment: NodeJS.ProcessEnv = process.env): HubSettings {
  const value = (name: string): string | undefined => {
    const text = environment[name]?.trim();
    return text === '' ? undefined : text; // set to nothing is not set
  };
  const home = value('HF_HOME') ?? path.join(value('XDG_CACHE_HOME') ?? path.join(os.homedir(), '.cache'), 'huggingface');
  const endpoint = (value('HF_ENDPOINT') ?? 'https://huggingface.co').replace(/\/+$/, '');
  if (!/^https?:$/.test(URL.parse(endpoint)?.protocol ?? '')) {
    throw new UserError(`HF_ENDPOINT is "${endpoint}", which is no address of a hub. Set it to https://…, or unset it.`);
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

/** A cache below "~" is given to Python's tools like that, which no shell has put in. */
function inHome(folder: string): string {
  return path.resolve(folder.replace(/^~(?=$|[\\/])/, os.homedir()));
}
