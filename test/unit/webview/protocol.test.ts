import assert from 'node:assert/strict';
import { setImmediate as nextTurn } from 'node:timers/promises';
import * as z from 'zod/mini';
import type { Message } from '../../../src/base/rpc/message.ts';
import type { Handlers } from '../../../src/base/rpc/protocol.ts';
import { RpcServer } from '../../../src/base/rpc/server.ts';
import {
  everything,
  galleryContract,
  type GalleryMethod,
  type GalleryParams,
  type GalleryProtocol,
} from '../../../src/webview/protocol.ts';

const { methods, clientEvents, serverEvents } = galleryContract;
const LONG = 'x'.repeat(10_001);
const isValid = (schema: z.core.$ZodType, value: unknown): boolean => z.safeParse(schema, value).success;
const acceptsParams = (method: GalleryMethod, params: unknown): boolean => isValid(methods[method].params, params);
const acceptsResult = (method: GalleryMethod, result: unknown): boolean => isValid(methods[method].result, result);

/** Parameters of each method, as the page sends them. */
const PARAMS: { readonly [M in GalleryMethod]: GalleryParams<M> } = {
  arrange: { arrangement: everything },
  choices: null,
  tiles: { ids: [0, 1, 2] },
  find: { uris: ['file:///a.png'] },
  thumbnail: { id: 0, side: 256, background: 'any' },
  picture: { id: 0, side: 1600, background: 'dark' },
  details: { id: 7 },
  references: { id: 7 },
  duplicates: { id: 7 },
  heatmap: { id: 7, method: 'where', prompts: [{ text: 'cat', set: null }] },
  setTag: { ids: [7], label: 'cat', holds: null, undo: false },
  act: { action: 'open', ids: [7] },
  openReference: { uri: 'file:///a.md', line: 0, start: 0, end: 5 },
  savePicture: { id: 7, png: Uint8Array.of(1) },
  tagWorkspace: null,
};

const picture = { bytes: Uint8Array.of(1), reason: '', width: 1, height: 1 };
const tile = {
  id: 1,
  path: 'a.png',
  folder: '',
  uri: 'file:///a.png',
  fsPath: '/a.png',
  folderUri: 'file:///',
  width: 1,
  height: 1,
  format: 'png',
  bytes: 1,
  hash: 'abc',
  tags: [{ label: 'cat', set: '', score: 0.5, manual: false }],
  uncertain: [],
};
/** A result of each method, as the panel sends it. */
const RESULTS: Readonly<Record<GalleryMethod, unknown>> = {
  arrange: {
    order: Uint32Array.of(1),
    scores: Float32Array.of(NaN),
    copies: Uint32Array.of(0),
    named: Uint32Array.of(0),
    groups: [{ key: 'all', title: '', label: null, count: 1 }],
    total: 1,
    message: '',
  },
  choices: { labels: [], formats: [{ format: 'png', images: 3 }], folders: [] },
  tiles: { tiles: [tile] },
  find: { ids: [3, null] },
  thumbnail: picture,
  picture: { ...picture, bytes: null, reason: 'gone' },
  details: {
    tile,
    scores: [{ set: '', label: 'cat', score: 0.5, threshold: 0.2, holds: true, manual: null, prompts: ['a cat'] }],
    properties: [{ name: 'Format', value: 'PNG' }],
  },
  references: {
    references: [{ uri: 'file:///a.md', file: 'a.md', line: 1, start: 0, end: 3, text: 'a' }],
    complete: true,
  },
  duplicates: { images: [{ id: 1, path: 'a.png', cosine: 1, isCopy: true }] },
  heatmap: {
    columns: 1,
    rows: 1,
    area: { left: 0, top: 0, width: 1, height: 1 },
    values: Float32Array.of(0),
    range: { from: 0, to: 1 },
    similarities: Float32Array.of(0),
    method: 'x',
  },
  setTag: null,
  act: null,
  openReference: null,
  savePicture: { saved: false },
  tagWorkspace: null,
};
const names = Object.keys(PARAMS) as GalleryMethod[];
/** The methods that have parameters. */
const paramEntries = names.flatMap((name) => {
  const params: Readonly<Record<string, unknown>> | null = PARAMS[name];
  return params ? [[name, params] as const] : [];
});

