import { appendFile, cp, mkdir, readFile, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import type { Canary } from '../canary.ts';
import type { Random } from '../random.ts';
import { parseSafetensors, safetensors, type SafetensorsFile, type TensorEntry } from './safetensors.ts';

/** A model that was changed by a stranger. */
export interface HostileModel {
  readonly how: string;
  /** The layout of the model that is changed: a checkpoint, or a model folder of our own. */
  readonly layout: 'checkpoint' | 'own';
  readonly change: (folder: string, tools: Tools) => Promise<void>;
  /** Whether the model may be read through a link, as in the cache of the hub. Its content must not be printed. */
  readonly followsLinks?: boolean;
  /** Whether the model may work, because the product is allowed to read it. */
  readonly mayPass?: boolean;
}

export interface Tools {
  readonly random: Random;
  readonly canary: Canary;
}

const WEIGHTS = 'model.safetensors';
const LINK = 'a link to a file outside';
const MEGABYTE = 2 ** 20;
const nested = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth);

type Weights = (file: SafetensorsFile, tools: Tools) => Buffer;

const weights = (how: string, make: Weights, mayPass = false): HostileModel => ({
  how: `weights: ${how}`,
  layout: 'checkpoint',
  mayPass,
  async change(folder, tools) {
    const file = path.join(folder, WEIGHTS);
    await writeFile(file, make(parseSafetensors(await readFile(file)), tools));
  },
});

/** Changes the entry of one tensor of the header. */
const entry = (how: string, change: (tensor: TensorEntry, header: Record<string, TensorEntry>) => void): HostileModel =>
  weights(how, ({ header, data }, { random }) => {
    const [, tensor] = random.pick(Object.entries(header)) ?? [];
    if (tensor) change(tensor, header);
    return safetensors(JSON.stringify(header), data);
  });

const filled = (how: string, value: number): HostileModel =>
  weights(how, ({ header, data }) => {
    const values = new Float32Array(data.length / 4).fill(value);
    return safetensors(JSON.stringify(header), Buffer.from(values.buffer));
  });

const json =
  (name: string, layout: HostileModel['layout']) =>
  (how: string, change: (value: Record<string, unknown>, tools: Tools) => unknown, mayPass = false): HostileModel => ({
    how: `${name}: ${how}`,
    layout,
    mayPass,
    async change(folder, tools) {
      const file = path.join(folder, name);
      const value = JSON.parse(await readFile(file, 'utf8')) as Record<string, unknown>;
      await writeFile(file, JSON.stringify(change(value, tools) ?? value));
    },
  });
const config = json('config.json', 'checkpoint');
const tokenizer = json('tokenizer.json', 'checkpoint');
const preprocessing = json('preprocessor_config.json', 'checkpoint');
const manifest = json('manifest.json', 'own');

const vision = (value: Record<string, unknown>): Record<string, unknown> =>
  value['vision_config'] as Record<string, unknown>;
const part = (value: Record<string, unknown>, name: string): Record<string, unknown> =>
  value[name] as Record<string, unknown>;

const replaced = (
  layout: HostileModel['layout'],
  name: string,
  how: string,
  write: (file: string, tools: Tools) => unknown,
  mayPass = false,
): HostileModel => ({
  how: `${name}: ${how}`,
  layout,
  mayPass,
  followsLinks: how === LINK,
  async change(folder, tools) {
    const file = path.join(folder, name);
    await rm(file, { recursive: true, force: true });
    await write(file, tools);
  },
});

/** Special files in the place of a file of the model. */
const special = (layout: HostileModel['layout'], name: string, mayPass = false): HostileModel[] => [
  replaced(layout, name, 'a FIFO', (file) => spawnSync('mkfifo', [file]), mayPass),
  replaced(layout, name, 'a link to an endless device', (file) => symlink('/dev/zero', file), mayPass),
  replaced(layout, name, 'a folder', (file) => mkdir(file), mayPass),
  replaced(layout, name, 'random bytes', (file, { random }) => writeFile(file, random.bytes(5000)), mayPass),
  replaced(layout, name, 'an empty file', (file) => writeFile(file, ''), mayPass),
];

