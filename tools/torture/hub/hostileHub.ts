import { createHash } from 'node:crypto';
import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Random } from '../random.ts';

export type Answer = (request: http.IncomingMessage, response: http.ServerResponse, exchange: Exchange) => void;

/** What an answer can use. */
export interface Exchange {
  readonly random: Random;
  /** The requested file; empty for the description of the repository. */
  readonly bytes: Buffer;
  /** The number of earlier requests of the same kind. */
  readonly times: number;
  /** The address of a server outside of the hub. */
  readonly elsewhere: string;
  readonly hub: string;
}

/** The answers of a hub that differ from those of an honest one. */
export interface HubFault {
  readonly how: string;
  /** Replaces the description of the repository. */
  readonly description?: Answer;
  /** Replaces the answer to HEAD of a file, with its size and hash. */
  readonly facts?: Answer;
  /** Replaces the bytes of a file. */
  readonly bytes?: Answer;
  /** Whether the command waits for time limits of the product. Such cases are no part of the short form. */
  readonly isSlow?: boolean;
  /** Whether the command may succeed, because nothing is wrong with the bytes. */
  readonly mayPass?: boolean;
}

export const REPOSITORY = 'someone/hostile';
export const COMMIT = 'c0ffee'.padEnd(40, '0');
export type Files = Readonly<Record<string, Buffer>>;

/** The description of the repository, as the real hub sends it. */
export function description(names: readonly string[], more: Readonly<Record<string, unknown>> = {}): string {
  const siblings = names.map((rfilename) => ({ rfilename }));
  return JSON.stringify({ id: REPOSITORY, sha: COMMIT, siblings, cardData: { license: 'mit' }, ...more });
}

/** Headers with the size and the hash of a file. */
export function factsOf(bytes: Buffer): Record<string, string | number> {
  const hash = createHash('sha256').update(bytes).digest('hex');
  return { 'x-repo-commit': COMMIT, 'x-linked-etag': `"${hash}"`, 'x-linked-size': bytes.length };
}

export interface HostileHub extends AsyncDisposable {
  readonly address: string;
}

/** Starts a hub with one repository that answers as the fault says, and honestly otherwise. */
export async function startHostileHub(
  files: Files,
  fault: HubFault,
  { random, elsewhere }: Pick<Exchange, 'random' | 'elsewhere'>,
): Promise<HostileHub> {
  const counts = { description: 0, facts: 0, bytes: 0 };
  let address = '';
  const server = http.createServer((request, response) => {
    response.on('error', () => undefined);
    const url = request.url ?? '';
    const name = decodeURIComponent(url.split('?')[0] ?? '').replace(/^\/[^/]+\/[^/]+\/resolve\/[0-9a-f]+\//, '');
    const kind = url.startsWith('/api/') ? 'description' : request.method === 'HEAD' ? 'facts' : 'bytes';
    const bytes = files[name] ?? Buffer.alloc(0);
    const exchange: Exchange = { random, bytes, times: counts[kind]++, elsewhere, hub: address };
    const hostile = fault[kind];
    if (hostile) hostile(request, response, exchange);
    else if (kind === 'description') response.end(description(Object.keys(files)));
    else if (!(name in files)) response.writeHead(404).end();
    else if (kind === 'facts') response.writeHead(200, { ...factsOf(bytes), 'content-length': bytes.length }).end();
    else response.writeHead(200, { 'content-length': bytes.length }).end(bytes);
  });
  server.on('clientError', (_error, socket) => socket.destroy());
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    address,
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}
