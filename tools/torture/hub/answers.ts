import { gzipSync } from 'node:zlib';
import type { Answer } from './hostileHub.ts';

/** Answers that are hostile to any request. */

const CHUNK = Buffer.alloc(64 * 1024, 0x20);
const DRIP_MILLISECONDS = 500;

/** A body that never ends. */
export const endless: Answer = (_, response) => {
  const more = (): void => {
    while (!response.destroyed && response.write(CHUNK)) continue;
  };
  response.writeHead(200, { 'content-type': 'application/json' });
  response.on('drain', more);
  more();
};

/** One byte at a time. */
export const drip: Answer = (_, response) => {
  response.writeHead(200);
  const timer = setInterval(() => response.write(' '), DRIP_MILLISECONDS);
  response.on('close', () => {
    clearInterval(timer);
  });
};

export const silence: Answer = () => undefined;

export const hangUp: Answer = (request) => request.socket.destroy();

export const page: Answer = (_, response) =>
  response.writeHead(200, { 'content-type': 'text/html' }).end('<!DOCTYPE html><html><body>Sign in</body></html>');

export const status =
  (code: number, headers: Record<string, string> = {}): Answer =>
  (_, response) =>
    response.writeHead(code, headers).end('no');

export const text =
  (content: string | (() => string)): Answer =>
  (_, response) =>
    response.end(typeof content === 'string' ? content : content());

export const hugeHeaders: Answer = (request) => {
  const { socket } = request;
  socket.write('HTTP/1.1 200 OK\r\n');
  for (let i = 0; i < 300 && !socket.destroyed; i++) socket.write(`x-${i}: ${'a'.repeat(8000)}\r\n`);
  socket.end('\r\n{}');
};

export const invalidHttp: Answer = (request) => request.socket.end('\x00\x01 this is not HTTP\r\n\r\n');

export const shortBody: Answer = (request) =>
  request.socket.end('HTTP/1.1 200 OK\r\ncontent-length: 1000000\r\n\r\n{"sha":');

export const invalidChunks: Answer = (request) =>
  request.socket.end('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFF\r\n{}');

/** Compressed blanks, a thousand times larger when they are unpacked. */
export const compressed: Answer = (_, response) => {
  response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(Buffer.alloc(200_000_000, 0x20), { level: 1 }));
};

export const notCompressed: Answer = (_, response) =>
  response.writeHead(200, { 'content-encoding': 'gzip' }).end('{"this":"is not gzip"}');

export const redirect =
  (target: (places: { readonly elsewhere: string; readonly hub: string }) => string, code = 302): Answer =>
  (_, response, exchange) =>
    response.writeHead(code, { location: target(exchange) }).end();
