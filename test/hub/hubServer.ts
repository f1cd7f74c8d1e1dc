/**
 * A hub on this machine that follows the protocol of the real one: repository description, HEAD and GET of files, small
 * files given out by itself at an address it redirects to, large ones by another server (another port is another host);
 * and that misbehaves where a test asks for it.
 */
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';

export interface HubRepository {
  readonly files: Readonly<Record<string, Buffer>>;
  readonly licence?: string;
}

/** What goes wrong next. Lists are used up, one entry a request of bytes; the rest holds until it is changed. */
export interface Faults {
  /** Answers of the hub to whatever comes, before anything else. */
  statuses: { readonly status: number; readonly headers?: Record<string, string> }[];
  /** Bytes after which the connection is closed. */
  cuts: number[];
  /** Bytes after which nothing more comes, and the connection stays. */
  stalls: number[];
  ignoreRange: boolean;
  /** The bytes differ from those announced. */
  corrupt: boolean;
  /** Added to the size in the answer of the second server, and to its bytes. */
  extraBytes: number;
  /** The second server does not say how much it sends. */
  unsized: boolean;
  /** What X-Linked-Size says. */
  size: number | null;
  /** What X-Linked-Etag says. */
  tag: string | null;
  /** Files below this are the hub's own. */
  smallBelow: number;
  /** Where large files are, instead of at the second server. */
  redirect: string | null;
  /** Without this token the hub shows nothing. */
  token: string | null;
  /** The hub answers no request at all. */
  silent: boolean;
  /** The description of a repository does not end. */
  endlessDescription: boolean;
}

export interface SeenRequest {
  readonly server: 'hub' | 'files';
  readonly method: string;
  readonly path: string;
  readonly range: string | null;
  readonly authorization: string | null;
}

export interface HubServer extends AsyncDisposable {
  readonly endpoint: string;
  readonly commit: string;
  readonly faults: Faults;
  readonly seen: readonly SeenRequest[];
}

export const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');
const gitBlob = (bytes: Buffer): string =>
  createHash('sha1').update(`blob ${bytes.length}\0`).update(bytes).digest('hex');

export async function startHub(repositories: Readonly<Record<string, HubRepository>>): Promise<HubServer> {
  const commit = 'c0ffee'.padEnd(40, '0');
  const seen: SeenRequest[] = [];
  const faults: Faults = {
    statuses: [],
    cuts: [],
    stalls: [],
    ignoreRange: false,
    corrupt: false,
    extraBytes: 0,
    unsized: false,
    size: null,
    tag: null,
    smallBelow: 1000,
    redirect: null,
    token: null,
    silent: false,
    endlessDescription: false,
  };

  const note = (server: SeenRequest['server'], request: http.IncomingMessage): void => {
    const { range = null, authorization = null } = request.headers;
    seen.push({ server, method: request.method ?? '', path: request.url ?? '', range, authorization });
  };
  const fileAt = (url: string): { bytes: Buffer; name: string; id: string; isDirect: boolean } | null => {
    const [address = ''] = decodeURIComponent(url).split('?');
    const [, cached, id = '', name = ''] =
      /^(?:\/api\/(resolve-cache)\/models)?\/([^/]+\/[^/]+)\/(?:resolve\/)?[0-9a-f]{40}\/(.+)$/.exec(address) ?? [];
    const bytes = repositories[id]?.files[name];
    return bytes ? { bytes, name, id, isDirect: cached !== undefined } : null;
  };

  const files = http.createServer((request, response) => {
    note('files', request);
    const file = fileAt(request.url ?? '');
    if (file) giveOut(file.bytes, request, response, faults);
    else response.writeHead(403).end();
  });
  await listen(files);

  const hub = http.createServer((request, response) => {
    note('hub', request);
    if (faults.silent) return;
    const forced = faults.statuses.shift();
    if (forced) {
      response.writeHead(forced.status, forced.headers).end('no');
      return;
    }
    if (faults.token !== null && request.headers.authorization !== `Bearer ${faults.token}`) {
      return void response.writeHead(401).end();
    }
    const [, id = ''] = /^\/api\/models\/([^/]+\/[^/]+)\/revision\//.exec(request.url ?? '') ?? [];
    const repository = repositories[id];
    if (repository && faults.endlessDescription) {
      const spaces = Buffer.alloc(1 << 20, ' ');
      const send = (): void => {
        if (!response.destroyed) response.write(spaces, send);
      };
      send();
      return;
    }
    if (repository) {
      const siblings = Object.keys(repository.files).map((rfilename) => ({ rfilename }));
      const cardData = repository.licence === undefined ? null : { license: repository.licence };
      return void response.end(JSON.stringify({ id, sha: commit, siblings, cardData }));
    }
    const file = fileAt(request.url ?? '');
    if (!file) return void response.writeHead(404, { 'x-error-code': 'EntryNotFound' }).end();
    response.setHeader('x-repo-commit', commit);
    if (file.bytes.length < faults.smallBelow && !file.isDirect) {
      const location = `/api/resolve-cache/models/${file.id}/${commit}/${file.name}?etag=x`;
      response.writeHead(307, { location, etag: '"of this redirect"' }).end('Temporary Redirect');
      return;
    }
    if (file.isDirect) {
      response.setHeader('etag', `"${gitBlob(file.bytes)}"`);
      giveOut(file.bytes, request, response, faults);
      return;
    }
    const elsewhere = faults.redirect ?? `${addressOf(files)}${request.url}`;
    response.writeHead(302, {
      location: elsewhere,
      'x-linked-etag': faults.tag ?? `"${sha256(file.bytes)}"`,
      'x-linked-size': faults.size ?? file.bytes.length,
    });
    response.end(`Found. Redirecting to ${elsewhere}`);
  });
  await listen(hub);

  return {
    endpoint: addressOf(hub),
    commit,
    faults,
    seen,
    async [Symbol.asyncDispose]() {
      for (const server of [hub, files]) {
        server.close();
        server.closeAllConnections();
        await once(server, 'close');
      }
    },
  };
}

function giveOut(whole: Buffer, request: http.IncomingMessage, response: http.ServerResponse, faults: Faults): void {
  const [, from] = /^bytes=(\d+)-$/.exec(request.headers.range ?? '') ?? [];
  const start = from === undefined || faults.ignoreRange ? 0 : Number(from);
  const bytes = Buffer.concat([whole, Buffer.alloc(faults.extraBytes, 1)]);
  if (faults.corrupt) bytes.writeUInt8(bytes.readUInt8(bytes.length - 1) ^ 1, bytes.length - 1);
  const part = bytes.subarray(start);
  response.statusCode = from === undefined || faults.ignoreRange ? 200 : 206;
  if (faults.unsized) response.setHeader('transfer-encoding', 'chunked');
  else response.setHeader('content-length', part.length);
  if (response.statusCode === 206) {
    response.setHeader('content-range', `bytes ${start}-${bytes.length - 1}/${bytes.length}`);
  }
  if (request.method === 'HEAD') return void response.end();
  const cut = faults.cuts.shift();
  const stall = faults.stalls.shift();
  const until = cut ?? stall;
  if (until === undefined || until >= part.length) return void response.end(part);
  response.write(part.subarray(0, until), () => {
    if (cut !== undefined) response.destroy();
  });
}

async function listen(server: http.Server): Promise<void> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
}

function addressOf(server: http.Server): string {
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
