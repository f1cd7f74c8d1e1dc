import { UserError, messageOf } from '../../../base/userError.ts';
import type { HubSettings } from './settings.ts';
import { Transient } from './transient.ts';

const MAX_REDIRECTS = 10;

export interface HubRequest {
  readonly method: 'GET' | 'HEAD';
  readonly headers?: Readonly<Record<string, string>>;
  /**
   * Whether to follow redirects to other hosts. The last answer before it is the hub's own, with size and hash of a
   * file.
   */
  readonly followsToOtherHosts: boolean;
  /** Name of the requested repository or file in messages. */
  readonly what: string;
  readonly signal: AbortSignal;
}

/**
 * Sends a request to the hub. Follows redirects itself, so that only the hub's own origin gets the token.
 * @returns all answers in order; the last one is not followed
 * @throws UserError where the hub refuses; Transient where another try may succeed; the signal's reason
 */
export async function requestHub(settings: HubSettings, address: string, request: HubRequest): Promise<Response[]> {
  const hub = new URL(settings.endpoint);
  const answers: Response[] = [];
  let url = new URL(address);
  for (;;) {
    const token = url.origin === hub.origin ? settings.token : null;
    const response = await settings
      .fetch(url, {
        method: request.method,
        headers: { ...request.headers, ...(token !== null && { authorization: `Bearer ${token}` }) },
        redirect: 'manual',
        signal: request.signal,
      })
      .catch((error: unknown) => {
        request.signal.throwIfAborted();
        throw new Transient(
          `${url.origin} cannot be reached (${causeOf(error)}). Check the connection and the proxy (HTTPS_PROXY). ` +
            'Set HF_ENDPOINT to use another hub, or HF_HUB_OFFLINE=1 to use only earlier downloads.',
        );
      });
    answers.push(response);
    const next = redirectOf(response, url);
    if (next === null || (next.origin !== hub.origin && !request.followsToOtherHosts)) {
      if (next === null) await assertGranted(response, request, settings);
      return answers;
    }
    if (answers.length > MAX_REDIRECTS || (url.protocol === 'https:' && next.protocol !== 'https:')) {
      throw new UserError(
        `${url.origin} sent too many redirects, or a redirect without encryption, for ${request.what}. Set HF_ENDPOINT to use another hub.`,
      );
    }
    await response.body?.cancel();
    url = next;
  }
}

/** The header of the first answer that has it: the hub's own answer comes before those of other hosts. */
export function headerOf(answers: readonly Response[], name: string): string | null {
  return answers.map(({ headers }) => headers.get(name)).find((value) => value !== null) ?? null;
}

function redirectOf(response: Response, from: URL): URL | null {
  const location = response.headers.get('location');
  return [301, 302, 303, 307, 308].includes(response.status) && location !== null
    ? URL.parse(location, from.href)
    : null;
}

/** @throws UserError or Transient with the reason and what to do, where the request was refused */
async function assertGranted(response: Response, { what }: HubRequest, settings: HubSettings): Promise<void> {
  const { status, headers } = response;
  // The caller handles 416, the answer to an invalid range.
  if (response.ok || status === 416) return;
  await response.body?.cancel();
  const { endpoint, token } = settings;
  switch (status) {
    case 401:
      throw new UserError(
        `${endpoint} refused access to ${what} ${token === null ? 'without a token' : 'with this HF_TOKEN'}: the repository does not exist, or it is private. ` +
          'Check the name. For a private repository, set HF_TOKEN to a token with read access.',
      );
    case 403:
      throw new UserError(
        `${endpoint} refused access to ${what}: its owner requires you to accept terms. Accept them on the page of the repository, and set HF_TOKEN to a token of the same account.`,
      );
    case 404:
      throw new UserError(`${endpoint} has no ${what}. Check the name of the repository, the revision and the file.`);
    case 408:
    case 429:
    case 500:
    case 502:
    case 503:
    case 504:
      throw new Transient(
        status === 429
          ? `${endpoint} refused ${what} after too many requests. Try again later, or set HF_TOKEN for a higher limit.`
          : `${endpoint} failed with the error ${status} for ${what}. Try again later, or set HF_ENDPOINT to use another hub.`,
        waitOf(headers.get('retry-after')),
      );
    default:
      throw new UserError(
        `${new URL(response.url || endpoint).origin} responded with ${status} for ${what}. Try again later.`,
      );
  }
}

/** Converts Retry-After, in seconds or as a date, to milliseconds. */
function waitOf(retryAfter: string | null): number | undefined {
  if (retryAfter === null) return undefined;
  const seconds = Number(retryAfter);
  const wait = Number.isFinite(seconds) ? seconds * 1000 : Date.parse(retryAfter) - Date.now();
  return wait >= 0 ? wait : undefined;
}

/** fetch fails with "fetch failed" and has the reason as its cause. */
function causeOf(error: unknown): string {
  const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
  return cause instanceof Error && 'code' in cause ? String(cause.code) : messageOf(cause);
}
