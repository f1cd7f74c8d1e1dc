import http from 'node:http';
import { messageOf, UserError } from '../base/userError.ts';

/** The part of node:http that the first versions of Node 24 lack. */
interface ProxySupport {
  readonly setGlobalProxyFromEnv?: (environment: Record<string, string | undefined>) => unknown;
}

const VARIABLES = ['http_proxy', 'https_proxy', 'HTTP_PROXY', 'HTTPS_PROXY'] as const;

/**
 * Makes fetch use the proxy of the environment variables HTTP_PROXY, HTTPS_PROXY and NO_PROXY, as NODE_USE_ENV_PROXY
 * does for a Node that starts with it.
 * @throws UserError if a proxy is set that cannot be used
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
      `Node ${process.version} learns of a proxy at its start alone. Set NODE_USE_ENV_PROXY=1, or use a later Node 24.`,
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
    throw new UserError(`The proxy that ${names} names cannot be used (${messageOf(error)}). Correct or unset it.`);
  }
}