const checkpoints: readonly HostileModel[] = [
  weights('a header of 8 exabytes', ({ header, data }) => safetensors(JSON.stringify(header), data, 2n ** 63n - 1n)),
  weights('a header longer than the file', ({ header, data }) => safetensors(JSON.stringify(header), data, 10n ** 9n)),
  weights('an empty header', ({ data }) => safetensors('', data)),
  weights('a nested header', ({ data }) => safetensors(nested(1_000_000), data)),
  weights('a header with nested objects', ({ data }) =>
    safetensors('{"a":'.repeat(100_000) + '1' + '}'.repeat(100_000), data),
  ),
  weights(
    'a header of 90 MB of blanks',
    ({ header, data }) => safetensors(JSON.stringify(header) + ' '.repeat(90 * MEGABYTE), data),
    true,
  ),
  weights('a million entries', ({ data }) =>
    safetensors(
      JSON.stringify(
        Object.fromEntries(
          Array.from({ length: 1_000_000 }, (_, i) => [`t${i}`, { dtype: 'F32', shape: [], data_offsets: [0, 4] }]),
        ),
      ),
      data,
    ),
  ),
  weights('no object in the header', ({ data }) => safetensors('"text"', data)),
  weights('no data', ({ header }) => safetensors(JSON.stringify(header), Buffer.alloc(0))),
  weights(
    'random data',
    ({ header, data }, { random }) =>
      safetensors(JSON.stringify(header), Buffer.concat([random.bytes(100_000), data.subarray(100_000)])),
    true,
  ),
  filled('NaN', NaN),
  filled('zeros', 0),
  filled('infinity', Infinity),
  filled('the largest number', 3.4e38),
  entry('a wrong shape', (tensor) => tensor.shape.push(2)),
  entry('a negative shape', (tensor) => (tensor.shape = [-1])),
  entry('a shape with a fraction', (tensor) => (tensor.shape = [1.5])),
  entry('a shape that overflows', (tensor) => (tensor.shape = [2 ** 31, 2 ** 31, 2 ** 31])),
  entry('an unknown type', (tensor) => (tensor.dtype = 'F1')),
  entry('offsets outside', (tensor) => (tensor.data_offsets = [0, 2 ** 50])),
  entry('negative offsets', (tensor) => (tensor.data_offsets = [-8, 0])),
  entry('reversed offsets', (tensor) => tensor.data_offsets.reverse()),
  entry('one tensor that is missing', (tensor, header) => {
    for (const [name, other] of Object.entries(header)) if (other === tensor) Reflect.deleteProperty(header, name);
  }),
  entry('overlapping tensors', (tensor, header) => {
    const same = Object.values(header).find(
      (other) =>
        other !== tensor &&
        other.data_offsets[1] - other.data_offsets[0] === tensor.data_offsets[1] - tensor.data_offsets[0],
    );
    tensor.data_offsets = same ? [...same.data_offsets] : [0, 4];
  }),
  {
    how: 'weights: truncated',
    layout: 'checkpoint',
    change: (folder, { random }) => truncate(path.join(folder, WEIGHTS), random.below(50_000)),
  },
  replaced('checkpoint', WEIGHTS, LINK, (file, { canary }) => symlink(canary.text, file)),
  replaced('checkpoint', 'model.safetensors.index.json', 'an index of a file outside', async (file, { canary }) => {
    await rm(path.join(path.dirname(file), WEIGHTS));
    await writeFile(file, JSON.stringify({ weight_map: { a: '../outside/secret.txt', b: canary.text } }));
  }),
  replaced('checkpoint', 'model.safetensors.index.json', 'an index of itself', async (file) => {
    await rm(path.join(path.dirname(file), WEIGHTS));
    await writeFile(file, JSON.stringify({ weight_map: { a: 'model.safetensors.index.json' } }));
  }),
  config('a width of a billion', (value) => void (vision(value)['hidden_size'] = 1e9)),
  config('a million layers', (value) => void (vision(value)['num_hidden_layers'] = 1e6)),
  config('no heads', (value) => void (vision(value)['num_attention_heads'] = 0)),
  config('heads that do not divide the width', (value) => void (vision(value)['num_attention_heads'] = 7)),
  config('an image of a million pixels a side', (value) => void (vision(value)['image_size'] = 1e6)),
  config('patches larger than the image', (value) => void (vision(value)['patch_size'] = 1000)),
  config('negative sizes', (value) => void (vision(value)['hidden_size'] = -48)),
  config('texts instead of numbers', (value) => void (vision(value)['hidden_size'] = '48')),
  config('a vocabulary of a billion', (value) => void (part(value, 'text_config')['vocab_size'] = 1e9)),
  config('another type of model', (value) => void (value['model_type'] = '\x1b[31m../../x\u009b')),
  config('a list', () => []),
  ...special('checkpoint', 'config.json'),
  replaced('checkpoint', 'config.json', 'nested', (file) => writeFile(file, nested(1_000_000))),
  replaced('checkpoint', 'config.json', '100 MB of blanks', (file) =>
    writeFile(file, `{${' '.repeat(100 * MEGABYTE)}}`),
  ),
  replaced('checkpoint', 'config.json', LINK, (file, { canary }) => symlink(canary.text, file)),
  ...special('checkpoint', 'tokenizer.json'),
  tokenizer('ids outside of the vocabulary', (value) => {
    const vocab = part(part(value, 'model'), 'vocab');
    for (const key of Object.keys(vocab)) vocab[key] = 1e9;
  }),
  tokenizer('negative ids', (value) => {
    const vocab = part(part(value, 'model'), 'vocab');
    for (const key of Object.keys(vocab)) vocab[key] = -1;
  }),
  tokenizer('no vocabulary', (value) => void (part(value, 'model')['vocab'] = {})),
  tokenizer(
    'a million merges',
    (value) => void (part(value, 'model')['merges'] = Array.from({ length: 1_000_000 }, (_, i) => `a${i} b${i}`)),
    true,
  ),
  tokenizer('merges that are no pairs', (value) => void (part(value, 'model')['merges'] = [['a'], 5, null, 'abc'])),
  tokenizer(
    'a pattern that takes for ever',
    (value) =>
      void (value['pre_tokenizer'] = {
        type: 'Split',
        pattern: { Regex: '(a+)+$' },
        behavior: 'Isolated',
        invert: false,
      }),
    true,
  ),
  preprocessing(
    'an image of a billion pixels a side',
    (value) => void (value['crop_size'] = { height: 1e9, width: 1e9 }),
  ),
  preprocessing('a deviation of 0', (value) => void (value['image_std'] = [0, 0, 0])),
  preprocessing('a mean of texts', (value) => void (value['image_mean'] = ['a', 'b', 'c'])),
  ...special('checkpoint', 'README.md', true),
  replaced(
    'checkpoint',
    'README.md',
    '200 MB',
    async (file) => {
      await writeFile(file, '---\nlicense: mit\n---\n');
      for (let i = 0; i < 50; i++) await appendFile(file, Buffer.alloc(4 * MEGABYTE, 0x61));
    },
    true,
  ),
  replaced(
    'checkpoint',
    'README.md',
    'control characters in the licence',
    (file) => writeFile(file, '---\nlicense: "\x1b[2J\x1b]0;title\x07\u009b31m\u202e"\n---\n'),
    true,
  ),
  replaced('checkpoint', 'README.md', LINK, (file, { canary }) => symlink(canary.text, file), true),
];

