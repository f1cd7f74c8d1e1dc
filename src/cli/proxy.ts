import http from 'node:http';
import { messageOf, UserError } from '../base/userError.ts';

/** The part of node:http that early versions of Node 24 lack. */
interface ProxySupport {
  readonly setGlobalProxyFromEnv?: (environment: Record<string, string | undefined>) => unknown;
}

const VARIABLES = ['http_proxy', 'https_proxy', 'HTTP_PROXY', 'HTTPS_PROXY'] as const;

/**
 * Makes fetch use the proxy of the environment variables HTTP_PROXY, HTTPS_PROXY and NO_PROXY, as NODE_USE_ENV_PROXY=1
 * does at the start of Node.
 * @throws UserError if the proxy cannot be used
 */
export function useProxyOfEnvironment(): void {
  const proxies = VARIABLES.map((name) => [name, process.env[name]?.trim() ?? ''] as const).filter(
    ([, value]) => value !== '',
  );
  if (proxies.length === 0) return;
  const { setGlobalProxyFromEnv: use } = http as Partial<typeof http> & ProxySupport;
  if (use === undefined) {
    if (process.env['NODE_USE_ENV_PROXY'] === '1') return;
    throw new UserError(
      `Node ${process.version} reads proxy settings only at startup. Set NODE_USE_ENV_PROXY=1, or use a later version of Node 24.`,
    );
  }
  // Other tools accept "host:port" without a scheme as well.
  const complete = proxies.map(([name, value]): [string, string] => [
    name,
    value.includes('://') ? value : `http://${value}`,
  ]);
  const { NO_PROXY, no_proxy } = process.env;
  try {
    use({ ...Object.fromEntries(complete), NO_PROXY, no_proxy });
  } catch (error) {
    const names = proxies.map(([name]) => name).join(', ');
    throw new UserError(`The proxy in ${names} cannot be used (${messageOf(error)}). Correct or unset it.`);
  }
}
