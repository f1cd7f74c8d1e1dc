import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import http from 'node:http';
import net, { type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { setTimeout } from 'node:timers/promises';
import { startHub, type HubServer } from '../hub/hubServer.ts';
import { EMBEDDING, writeCheckpoint, writeImmich } from '../models/layouts.ts';
import { jsonLines, run, type Run, type RunOptions } from './runCli.ts';

const REPOSITORY = 'someone/small-clip';

describe('the models command', function () {
  this.timeout(60_000);
  let root: string;
  let checkpoint: string;
  let images: string;
  let hub: HubServer;
  let environment: Record<string, string>;

  before(async () => {
    root = await mkdtemp(path.join(tmpdir(), 'assetlens models ü '));
    checkpoint = path.join(root, 'my checkpoint');
    await writeCheckpoint(checkpoint);
    // Large enough that the download needs confirmation.
    await writeFile(path.join(checkpoint, 'README.md'), 'A small CLIP. '.repeat(650_000));
    images = path.join(root, 'images');
    await mkdir(images);
    for (const [name, colour] of [
      ['a', 'red'],
      ['b', 'blue'],
    ] as const) {
      await writeFile(
        path.join(images, `${name}.svg`),
        `<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><circle fill="${colour}" cx="4" cy="4" r="3"/></svg>`,
      );
    }
  });
  after(() => rm(root, { recursive: true, force: true, maxRetries: 3 }));

  beforeEach(async () => {
    const files: Record<string, Buffer> = {};
    for (const name of await readdir(checkpoint)) files[name] = await readFile(path.join(checkpoint, name));
    hub = await startHub({
      [REPOSITORY]: { files, licence: 'apache-2.0' },
      'timm/vit_base_patch32_clip_224.openai': {
        files: { 'open_clip_model.safetensors': Buffer.alloc(5000), 'tokenizer.json': Buffer.from('{}') },
      },
    });
    environment = {
      // Overrides the variables of the environment that the tests run in.
      http_proxy: '',
      https_proxy: '',
      HTTP_PROXY: '',
      HTTPS_PROXY: '',
      HF_TOKEN: '',
      HF_HUB_OFFLINE: '',
      HF_HUB_CACHE: '',
      HF_ENDPOINT: hub.endpoint,
      HF_HOME: path.join(root, 'cache'),
      ASSETLENS_MODELS: path.join(root, 'models'),
      ASSETLENS_INDEXES: path.join(root, 'indexes'),
    };
  });
  afterEach(async () => {
    await hub[Symbol.asyncDispose]();
    for (const name of ['cache', 'models', 'indexes']) {
      await rm(path.join(root, name), { recursive: true, force: true });
    }
  });

  const cli = (args: readonly string[], options: RunOptions = {}): Promise<Run> =>
    run(args, { ...options, environment: { ...environment, ...options.environment } });
  const done = async (...args: readonly string[]): Promise<string> => {
    const { code, stdout, stderr } = await cli(args);
    assert.equal(code, 0, `${args.join(' ')}\n${stderr}`);
    return stdout;
  };
  const failed = async (
    args: readonly string[],
    message: RegExp,
    extra: Record<string, string> = {},
  ): Promise<void> => {
    const { code, stdout, stderr } = await cli(args, { environment: extra });
    assert.deepEqual([code, stdout], [1, ''], stderr);
    assert.match(stderr, message);
    assert.doesNotMatch(stderr, /this is a bug/);
  };
  const installed = async (): Promise<Record<string, unknown>[]> =>
    jsonLines(await done('models', 'list', '--json')).filter((model) => model['installed']);
  /** Includes incomplete models, and excludes locks. */
  const modelFolders = async (): Promise<string[]> =>
    (await readdir(path.join(root, 'models')).catch(() => [])).filter((name) => name !== '.locks');
  /** Waits until this many bytes of the model are downloaded. */
  const underWay = async (): Promise<void> => {
    const cache = path.join(root, 'cache/hub/models--someone--small-clip/blobs');
    for (;;) {
      const names = await readdir(cache).catch(() => []);
      const partial = names.find((name) => name.endsWith('.incomplete'));
      const size = partial && (await stat(path.join(cache, partial)).catch(() => undefined))?.size;
      if (size === 1_000_000) return;
      await setTimeout(50, undefined, { ref: false });
    }
  };
  const transfers = () => hub.seen.filter(({ server, method }) => server === 'files' && method === 'GET').length;

  it('installs models whose confidences "doctor" describes', async () => {
    const siglip = fileURLToPath(new URL('../parity/fixtures/siglip/siglip2', import.meta.url));
    await done('models', 'add', siglip, '--json');
    await done('models', 'add', checkpoint, '--name', 'clip', '--json');
    assert.match(
      await done('doctor', '--model', 'siglip2'),
      /confidences\s+probabilities that this model was trained to predict/,
    );
    assert.match(await done('doctor', '--model', 'clip'), /confidences\s+not calibrated for this model/);
    assert.match(await done('doctor', '--model', 'assetlens-icons'), /confidences\s+calibrated for this model/);
    const tags = jsonLines(await done('tag', images, '--json', '--model', 'siglip2', '--threshold', '0'));
    assert.equal(tags.length, 2);
  });

  it('adds a model from a hub, uses it by name or by default, and removes it', async () => {
    const [added] = jsonLines(await done('models', 'add', REPOSITORY, '--yes', '--json'));
    assert.deepEqual(
      [added?.['name'], added?.['licence'], added?.['embeddingSize'], added?.['precision'], added?.['default']],
      ['small-clip', 'apache-2.0', EMBEDDING, 'fp16', false],
    );
    const search = ['search', images, 'a red dog', '--json', '--threshold', '0'];
    assert.equal(jsonLines(await done(...search, '--model', 'small-clip')).length, 2);
    assert.match(await done('doctor', '--model', 'small-clip'), /model\s+small-clip, fp16, 32 px/);
    assert.match(await done('doctor'), /model\s+assetlens-icons/);

    await done('models', 'use', 'small-clip');
    assert.match(await done('doctor'), /model\s+small-clip/);
    assert.match(await done('models'), /small-clip\s+default/);
    // The embeddings of each model stay in the index.
    assert.match((await cli(['tag', images, '--json'])).stderr, /2 unchanged/);
    assert.match((await cli(['tag', images, '--json', '--model', 'assetlens-icons'])).stderr, /2 embedded/);
    assert.match((await cli(['tag', images, '--json'])).stderr, /2 unchanged/);

    assert.match(await done('models', 'remove', 'small-clip'), /assetlens-icons is now the default model/);
    assert.deepEqual(
      (await installed()).map(({ name }) => name),
      ['assetlens-icons'],
    );
    assert.match(await done('doctor'), /model\s+assetlens-icons/);
  });

  it('downloads a model only after the user agrees to its size and licence', async () => {
    await failed(
      ['models', 'add', REPOSITORY],
      /someone\/small-clip \(commit c0ffee0\): 9\.5 MB to download, licence apache-2\.0\. Pass --yes/,
    );
    assert.equal(transfers(), 0);
    assert.equal((await installed()).length, 1);
  });

  it('adds a model from a folder without requests to a hub', async () => {
    const folder = path.join(root, 'immich äöü');
    await mkdir(folder, { recursive: true });
    await writeImmich(checkpoint, folder, 'recent');
    await done('models', 'add', folder, '--name', 'own', '--use');
    assert.equal(hub.seen.length, 0);
    assert.match(await done('doctor'), /logit scale\s+100, assumed, because the graphs do not contain it/);
    assert.match(await done('doctor', '--model', 'assetlens-icons'), /logit scale\s+[\d.]+, from the checkpoint/);
    await rm(folder, { recursive: true });
    assert.equal(jsonLines(await done('search', images, 'cat', '--json', '--threshold', '0')).length, 2);
  });

  it('adds a model offline from earlier downloads', async () => {
    await done('models', 'add', REPOSITORY, '--yes');
    await done('models', 'remove', 'small-clip');
    const before = hub.seen.length;
    const offline = { HF_HUB_OFFLINE: '1' };
    const { code, stderr } = await cli(['models', 'add', REPOSITORY, '--precision', 'fp32'], { environment: offline });
    assert.equal(code, 0, stderr);
    await failed(['models', 'add', 'someone/else'], /HF_HUB_OFFLINE is set/, offline);
    assert.equal(hub.seen.length, before);
  });

  it('leaves no incomplete model when it is interrupted, and resumes the download', async () => {
    hub.faults.stalls = Array.from({ length: 10 }, () => 1_000_000);
    const add = ['models', 'add', REPOSITORY, '--yes'];
    const { code, stderr } = await cli(add, { interruptAfter: underWay() });
    assert.equal(code, 130, stderr);
    assert.equal((await installed()).length, 1);
    assert.deepEqual(await modelFolders(), []);
    hub.faults.stalls = [];
    await done(...add);
    assert.equal((await installed()).length, 2);
    assert.ok(hub.seen.some(({ range }) => range === 'bytes=1000000-'));
  });

  it('removes the incomplete folder of a killed installation, but not that of a running one', async () => {
    hub.faults.stalls = Array.from({ length: 10 }, () => 1_000_000);
    const kill: PromiseWithResolvers<void> = Promise.withResolvers();
    const killed = cli(['models', 'add', REPOSITORY, '--yes'], {
      interruptAfter: kill.promise,
      interruptBy: 'SIGKILL',
    });
    await underWay();
    const [half = ''] = await modelFolders();
    assert.match(half, /^small-clip\.partial-/);
    await done('models', 'add', checkpoint, '--name', 'first');
    assert.deepEqual((await modelFolders()).sort(), ['first', half]);
    kill.resolve();
    await killed;
    assert.ok((await modelFolders()).includes(half));
    await done('models', 'add', checkpoint, '--name', 'second');
    assert.deepEqual((await modelFolders()).sort(), ['first', 'second']);
    assert.deepEqual(
      (await installed()).map(({ name }) => name),
      ['assetlens-icons', 'first', 'second'],
    );
  });

  it('refuses a recommended model whose files differ from the pinned ones', async () => {
    await failed(
      ['models', 'add', 'openai-b32', '--yes'],
      /open_clip_model\.safetensors of timm\/.* is not the file that this version of AssetLens expects/,
    );
    assert.equal(transfers(), 0);
  });

  it('downloads through the proxy of the environment', async () => {
    await using proxy = await startProxy(hub.endpoint);
    const { code, stderr } = await cli(['models', 'add', REPOSITORY, '--yes'], {
      environment: { HF_ENDPOINT: 'http://hub.invalid', HTTP_PROXY: proxy.address },
    });
    assert.equal(code, 0, stderr);
    assert.ok(proxy.seen.some((host) => host.startsWith('hub.invalid')));
    const add = ['models', 'add', REPOSITORY, '--name', 'again'];
    const withoutScheme = { HF_ENDPOINT: 'http://hub.invalid', HTTP_PROXY: proxy.address.replace('http://', '') };
    assert.equal((await cli(add, { environment: withoutScheme })).code, 0);
    await failed(add, /The proxy in HTTP_PROXY cannot be used.*Correct or unset it/, {
      HTTP_PROXY: 'http://a b:x',
    });
  });

  it('reports why a model cannot be added or used', async () => {
    await failed(['models', 'add', 'someone/nothing'], /has no someone\/nothing/);
    await failed(['models', 'add', 'nothing'], /not a recommended model, a folder or a repository/);
    await failed(['models', 'add', images], /contains no CLIP model/);
    await failed(['models', 'add', checkpoint, '--name', '../x'], /is not a valid model name/);
    await failed(['models', 'add', checkpoint, '--name', 'assetlens-icons'], /comes with AssetLens/);
    await failed(['models', 'use', 'nothing'], /No model named "nothing" is installed/);
    await failed(['models', 'remove', 'nothing'], /No model named "nothing" is installed/);
    await failed(['models', 'remove', 'assetlens-icons'], /comes with AssetLens/);
    await failed(['search', images, 'x', '--model', 'nothing'], /No model in nothing/);
    await done('models', 'add', checkpoint, '--name', 'own', '--use');
    await failed(['models', 'add', checkpoint, '--name', 'own'], /already contains a model\. Pass --force/);
    await done('models', 'add', checkpoint, '--name', 'own', '--force');
    await rm(path.join(root, 'models/own'), { recursive: true });
    await failed(['search', images, 'x'], /default model "own" is no longer installed/);
    assert.equal((await cli(['models', 'nonsense'])).code, 2);
  });
});

/** A proxy that connects every host name to one address. */
async function startProxy(target: string) {
  const { hostname, port } = new URL(target);
  const seen: string[] = [];
  const server = http.createServer((request, response) => {
    seen.push(new URL(request.url ?? '').host);
    const { pathname } = new URL(request.url ?? '');
    const onward = http.request(
      { hostname, port, path: pathname, method: request.method, headers: request.headers },
      (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(response);
      },
    );
    onward.end();
  });
  server.on('connect', (request, socket) => {
    const [host = ''] = (request.url ?? '').split(':');
    seen.push(host);
    const isHub = host === 'hub.invalid';
    const onward = net.connect(isHub ? Number(port) : Number((request.url ?? '').split(':')[1]), hostname, () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
      onward.pipe(socket).pipe(onward);
    });
    for (const one of [socket, onward]) one.on('error', () => one.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    address: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}