const own: readonly HostileModel[] = [
  manifest(
    'a graph outside',
    (value, { canary }) => void (part(value, 'image')['graph'] = path.join('../outside', path.basename(canary.text))),
  ),
  manifest('a graph with an absolute path', (value, { canary }) => void (part(value, 'image')['graph'] = canary.text)),
  manifest('a text graph outside', (value) => void (part(value, 'text')['graph'] = '../outside/secret.txt')),
  manifest('a tokenizer outside', (value) => void (part(value, 'text')['tokenizer'] = '../outside/secret.json')),
  manifest('a calibration outside', (value) => void (value['calibration'] = '../outside/secret.json')),
  manifest(
    'a dense graph outside',
    (value) => void (value['dense'] = { graph: '../outside/secret.txt', gradient: null }),
    true,
  ),
  manifest(
    'a graph that is a device',
    (value) => void (part(value, 'image')['graph'] = '../../../../../../../dev/zero'),
  ),
  manifest('an image of a billion pixels a side', (value) => void (part(value, 'image')['size'] = 1e9)),
  manifest('embeddings of a billion components', (value) => void (value['embeddingSize'] = 1e9)),
  manifest('embeddings of another size', (value) => void (value['embeddingSize'] = 25)),
  manifest('texts of a billion tokens', (value) => void (part(value, 'text')['contextLength'] = 1e9), true),
  manifest('a token outside of the vocabulary', (value) => void (part(value, 'text')['startToken'] = 1e9)),
  manifest(
    'control characters in its name',
    (value) => {
      value['name'] = '\x1b[2J\u009b31m\u202e';
      value['licence'] = '\x1b]0;title\x07';
      value['id'] = '\x1b[31m';
    },
    true,
  ),
  manifest('an id of 10 MB', (value) => void (value['id'] = 'i'.repeat(10 * MEGABYTE)), true),
  manifest('an endless logit scale', (value) => void (value['logitScale'] = 1e308), true),
  manifest('a list', () => []),
  ...special('own', 'manifest.json'),
  replaced('own', 'manifest.json', 'nested', (file) => writeFile(file, nested(1_000_000))),
  replaced('own', 'manifest.json', '100 MB of blanks', (file) => writeFile(file, `{${' '.repeat(100 * MEGABYTE)}}`)),
  ...special('own', 'visual.onnx'),
  replaced('own', 'visual.onnx', LINK, (file, { canary }) => symlink(canary.text, file)),
  ...special('own', 'textual.onnx'),
  ...special('own', 'tokenizer.json'),
  graph('bits flipped', (bytes, random) => {
    for (let i = 0; i < 20; i++) bytes[random.below(2000)] = random.below(256);
    return bytes;
  }),
  graph('truncated', (bytes, random) => bytes.subarray(0, random.below(bytes.length))),
  graph('external data outside', (bytes) => Buffer.concat([bytes, externalTensor('../outside/secret.txt')])),
  graph('external data in a device', (bytes) => Buffer.concat([bytes, externalTensor('/dev/zero')])),
];