describe('the parameters of a request of the page', () => {
  for (const [method, params] of paramEntries) {
    it(`of "${method}" must be complete and have the right types`, () => {
      assert.ok(acceptsParams(method, params));
      for (const name of Object.keys(params)) {
        const others = Object.fromEntries(Object.entries(params).filter(([other]) => other !== name));
        assert.ok(!acceptsParams(method, others), `without ${name}`);
        for (const wrong of [undefined, 3.5, {}, [{}], 'unknown', () => 1]) {
          if (name === 'label' || name === 'uri') continue; // any text is valid
          assert.ok(!acceptsParams(method, { ...params, [name]: wrong }), `${name} is a ${typeof wrong}`);
        }
      }
    });
  }

  it('must be null if the method has none', () => {
    for (const method of ['choices', 'tagWorkspace'] as const) {
      assert.ok(acceptsParams(method, null));
      for (const other of [undefined, 0, '', {}, []]) assert.ok(!acceptsParams(method, other), JSON.stringify(other));
    }
  });

  it('must have valid image ids', () => {
    for (const id of [-1, 0.5, NaN, Infinity, 2 ** 53, '0', null, [0]]) {
      for (const [method, params] of paramEntries) {
        if ('id' in params) assert.ok(!acceptsParams(method, { ...params, id }), `${method} of ${String(id)}`);
        if ('ids' in params)
          assert.ok(!acceptsParams(method, { ...params, ids: [0, id] }), `${method} of ${String(id)}`);
      }
    }
  });

  it('are limited in size', () => {
    assert.ok(acceptsParams('tiles', { ids: Array(500).fill(0) }));
    assert.ok(!acceptsParams('tiles', { ids: Array(501).fill(0) }));
    const withArrangement = (part: object) => ({ arrangement: { ...everything, ...part } });
    assert.ok(!acceptsParams('arrange', withArrangement({ query: LONG })));
    assert.ok(!acceptsParams('arrange', withArrangement({ labels: [{ set: '', label: LONG }] })));
    assert.ok(!acceptsParams('setTag', { ...PARAMS.setTag, label: LONG }));
    assert.ok(!acceptsParams('openReference', { ...PARAMS.openReference, uri: LONG }));
    const prompt = { text: 'cat', set: null };
    assert.ok(!acceptsParams('heatmap', { ...PARAMS.heatmap, prompts: [] }));
    assert.ok(!acceptsParams('heatmap', { ...PARAMS.heatmap, prompts: Array(7).fill(prompt) }));
    assert.ok(!acceptsParams('heatmap', { ...PARAMS.heatmap, prompts: [{ ...prompt, text: LONG }] }));
    for (const side of [0, -1, 1025]) assert.ok(!acceptsParams('thumbnail', { ...PARAMS.thumbnail, side }));
    for (const side of [0, -1, 4097]) assert.ok(!acceptsParams('picture', { ...PARAMS.picture, side }));
    for (const line of [-1, 0.5, NaN]) assert.ok(!acceptsParams('openReference', { ...PARAMS.openReference, line }));
  });

  it('can only have known values in an arrangement', () => {
    const isAccepted = (part: object): boolean => acceptsParams('arrange', { arrangement: { ...everything, ...part } });
    assert.ok(isAccepted({}));
    const wrong: object[] = [
      { group: 'size' },
      { order: 'random' },
      { size: 'huge' },
      { tagging: 'maybe' },
      { labelMode: 'some' },
      { names: 'yes' },
      { formats: 'png' },
      { formats: [1] },
      { labels: ['cat'] },
      { labels: [{ label: 'cat' }] },
      { score: { least: NaN, most: 1 } },
      { score: { least: '0', most: 1 } },
      { score: 0.5 },
      { folder: null },
    ];
    for (const part of wrong) assert.ok(!isAccepted(part), JSON.stringify(part));
  });

  it('can only name known actions', () => {
    for (const action of ['removeTag', 'assetlens.openImages', 'workbench.action.terminal.new', '__proto__', '']) {
      assert.ok(!acceptsParams('act', { ...PARAMS.act, action }), action);
    }
  });
});

