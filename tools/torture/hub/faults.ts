import type http from 'node:http';
import * as answers from './answers.ts';
import { COMMIT, description, factsOf, type Answer, type Exchange, type HubFault } from './hostileHub.ts';

const MODEL = ['config.json', 'model.safetensors', 'tokenizer.json', 'preprocessor_config.json'];

const withFacts =
  (change: (exchange: Exchange) => Record<string, string | number>): Answer =>
  (_, response, exchange) =>
    response.writeHead(200, { ...factsOf(exchange.bytes), ...change(exchange) }).end();

/** Bytes that are changed before they are sent. */
const withBytes =
  (change: (bytes: Buffer, exchange: Exchange) => Buffer): Answer =>
  (_, response, exchange) => {
    const sent = change(Buffer.from(exchange.bytes), exchange);
    response.writeHead(200, { 'transfer-encoding': 'chunked' }).end(sent);
  };

/** Sends a part of the bytes, and closes the connection. */
function cutAfter(part: number, response: http.ServerResponse, { bytes }: Exchange): void {
  response.writeHead(200, { 'content-length': bytes.length });
  response.write(bytes.subarray(0, Math.floor(part * bytes.length)), () => response.destroy());
}

const named = (how: string, name: string): HubFault => ({
  how: `a file with ${how} in its name`,
  description: answers.text(description([...MODEL, name])),
});

const descriptions: readonly HubFault[] = [
  ...[400, 401, 402, 403, 404, 406, 410, 418, 451].map((code) => ({
    how: `status ${code}`,
    description: answers.status(code),
  })),
  ...[500, 503].map((code) => ({ how: `status ${code} for ever`, description: answers.status(code), isSlow: true })),
  { how: 'a retry after a year', description: answers.status(429, { 'retry-after': '31536000' }), isSlow: true },
  { how: 'HTML instead of JSON', description: answers.page },
  { how: 'an empty answer', description: answers.text('') },
  { how: 'JSON of another kind', description: answers.text('[1,2,3]') },
  { how: 'nested JSON', description: answers.text(() => '['.repeat(5_000_000)) },
  {
    how: 'nested JSON in a description',
    description: answers.text(
      () => `{"sha":"${COMMIT}","siblings":[],"cardData":${'{"a":'.repeat(200_000)}1${'}'.repeat(200_000)}}`,
    ),
  },
  { how: 'JSON of 100 MB', description: answers.text(() => `{"a":"${'x'.repeat(100_000_000)}"}`) },
  {
    how: 'a million files',
    description: answers.text(() => description(Array.from({ length: 1_000_000 }, (_, i) => `${i}.txt`))),
  },
  { how: 'an endless description', description: answers.endless, isSlow: true },
  { how: 'a slow description', description: answers.drip, isSlow: true },
  { how: 'no answer', description: answers.silence, isSlow: true },
  { how: 'a closed connection', description: answers.hangUp, isSlow: true },
  { how: 'a short body', description: answers.shortBody, isSlow: true },
  { how: 'invalid chunks', description: answers.invalidChunks, isSlow: true },
  { how: 'invalid HTTP', description: answers.invalidHttp, isSlow: true },
  { how: 'huge headers', description: answers.hugeHeaders, isSlow: true },
  { how: 'a compressed description of 200 MB', description: answers.compressed },
  { how: 'invalid compression', description: answers.notCompressed, isSlow: true },
  { how: 'a redirect to itself', description: answers.redirect(({ hub }) => `${hub}/api/models/x/y/revision/main`) },
  { how: 'a redirect elsewhere', description: answers.redirect(({ elsewhere }) => elsewhere) },
  { how: 'a redirect to a file', description: answers.redirect(() => 'file:///etc/passwd') },
  { how: 'a redirect to nothing', description: answers.redirect(() => 'http://[') },
  { how: 'a commit that is a path', description: answers.text(description(MODEL, { sha: '../../../outside' })) },
  { how: 'no model', description: answers.text(description(['a.txt'])) },
  { how: 'a pickle', description: answers.text(description(['pytorch_model.bin', 'config.json'])) },
  {
    how: 'control characters in the licence',
    description: answers.text(
      description(['a.txt'], { cardData: { license: '\x1b[2J\x1b]0;title\x07\u009b31m\u202e' } }),
    ),
  },
  named('parents', '../../outside/new.txt'),
  named('parents inside', 'a/../../../outside/new.txt'),
  named('a root', '/tmp/new.txt'),
  named('backslashes', '..\\..\\new.txt'),
  named('a drive', 'C:\\new.txt'),
  named('NUL', 'new\0.txt'),
  named('an empty part', 'a//b.txt'),
  named('control characters and parents', '\x1b[31m/../x\u009b2J'),
];

