import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, realpath, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import {
  downloadFiles,
  type DownloadOptions,
  type DownloadProgress,
  type DownloadRequest,
} from '../../../../../src/clip/models/hub/download.ts';
import { openRepository } from '../../../../../src/clip/models/hub/repository.ts';
import { hubSettings, type HubSettings } from '../../../../../src/clip/models/hub/settings.ts';
import { UserError } from '../../../../../src/base/userError.ts';
import { sha256, startHub, type HubServer } from '../../../../hub/hubServer.ts';

const LARGE = 3_000_000;
const model = randomBytes(LARGE);
const config = Buffer.from('{"model_type": "clip"}');
const repositories = { 'owner/model': { files: { 'model.bin': model, 'sub/config.json': config }, licence: 'mit' } };
const yes = { confirm: () => Promise.resolve(true) };

describe('downloading from a hub', () => {
  let folder: string;
  let hub: HubServer;
  let settings: HubSettings;
  const cache = () => path.join(folder, 'hub/models--owner--model');

  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'hub cache '));
    hub = await startHub(repositories);
    settings = { ...hubSettings({ HF_ENDPOINT: hub.endpoint, HF_HOME: folder }), retryMilliseconds: 1 };
  });
  afterEach(async () => {
    await hub[Symbol.asyncDispose]();
    await rm(folder, { recursive: true });
  });

  const download = async (names: string[], options: Partial<DownloadOptions> = {}): Promise<string> =>
    downloadFiles(settings, await openRepository(settings, 'owner/model', 'main', options.signal), names, {
      ...yes,
      ...options,
    });
  const refused = async (message: RegExp, names = ['model.bin']): Promise<void> => {
    await assert.rejects(download(names), (error) => {
      assert.ok(error instanceof UserError, String(error));
      assert.match(error.message, message);
      return true;
    });
    // Whatever failed, no incomplete file has the name of a complete one.
    assert.deepEqual(await readdir(path.join(cache(), 'snapshots'), { recursive: true }).catch(() => []), []);
  };
  const arrived = async (names = ['model.bin']): Promise<void> => {
    const root = await download(names);
    assert.deepEqual(await readFile(path.join(root, 'model.bin')), model);
  };
  const transfers = () => hub.seen.filter(({ server, method }) => server === 'files' && method === 'GET');

  it('stores files where the Python tools expect them, as blobs under their hash', async () => {
    const root = await download(['model.bin', 'sub/config.json']);
    assert.equal(root, path.join(cache(), 'snapshots', hub.commit));
    assert.deepEqual(await readFile(path.join(root, 'model.bin')), model);
    assert.deepEqual(await readFile(path.join(root, 'sub/config.json')), config);
    assert.equal(
      await realpath(path.join(root, 'model.bin')),
      await realpath(path.join(cache(), 'blobs', sha256(model))),
    );
    // "git hash-object" of the configuration.
    assert.deepEqual(
      (await readdir(path.join(cache(), 'blobs'))).sort(),
      ['6d71d5947a0a8a2ad1517d775879c0ba7ac762dc', sha256(model)].sort(),
    );
  });

  it('requests size and hash from the hub before it follows redirects, and sends the token only to the hub', async () => {
    hub.faults.token = 'secret';
    settings = { ...settings, token: 'secret' };
    await arrived();
    const ofModel = hub.seen.filter(({ path: at }) => at.endsWith('model.bin'));
    assert.deepEqual(
      ofModel.map(({ server, method, authorization }) => [server, method, authorization]),
      [
        ['hub', 'HEAD', 'Bearer secret'],
        ['hub', 'GET', 'Bearer secret'],
        ['files', 'GET', null],
      ],
    );
  });

  it('downloads nothing twice', async () => {
    await arrived();
    await arrived();
    assert.equal(transfers().length, 1);
  });

  it('uses files that the Python tools downloaded', async () => {
    const snapshot = path.join(cache(), 'snapshots', hub.commit);
    await mkdir(snapshot, { recursive: true });
    await writeFile(path.join(snapshot, 'model.bin'), model);
    await arrived();
    assert.equal(transfers().length, 0);
  });

  it('does not use a cached file with wrong bytes', async () => {
    await mkdir(path.join(cache(), 'blobs'), { recursive: true });
    await writeFile(path.join(cache(), 'blobs', sha256(model)), model.subarray(1));
    await arrived();
    assert.equal(transfers().length, 1);
  });

  it('resumes after every lost connection', async () => {
    hub.faults.cuts = [1_000_000, 500_000, 1, 2, 3, 4, 5];
    await arrived();
    assert.equal(transfers()[0]?.range, null);
    assert.match(transfers()[1]?.range ?? '', /^bytes=[1-9]\d*-$/);
  });

  it('resumes a download of an earlier run', async () => {
    hub.faults.stalls = [1_000_000];
    const controller = new AbortController();
    const stopped = download(['model.bin'], {
      signal: controller.signal,
      onProgress: ({ doneBytes }) => {
        if (doneBytes >= 1_000_000) controller.abort();
      },
    });
    await assert.rejects(stopped, { name: 'AbortError' });
    await arrived();
    assert.equal(transfers()[1]?.range, 'bytes=1000000-');
  });

  it('restarts if the server does not support ranges', async () => {
    hub.faults.cuts = [1_000_000];
    hub.faults.ignoreRange = true;
    await arrived();
  });

  it('ends if the server closes every connection early and does not support ranges', async () => {
    hub.faults.cuts = Array<number>(500).fill(1_000_000);
    hub.faults.ignoreRange = true;
    await refused(/ended after|was interrupted/);
    assert.ok(transfers().length < 150, String(transfers().length)); // more bytes arrive each time, up to 1 MB
  });

  it('ends if each connection brings only one byte more than the last', async () => {
    hub.faults.cuts = Array.from({ length: 50 }, (_, i) => 1000 + i);
    hub.faults.ignoreRange = true;
    await refused(/ended after|was interrupted/);
    assert.ok(transfers().length <= 4, String(transfers().length));
  });

  it('refuses a description of a repository that does not end', async () => {
    hub.faults.endlessDescription = true;
    await refused(/sent more than 16 MB for owner\/model/);
  });

  it('aborts a stalled transfer, and resumes it', async () => {
    settings = { ...settings, stallMilliseconds: 100 };
    hub.faults.stalls = [1_000_000, 10];
    await arrived();
    assert.equal(transfers().length, 3);
  });

  it('discards the incomplete file of an earlier run if its bytes are wrong', async () => {
    await mkdir(path.join(cache(), 'blobs'), { recursive: true });
    const incomplete = path.join(cache(), 'blobs', `${sha256(model)}.assetlens.incomplete`);
    await writeFile(incomplete, Buffer.alloc(1_000_000));
    await arrived();
    assert.deepEqual(
      transfers().map(({ range }) => range),
      ['bytes=1000000-', null],
    );
  });

  it('refuses bytes that differ from the hash at the hub', async () => {
    hub.faults.corrupt = true;
    await refused(/its hash differs from that of the hub.*deleted/);
    assert.deepEqual(await readdir(path.join(cache(), 'blobs')), []);
  });

  it('refuses another size than the hub announced', async () => {
    hub.faults.extraBytes = 7;
    await refused(/has 3000007 bytes of model\.bin of owner\/model, but the hub announced 3000000/);
    await mkdir(path.join(cache(), 'blobs'), { recursive: true });
    await writeFile(path.join(cache(), 'blobs', `${sha256(model)}.assetlens.incomplete`), model.subarray(0, 1000));
    await refused(/has 3000007 bytes of model\.bin of owner\/model, but the hub announced 3000000/);
    assert.equal(transfers()[1]?.range, 'bytes=1000-');
    hub.faults.unsized = true;
    hub.faults.ignoreRange = true;
    await refused(/sent more than the 3000000 bytes of model\.bin of owner\/model/);
  });

  it('refuses a file if the hub does not send its hash', async () => {
    hub.faults.tag = '"some-tag"';
    await refused(/did not send the hash/);
  });

  it('refuses a file that differs from the pinned hash', async () => {
    const pinned = { 'model.bin': sha256(config) };
    await assert.rejects(download(['model.bin'], { pinned }), /is not the file that this version of AssetLens expects/);
    await download(['model.bin'], { pinned: { 'model.bin': sha256(model) } });
  });

  it('retries after the delay that the hub requests, if the hub is busy or fails', async () => {
    hub.faults.statuses = [{ status: 429, headers: { 'retry-after': '0' } }, { status: 503 }, { status: 500 }];
    await arrived();
  });

  const statuses: readonly (readonly [number, RegExp])[] = [
    [401, /the repository does not exist, or it is private.*HF_TOKEN/],
    [403, /accept terms.*Accept them/],
    [404, /has no owner\/model\. Check the name/],
    [429, /too many requests.*Try again later/],
    [503, /failed with the error 503/],
    [418, /responded with 418/],
  ];
  for (const [status, message] of statuses) {
    it(`reports what to do about a response of ${status}`, async () => {
      hub.faults.statuses = Array.from({ length: 10 }, () => ({ status }));
      await refused(message);
    });
  }

  it('refuses a path as the name of a repository', async () => {
    for (const name of ['./model', '../model', 'owner/../model', 'owner', 'a/b/c', '/a', 'owner/.git']) {
      await assert.rejects(openRepository(settings, name, 'main'), /not the name of a repository at the hub/);
    }
    assert.equal(hub.seen.length, 0);
  });

  it('reports which file a repository does not have', () =>
    refused(/has no nothing\.bin of owner\/model/, ['nothing.bin']));

  it('reports that the hub cannot be reached, or does not respond', async () => {
    settings = { ...settings, endpoint: 'http://127.0.0.1:9' };
    await refused(/cannot be reached.*HTTPS_PROXY/);
    settings = { ...settings, endpoint: hub.endpoint, stallMilliseconds: 50 };
    hub.faults.silent = true;
    await refused(/has not responded for 0\.05 s/);
  });

  it('stops after too many redirects', async () => {
    hub.faults.redirect = `${hub.endpoint}/owner/model/resolve/${hub.commit}/model.bin`;
    await refused(/too many redirects/);
  });

  it('asks for confirmation, with size and licence, before a large file, but not before a configuration', async () => {
    const asked: DownloadRequest[] = [];
    const big = Buffer.alloc(9 << 20, 7);
    await hub[Symbol.asyncDispose]();
    hub = await startHub({
      'owner/model': { files: { 'big.bin': big, 'config.json': config }, licence: 'apache-2.0' },
    });
    settings = { ...settings, endpoint: hub.endpoint };
    const confirm = (request: DownloadRequest) => {
      asked.push(request);
      return Promise.resolve(asked.length > 1);
    };
    await download(['config.json'], { confirm });
    assert.equal(asked.length, 0);
    await assert.rejects(download(['config.json', 'big.bin'], { confirm }), {
      message: 'owner/model was not downloaded.',
    });
    assert.equal(transfers().length, 0);
    await download(['config.json', 'big.bin'], { confirm });
    const [request] = asked;
    assert.deepEqual(
      [request?.repository, request?.bytes, request?.licence, request?.files.map(({ name }) => name)],
      ['owner/model', big.length, 'apache-2.0', ['big.bin']],
    );
  });

  it('asks for confirmation of the remaining bytes of an incomplete download', async () => {
    const big = Buffer.alloc(9 << 20, 7);
    await hub[Symbol.asyncDispose]();
    hub = await startHub({ 'owner/model': { files: { 'big.bin': big } } });
    settings = { ...settings, endpoint: hub.endpoint };
    const asked: number[] = [];
    const confirm = ({ bytes }: DownloadRequest) => Promise.resolve(asked.push(bytes) > 0);
    hub.faults.stalls = [1_000_000];
    const controller = new AbortController();
    const onProgress = ({ doneBytes }: DownloadProgress) => {
      if (doneBytes >= 1_000_000) controller.abort();
    };
    await assert.rejects(download(['big.bin'], { confirm, onProgress, signal: controller.signal }));
    await download(['big.bin'], { confirm });
    assert.deepEqual(asked, [big.length, big.length - 1_000_000]);
  });

  it('reports its progress over all files', async () => {
    const shares: number[] = [];
    await download(['sub/config.json', 'model.bin'], {
      onProgress: ({ doneBytes, totalBytes }) => shares.push(doneBytes / totalBytes),
    });
    assert.deepEqual(
      shares,
      shares.toSorted((a, b) => a - b),
    );
    assert.equal(shares.at(-1), 1);
  });

  it('reports missing files offline, without a request', async () => {
    const online = settings;
    settings = hubSettings({ HF_ENDPOINT: hub.endpoint, HF_HOME: folder, HF_HUB_OFFLINE: '1' });
    await refused(/HF_HUB_OFFLINE is set, and owner\/model at .* is not in/);
    assert.equal(hub.seen.length, 0);
    const repository = await openRepository(online, 'owner/model', 'main');
    await downloadFiles(online, repository, ['model.bin'], yes);
    await repository.cache.setCommit('main', repository.commit);
    const before = hub.seen.length;
    await arrived();
    await assert.rejects(download(['sub/config.json']), /sub\/config\.json of owner\/model is not in/);
    await download(['model.bin'], { pinned: { 'model.bin': sha256(model) } });
    await assert.rejects(
      download(['model.bin'], { pinned: { 'model.bin': sha256(config) } }),
      /is not the file that this/,
    );
    assert.equal(hub.seen.length, before);
  });

  it('writes no file outside of its folder, whatever the names in the repository', async () => {
    await hub[Symbol.asyncDispose]();
    for (const name of ['../../evil', '/evil', 'a/../../evil', 'C:evil', 'a\\evil']) {
      hub = await startHub({ 'owner/model': { files: { [name]: model } } });
      settings = { ...settings, endpoint: hub.endpoint };
      await refused(/leads out of the folder/, [name]);
      await hub[Symbol.asyncDispose]();
    }
    hub = await startHub(repositories);
  });

  it('reports that the disk does not have enough free space before it downloads', async () => {
    hub.faults.size = 8e15;
    await refused(/The disk of .* has [\d.]+ \wB free, but 8000000 GB are needed.*HF_HUB_CACHE/);
    assert.equal(transfers().length, 0);
  });

  it('downloads a file once for several simultaneous processes', async function () {
    this.timeout(20_000);
    const script = new URL('downloadingProcess.ts', import.meta.url);
    const env = { ...process.env, HF_ENDPOINT: hub.endpoint, HF_HOME: folder };
    hub.faults.stalls = [1_000_000]; // the first process holds the lock until it is killed
    const first = fork(script, { env });
    await once(first, 'message');
    const second = fork(script, { env });
    assert.deepEqual(await once(second, 'message').then(([message]) => message as unknown), 'waiting');
    const third = fork(script, { env });
    assert.deepEqual(await once(third, 'message').then(([message]) => message as unknown), 'waiting');
    first.kill('SIGKILL');
    const codes = await Promise.all([once(second, 'exit'), once(third, 'exit')]);
    assert.deepEqual(
      codes.map(([code]) => code as unknown),
      [0, 0],
    );
    // The first process is killed, the second resumes the download, and the third finds the file.
    assert.equal(transfers().length, 2);
    assert.match(transfers()[1]?.range ?? '', /^bytes=[1-9]\d*-$/);
    assert.equal((await stat(path.join(cache(), 'snapshots', hub.commit, 'model.bin'))).size, LARGE);
  });
});

describe('the settings of a hub', () => {
  it('come from the same environment variables as for the Python tools', () => {
    const cacheOf = (environment: NodeJS.ProcessEnv) => hubSettings(environment).cacheFolder;
    assert.equal(cacheOf({ HF_HUB_CACHE: '/a', HF_HOME: '/b' }), path.resolve('/a'));
    assert.equal(cacheOf({ HF_HOME: '/b', XDG_CACHE_HOME: '/c' }), path.resolve('/b/hub'));
    assert.equal(cacheOf({ XDG_CACHE_HOME: '/c', HF_HOME: '' }), path.resolve('/c/huggingface/hub'));
    assert.match(cacheOf({}), /\.cache.huggingface.hub$/);
    assert.equal(hubSettings({ HF_ENDPOINT: 'https://hub.example/' }).endpoint, 'https://hub.example');
    assert.equal(hubSettings({ HF_HUB_OFFLINE: 'True' }).offline, true);
    assert.equal(hubSettings({ HF_HUB_OFFLINE: '0' }).offline, false);
    assert.equal(hubSettings({ HF_TOKEN: ' hf_1 ' }).token, 'hf_1');
    assert.throws(() => hubSettings({ HF_ENDPOINT: 'huggingface.co' }), /not an address/);
  });
});