describe('the panel', () => {
  /** Sends a message to a panel whose handlers only record their calls. */
  async function send(message: unknown) {
    const calls: unknown[] = [];
    const events: unknown[] = [];
    const replies: Message[] = [];
    const handlers = Object.fromEntries(
      names.map((name) => [
        name,
        (params: unknown) => {
          calls.push([name, params]);
          return RESULTS[name];
        },
      ]),
    ) as unknown as Handlers<GalleryProtocol>;
    const server = new RpcServer<GalleryProtocol>((reply) => replies.push(reply), {
      handlers,
      contract: galleryContract,
      onEvent: { ready: (data) => events.push(data), crash: (data) => events.push(data) },
    });
    server.receive(message);
    for (let turn = 0; turn < 5; turn++) await nextTurn();
    return { calls, events, replies };
  }

  it('answers each method', async () => {
    for (const method of names) {
      const { calls, replies } = await send({ type: 'request', id: 1, method, params: PARAMS[method] });
      assert.deepEqual(calls, [[method, PARAMS[method]]]);
      assert.deepEqual(replies, [{ type: 'reply', id: 1, result: RESULTS[method] }]);
    }
  });

  it('handles nothing else', async () => {
    const others = [
      null,
      'ready',
      {},
      { type: 'nonsense' },
      { type: 'request' },
      { type: 'request', id: 'x', method: 'choices', params: null },
      { type: 'request', id: 1, method: 'eval', params: { code: '1' } },
      { type: 'request', id: 1, method: ['choices'], params: null },
      { type: 'request', id: 1, method: 'constructor', params: null },
      { type: 'request', id: 1, method: 'choices', params: {} },
      { type: 'cancel' },
      { type: 'cancel', id: 0.5 },
      { type: 'event', event: 'changed', data: null },
      { type: 'event', event: 'ready', data: {} },
      { type: 'event', event: 'crash', data: { message: 1, stack: '' } },
      { type: 'event', event: 'crash', data: { message: LONG, stack: '' } },
    ];
    for (const other of others) {
      const { calls, events, replies } = await send(other);
      assert.deepEqual([calls, events], [[], []], JSON.stringify(other));
      assert.ok(replies.every(({ type }) => type === 'failure'));
    }
  });

  it('handles the events of the page', async () => {
    const crash = { message: 'm', stack: 's' };
    assert.deepEqual((await send({ type: 'event', event: 'ready', data: null })).events, [null]);
    assert.deepEqual((await send({ type: 'event', event: 'crash', data: crash })).events, [crash]);
  });

  it('removes unknown properties', async () => {
    const params = { id: 7, evil: true };
    const { calls } = await send({ type: 'request', id: 1, method: 'details', params, more: 1 });
    assert.deepEqual(calls, [['details', { id: 7 }]]);
  });
});

describe('the results that the page accepts', () => {
  for (const method of names) {
    it(`for "${method}" are only results of that method`, () => {
      assert.ok(acceptsResult(method, RESULTS[method]));
      const properties = JSON.stringify(Object.keys(RESULTS[method] ?? {}).sort());
      for (const other of names) {
        const isSame = JSON.stringify(Object.keys(RESULTS[other] ?? {}).sort()) === properties;
        assert.equal(acceptsResult(method, RESULTS[other]), isSame, other);
      }
      for (const wrong of [undefined, 0, 'text', true, []]) assert.ok(!acceptsResult(method, wrong), String(wrong));
    });
  }

  it('have typed arrays for numbers and pictures, over any kind of memory', () => {
    const shared = new Uint8Array(new SharedArrayBuffer(4));
    assert.ok(acceptsResult('thumbnail', { ...picture, bytes: shared }));
    for (const bytes of ['RIFF', [1, 2], { 0: 1 }, new ArrayBuffer(2)]) {
      assert.ok(!acceptsResult('thumbnail', { ...picture, bytes }));
    }
    const arranged = RESULTS.arrange as object;
    assert.ok(!acceptsResult('arrange', { ...arranged, order: [1] }));
    assert.ok(!acceptsResult('arrange', { ...arranged, order: Float32Array.of(1) }));
    assert.ok(!acceptsResult('arrange', { ...arranged, scores: [0.5] }));
  });
});

describe('the events that the page accepts', () => {
  const destination = { arrangement: null, detail: 3, heatmap: false };

  it('have valid data', () => {
    assert.ok(isValid(serverEvents.changed, null));
    assert.ok(isValid(serverEvents.indexing, null));
    assert.ok(isValid(serverEvents.indexing, { message: 'm', percent: 3 }));
    assert.ok(isValid(serverEvents.show, destination));
    for (const progress of [undefined, {}, { message: 'm' }, { message: 'm', percent: NaN }]) {
      assert.ok(!isValid(serverEvents.indexing, progress), JSON.stringify(progress));
    }
    for (const part of [{ detail: -1 }, { arrangement: {} }, { heatmap: null }]) {
      assert.ok(!isValid(serverEvents.show, { ...destination, ...part }), JSON.stringify(part));
    }
    assert.ok(isValid(clientEvents.ready, null) && !isValid(clientEvents.ready, 0));
  });
});