/** All hostile models. */
export const hostileModels: readonly HostileModel[] = [...checkpoints, ...own];

function graph(how: string, change: (bytes: Buffer, random: Random) => Buffer): HostileModel {
  return {
    how: `visual.onnx: ${how}`,
    layout: 'own',
    mayPass: true,
    async change(folder, { random }) {
      const file = path.join(folder, 'visual.onnx');
      await writeFile(file, change(await readFile(file), random));
    },
  };
}

/** A message that adds a tensor with external data to the graph of an ONNX file, because protobuf merges messages. */
function externalTensor(location: string): Buffer {
  const field = (number: number, content: Buffer): Buffer => {
    const length: number[] = [];
    for (let rest = content.length; ; rest >>= 7) {
      length.push(rest > 127 ? (rest & 127) | 128 : rest);
      if (rest <= 127) break;
    }
    return Buffer.concat([
      Buffer.from([
        ...(number > 15 ? [(((number << 3) | 2) & 127) | 128, number >> 4] : [(number << 3) | 2]),
        ...length,
      ]),
      content,
    ]);
  };
  const pair = (key: string, value: string): Buffer =>
    field(13, Buffer.concat([field(1, Buffer.from(key)), field(2, Buffer.from(value))]));
  const [dimension, type, isExternal] = [Buffer.from([0x08, 4]), Buffer.from([0x10, 1]), Buffer.from([0x70, 1])];
  const tensor = Buffer.concat([
    dimension,
    type,
    field(8, Buffer.from('stolen')),
    pair('location', location),
    pair('length', '16'),
    isExternal,
  ]);
  return field(7, field(5, tensor));
}

/** Copies the model that a case changes, and changes it. */
export async function writeHostileModel(model: HostileModel, from: string, to: string, tools: Tools): Promise<void> {
  await cp(from, to, { recursive: true });
  await model.change(to, tools);
}
