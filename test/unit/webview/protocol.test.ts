import assert from 'node:assert/strict';
import * as z from 'zod/mini';
import {
  everything,
  replySchemas,
  savedStateSchema,
  toPageSchema,
  toPanelSchema,
  type PageRequest,
  type SavedState,
} from '../../../src/webview/protocol.ts';

const LONG = 'x'.repeat(10_001);
const asked = (request: unknown): boolean => toPanelSchema.safeParse({ type: 'request', number: 1, request }).success;
const told = (message: unknown): boolean => toPageSchema.safeParse(message).success;
const answered = (kind: PageRequest['kind'], value: unknown): boolean =>
  z.safeParse<z.core.$ZodType>(replySchemas[kind], value).success;

/** A request of each kind, as the page makes them. */
const REQUESTS: { readonly [Kind in PageRequest['kind']]: Extract<PageRequest, { kind: Kind }> } = {
  arrange: { kind: 'arrange', arrangement: everything },
  choices: { kind: 'choices' },
  tiles: { kind: 'tiles', ids: [0, 1, 2] },
  find: { kind: 'find', uris: ['file:///a.png'] },
  thumbnail: { kind: 'thumbnail', id: 0, side: 256, background: 'any' },
  picture: { kind: 'picture', id: 0, side: 1600, background: 'dark' },
  details: { kind: 'details', id: 7 },
  references: { kind: 'references', id: 7 },
  duplicates: { kind: 'duplicates', id: 7 },
  heatmap: { kind: 'heatmap', id: 7, method: 'where', prompts: [{ text: 'cat', set: null }] },
  setTag: { kind: 'setTag', ids: [7], label: 'cat', holds: null, undo: false },
  act: { kind: 'act', action: 'open', ids: [7] },
  openReference: { kind: 'openReference', uri: 'file:///a.md', line: 0, start: 0, end: 5 },
  savePicture: { kind: 'savePicture', id: 7, png: Uint8Array.of(1) },
  tagWorkspace: { kind: 'tagWorkspace' },
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
/** A reply to each of them, as the panel makes them. */
const REPLIES: Readonly<Record<PageRequest['kind'], unknown>> = {
  arrange: {
    order: Uint32Array.of(1),
    scores: Float32Array.of(NaN),
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
const kinds = Object.keys(REQUESTS) as PageRequest['kind'][];

describe('What the page may ask of the panel', () => {
  for (const kind of kinds) {
    const request: Record<string, unknown> = REQUESTS[kind];
    it(`is "${kind}", whole and of the right types`, () => {
      assert.ok(asked(request));
      for (const part of Object.keys(request)) {
        const rest = Object.fromEntries(Object.entries(request).filter(([name]) => name !== part));
        assert.ok(!asked(rest), `without ${part}`);
        for (const wrong of [undefined, 3.5, {}, [{}], 'of no kind', () => 1]) {
          if (part === 'label' || part === 'uri') continue; // any text is right there
          assert.ok(!asked({ ...request, [part]: wrong }), `${part} is a ${typeof wrong}`);
        }
      }
    });
  }

  it('is nothing else', () => {
    for (const other of [
      null,
      0,
      '',
      'choices',
      [],
      {},
      { kind: 'eval', code: '1' },
      { kind: ['choices'] },
      { kind: 'constructor' },
    ])
      assert.ok(!asked(other), JSON.stringify(other));
    for (const other of [
      null,
      'ready',
      {},
      { type: 'nonsense' },
      { type: 'request' },
      { type: 'request', number: 'x', request: REQUESTS.choices },
      { type: 'cancel' },
      { type: 'cancel', number: 0.5 },
      { type: 'crash', message: 1, stack: '' },
    ]) {
      assert.ok(!toPanelSchema.safeParse(other).success, JSON.stringify(other));
    }
    for (const own of [{ type: 'ready' }, { type: 'cancel', number: 3 }, { type: 'crash', message: 'm', stack: 's' }]) {
      assert.ok(toPanelSchema.safeParse(own).success);
    }
  });

  it('names images by numbers that can be theirs', () => {
    for (const id of [-1, 0.5, NaN, Infinity, 2 ** 53, '0', null, [0]]) {
      for (const kind of kinds) {
        const request = REQUESTS[kind];
        if ('id' in request) assert.ok(!asked({ ...request, id }), `${kind} of ${String(id)}`);
        if ('ids' in request) assert.ok(!asked({ ...request, ids: [0, id] }), `${kind} of ${String(id)}`);
      }
    }
  });

  it('is never too much', () => {
    assert.ok(asked({ ...REQUESTS.tiles, ids: Array(500).fill(0) }));
    assert.ok(!asked({ ...REQUESTS.tiles, ids: Array(501).fill(0) }));
    assert.ok(!asked({ ...REQUESTS.arrange, arrangement: { ...everything, query: LONG } }));
    assert.ok(!asked({ ...REQUESTS.arrange, arrangement: { ...everything, labels: [{ set: '', label: LONG }] } }));
    assert.ok(!asked({ ...REQUESTS.setTag, label: LONG }));
    assert.ok(!asked({ ...REQUESTS.openReference, uri: LONG }));
    const prompt = { text: 'cat', set: null };
    assert.ok(!asked({ ...REQUESTS.heatmap, prompts: [] }));
    assert.ok(!asked({ ...REQUESTS.heatmap, prompts: Array(7).fill(prompt) }));
    assert.ok(!asked({ ...REQUESTS.heatmap, prompts: [{ ...prompt, text: LONG }] }));
    for (const side of [0, -1, 1025]) assert.ok(!asked({ ...REQUESTS.thumbnail, side }));
    for (const side of [0, -1, 4097]) assert.ok(!asked({ ...REQUESTS.picture, side }));
    for (const line of [-1, 0.5, NaN]) assert.ok(!asked({ ...REQUESTS.openReference, line }));
    assert.ok(!toPanelSchema.safeParse({ type: 'crash', message: LONG, stack: '' }).success);
  });

  it('has an arrangement of words that the panel knows', () => {
    const with_ = (part: object): boolean => asked({ kind: 'arrange', arrangement: { ...everything, ...part } });
    assert.ok(with_({}));
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
    for (const part of wrong) assert.ok(!with_(part), JSON.stringify(part));
  });

  it('does only what there is a command for', () => {
    for (const action of ['removeTag', 'assetlens.openImages', 'workbench.action.terminal.new', '__proto__', '']) {
      assert.ok(!asked({ ...REQUESTS.act, action }), action);
    }
  });

  it('leaves out what it does not know, so that nothing of it goes on', () => {
    const parsed = toPanelSchema.parse({
      type: 'request',
      number: 1,
      request: { kind: 'choices', evil: true },
      more: 1,
    });
    assert.deepEqual(parsed, { type: 'request', number: 1, request: { kind: 'choices' } });
  });
});

describe('What the page takes of the panel', () => {
  for (const kind of kinds) {
    it(`is an answer to "${kind}" of its own kind alone`, () => {
      assert.ok(answered(kind, REPLIES[kind]));
      const own = JSON.stringify(Object.keys(REPLIES[kind] ?? {}).sort());
      for (const other of kinds) {
        const same = JSON.stringify(Object.keys(REPLIES[other] ?? {}).sort()) === own;
        assert.equal(answered(kind, REPLIES[other]), same, other);
      }
      for (const wrong of [undefined, 0, 'text', true, []]) assert.ok(!answered(kind, wrong), String(wrong));
    });
  }

  it('has numbers and pictures as typed arrays, of any memory', () => {
    const shared = new Uint8Array(new SharedArrayBuffer(4));
    assert.ok(answered('thumbnail', { ...picture, bytes: shared }));
    for (const bytes of ['RIFF', [1, 2], { 0: 1 }, new ArrayBuffer(2)])
      assert.ok(!answered('thumbnail', { ...picture, bytes }));
    const arrange = REPLIES.arrange as object;
    assert.ok(!answered('arrange', { ...arrange, order: [1] }));
    assert.ok(!answered('arrange', { ...arrange, order: Float32Array.of(1) }));
    assert.ok(!answered('arrange', { ...arrange, scores: [0.5] }));
  });

  it('is one of its messages', () => {
    const destination = { arrangement: null, detail: 3, heatmap: false };
    for (const own of [
      { type: 'changed' },
      { type: 'reply', number: 1, value: null },
      { type: 'failure', number: 1, message: 'm', cancelled: false },
      { type: 'indexing', progress: null },
      { type: 'indexing', progress: { message: 'm', percent: 3 } },
      { type: 'show', destination },
    ])
      assert.ok(told(own), own.type);
    for (const other of [
      null,
      'changed',
      { type: 'eval' },
      { type: 'reply', number: '1', value: null },
      { type: 'failure', number: 1, message: LONG, cancelled: false },
      { type: 'indexing' },
      { type: 'indexing', progress: { message: 'm', percent: NaN } },
      { type: 'show', destination: { ...destination, detail: -1 } },
      { type: 'show', destination: { ...destination, arrangement: {} } },
    ])
      assert.ok(!told(other), JSON.stringify(other));
  });
});

describe('What the page keeps over a reload', () => {
  const state: SavedState = {
    version: 1,
    arrangement: everything,
    tileSize: 128,
    filtersOpen: true,
    detail: { uri: 'file:///a.png' },
    anchor: null,
    heatmap: {
      on: true,
      method: 'why',
      colours: 'inferno',
      opacity: 0.5,
      cells: false,
      relative: false,
      sideBySide: true,
    },
    background: 'light',
    split: 60,
  };

  it('is taken as it was, over JSON', () => {
    assert.deepEqual(savedStateSchema.parse(JSON.parse(JSON.stringify(state))), state);
  });

  it('is not taken from another version, nor where it is damaged', () => {
    const others = [
      undefined,
      null,
      {},
      { ...state, version: 2 },
      { ...state, arrangement: null },
      { ...state, background: 'pink' },
      { ...state, heatmap: { ...state.heatmap, colours: 'jet' } },
      { ...state, tileSize: 'large' },
    ];
    for (const other of others) assert.ok(!savedStateSchema.safeParse(other).success, JSON.stringify(other));
  });
});
