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
            'HF_ENDPOINT names another hub; HF_HUB_OFFLINE=1 uses only what was downloaded before.',
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
        `${url.origin} redirects from one address to the next, or to one without encryption, for ${request.what}. Try another hub (HF_ENDPOINT).`,
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
  return [301, 302, 303, 307, 308].includes(response.status) && location !== null ? URL.parse(location, from.href) : null;
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
        `${endpoint} does not show ${what} to ${token === null ? 'everyone' : 'this HF_TOKEN'}: there is no such repository, or it is private. ` +
          'Check the name; for a private one set HF_TOKEN to a token that may read it.',
      );
    case 403:
      throw new UserError(
        `${endpoint} does not give out ${what}: its owner asks for consent to terms. Accept them on its page at the hub, and set HF_TOKEN to a token of the same account.`,
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
          ? `${endpoint} has had too many requests from here and gives out no more of ${what} for now. Try again later; with HF_TOKEN set, more are allowed.`
          : `${endpoint} has a fault of its own (${status}) with ${what}. Try again later, or another hub (HF_ENDPOINT).`,
        waitOf(headers.get('retry-after')),
      );
    default:
      throw new UserError(`${new URL(response.url || endpoint).origin} answers ${status} for ${what}. Try again later.`);
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