const facts: readonly HubFault[] = [
  ...(
    [
      ['no hash', { 'x-linked-etag': '' }],
      ['a hash that is a path', { 'x-linked-etag': '"../../../../outside/new"' }],
      ['a hash of zeros', { 'x-linked-etag': `"${'0'.repeat(64)}"` }],
      ['a negative size', { 'x-linked-size': '-1' }],
      ['a size that is no number', { 'x-linked-size': 'many' }],
      ['a size of 8 exabytes', { 'x-linked-size': '9007199254740991' }],
      ['size 0', { 'x-linked-size': '0' }],
      ['one byte less', { 'x-linked-size': '1' }],
      ['another commit', { 'x-repo-commit': 'f'.repeat(40) }],
      ['a commit that is a path', { 'x-repo-commit': '../..' }],
    ] as const
  ).map(([how, headers]) => ({ how: `${how} in the headers`, facts: withFacts(() => ({ ...headers })) })),
  {
    how: 'a redirect of HEAD to itself',
    facts: answers.redirect(({ hub }) => `${hub}/a/b/resolve/${COMMIT}/config.json`),
  },
  { how: 'no answer to HEAD', facts: answers.silence, isSlow: true },
  { how: 'huge headers of HEAD', facts: answers.hugeHeaders, isSlow: true },
];

const bodies: readonly HubFault[] = [
  {
    how: 'other bytes',
    bytes: withBytes((bytes, { random }) => {
      bytes[random.below(bytes.length)] = 1;
      return Buffer.concat([bytes.subarray(1), Buffer.from([7])]);
    }),
  },
  {
    how: 'more bytes',
    bytes: withBytes((bytes, { random }) => Buffer.concat([bytes, random.bytes(random.between(1, 1000))])),
  },
  { how: 'endless bytes', bytes: answers.endless },
  { how: 'HTML instead of bytes', bytes: answers.page },
  { how: 'compressed bytes of 200 MB', bytes: answers.compressed },
  {
    how: 'bytes that are cut and restart from the beginning',
    bytes: (_, response, exchange) => {
      cutAfter(0.2 + 0.6 * ((exchange.times * 0.37) % 1), response, exchange);
    },
    isSlow: true,
  },
  {
    how: 'bytes that are cut at once',
    bytes: (_, response, exchange) => {
      cutAfter(0, response, exchange);
    },
    isSlow: true,
  },
  { how: 'bytes that end early', bytes: withBytes((bytes) => bytes.subarray(0, bytes.length >> 1)), isSlow: true },
  { how: 'no bytes', bytes: answers.silence, isSlow: true },
  {
    how: 'another range',
    bytes: (_, response, { bytes }) =>
      response.writeHead(206, { 'content-range': `bytes 5-9/${bytes.length}` }).end('12345'),
    isSlow: true,
  },
  {
    how: 'a range of another size',
    bytes: (_, response) => response.writeHead(206, { 'content-range': 'bytes 0-9/999999999999' }).end('1234567890'),
  },
  { how: 'status 416 for ever', bytes: answers.status(416), isSlow: true },
  {
    how: 'a redirect of the bytes to itself',
    bytes: answers.redirect(({ hub }) => `${hub}/a/b/resolve/${COMMIT}/config.json`),
  },
  { how: 'a redirect of the bytes elsewhere', bytes: answers.redirect(({ elsewhere }) => elsewhere), isSlow: true },
  {
    how: 'a redirect of the bytes to a closed port',
    bytes: answers.redirect(() => 'http://127.0.0.1:1/a'),
    isSlow: true,
  },
  { how: 'status 403 for the bytes', bytes: answers.status(403) },
];

/** All faults of a hub. */
export const hubFaults: readonly HubFault[] = [...descriptions, ...facts, ...bodies];
