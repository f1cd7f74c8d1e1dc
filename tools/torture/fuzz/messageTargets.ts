import fc from 'fast-check';
import { RpcServer } from '../../../src/base/rpc/server.ts';
import type { Message } from '../../../src/base/rpc/message.ts';
import type { Handlers } from '../../../src/base/rpc/protocol.ts';
import { describeInput, pathsInFolder, searchInput } from '../../../src/providers/languageModelTools/toolInput.ts';
import {
  GROUPINGS,
  LABEL_MODES,
  ORDERS,
  SIZES,
  TAGGINGS,
  galleryContract,
  type GalleryMethod,
  type GalleryProtocol,
} from '../../../src/webview/protocol.ts';
import { anyText } from './inputs.ts';
import { target, WrongResult, type FuzzTarget } from './target.ts';

const METHODS = Object.keys(galleryContract.methods) as [GalleryMethod, ...GalleryMethod[]];
const number = fc.oneof(fc.nat(), fc.double(), fc.constantFrom(-1, 2 ** 31, 2 ** 53, 1e308));
const arrangement = fc.record(
  {
    query: anyText(),
    names: fc.boolean(),
    labels: fc.array(fc.record({ set: anyText(8), label: anyText(8) }), { maxLength: 3 }),
    labelMode: fc.constantFrom(...LABEL_MODES),
    tagging: fc.constantFrom(...TAGGINGS),
    score: fc.record({ least: number, most: number }),
    formats: fc.array(anyText(5), { maxLength: 2 }),
    size: fc.constantFrom(...SIZES),
    folder: anyText(),
    group: fc.constantFrom(...GROUPINGS),
    order: fc.constantFrom(...ORDERS),
  },
  { noNullPrototype: true },
);
/** Parameters that are almost right: the keys are those of the protocol, and some values are not. */
const parameters = fc.dictionary(
  fc.constantFrom(
    'id',
    'ids',
    'uris',
    'side',
    'background',
    'method',
    'prompts',
    'label',
    'holds',
    'undo',
    'action',
    'uri',
    'line',
    'start',
    'end',
    'png',
    'arrangement',
    '__proto__',
  ),
  fc.oneof(
    number,
    fc.array(number, { maxLength: 600 }),
    anyText(),
    arrangement,
    fc.boolean(),
    fc.constant(null),
    fc.uint8Array({ maxLength: 9 }),
    fc.constantFrom('where', 'why', 'open', 'light'),
    fc.array(fc.record({ text: anyText(5), set: fc.constant(null) }), { maxLength: 8 }),
  ),
  { maxKeys: 6 },
);
const id = fc.oneof({ weight: 8, arbitrary: fc.nat(20) }, { weight: 1, arbitrary: fc.anything() });
const method = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom<string>(...METHODS) },
  { weight: 1, arbitrary: fc.constantFrom('constructor', 'toString', '__proto__', 'x') },
);
const message = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      type: fc.constant('request'),
      id,
      method,
      params: fc.oneof(parameters, fc.record({ arrangement }), fc.constant(null), fc.anything()),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      type: fc.constantFrom('cancel', 'event', 'reply', 'failure', 'x'),
      id,
      event: fc.constantFrom('ready', 'crash', 'constructor'),
      data: fc.anything(),
    }),
  },
  { weight: 1, arbitrary: fc.anything() },
);

const messages = target({
  name: 'messages',
  inputs: fc.array(message, { minLength: 1, maxLength: 3 }),
  async read(received) {
    const posted: Message[] = [];
    const calls: { method: GalleryMethod; params: unknown }[] = [];
    const handlers = Object.fromEntries(
      METHODS.map((name) => [name, (params: unknown) => void calls.push({ method: name, params })]),
    );
    const server = new RpcServer<GalleryProtocol>((answer) => posted.push(answer), {
      handlers: handlers as unknown as Handlers<GalleryProtocol>,
      onEvent: { ready: () => undefined, crash: () => undefined },
      contract: galleryContract,
    });
    for (const one of received) server.receive(one);
    for (let turn = 0; turn < 5; turn++) await Promise.resolve();
    for (const { method: name, params } of calls) checkParameters(name, params);
    if (posted.length > received.length)
      throw new WrongResult(`${posted.length} answers to ${received.length} messages`);
  },
  allows: () => false,
});

/** Checks limits that handlers rely on, without the schemas. */
function checkParameters(name: GalleryMethod, params: unknown): void {
  if (params === null) return;
  if (typeof params !== 'object') throw new WrongResult(`${name} was called with a ${typeof params}`);
  const { ids, prompts, side, query } = params as Record<string, unknown>;
  if (name === 'tiles' && (!Array.isArray(ids) || ids.length > 500))
    throw new WrongResult('tiles without a list of ids');
  if (Array.isArray(ids) && !ids.every((one) => Number.isSafeInteger(one) && (one as number) >= 0))
    throw new WrongResult(`${name} with an invalid id`);
  if (name === 'heatmap' && (!Array.isArray(prompts) || prompts.length > 6))
    throw new WrongResult('heatmap without prompts');
  if (side !== undefined && !((side as number) > 0 && (side as number) <= 4096))
    throw new WrongResult(`the side ${JSON.stringify(side)}`);
  if (query !== undefined && typeof query !== 'string') throw new WrongResult('a query that is no text');
}

const toolInputs = target({
  name: 'tool-inputs',
  inputs: fc.oneof(
    fc.record({ query: fc.oneof(anyText(), fc.anything()), limit: number, path: anyText() }, { requiredKeys: [] }),
    fc.anything(),
  ),
  read(input) {
    const search = valid(searchInput, input);
    const description = valid(describeInput, input);
    if (search && !(search.limit >= 1 && search.limit <= 100)) throw new WrongResult(`limit ${search.limit}`);
    if (description) pathsInFolder(description.file, '/nowhere/folder', 'folder', true);
  },
});

/** The input that a reader returns; undefined if it reports a mistake to the user. */
function valid<T>(read: (input: unknown) => T, input: unknown): T | undefined {
  try {
    return read(input);
  } catch (error) {
    if (error instanceof Error && error.name === 'UserError') return undefined;
    throw error;
  }
}

export const messageTargets: readonly FuzzTarget[] = [messages, toolInputs];
