import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createInference, openModelFolder, type ImageSource, type MatrixSource } from '../../src/clip/index.ts';
import { dot } from '../../src/clip/base/vectors.ts';
import { bundledInference, bundledModelFolder, hostScript } from './bundledModel.ts';

const svg = (body: string): Uint8Array =>
  Buffer.from(`<svg xmlns="http://www.w3.org/2000/svg" width="24" height="24" viewBox="0 0 24 24">${body}</svg>`);
const circle = svg('<circle cx="12" cy="12" r="9" fill="red"/>');
const square = svg('<rect x="3" y="3" width="18" height="18" fill="blue"/>');
const bytes = (name: string, data: Uint8Array): ImageSource => ({ kind: 'bytes', name, bytes: data });
const processOf = async (inference: Awaited<ReturnType<typeof bundledInference>>): Promise<number> =>
  (await inference.describe()).processId;
const isRunning = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

describe('the inference process', function () {
  this.timeout(60_000);
  let folder: string;

  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'assetlens rüntime '));
    for (const name of ['deadly.svg', 'a.svg', 'b.svg', 'c.svg']) await writeFile(path.join(folder, name), circle);
  });
  after(() => rm(folder, { recursive: true, force: true }));

  it('embeds images and texts as unit vectors, in their order', async () => {
    await using inference = await bundledInference();
    const { embeddingSize } = inference.model.manifest;
    const outcomes = await inference.embedImages([bytes('1', circle), bytes('2', square), bytes('3', circle)]);
    const embeddings = outcomes.map((outcome) => {
      assert.ok(outcome.ok, JSON.stringify(outcome));
      assert.equal(outcome.embedding.length, embeddingSize);
      assert.ok(Math.abs(dot(outcome.embedding, outcome.embedding) - 1) < 1e-4);
      return outcome.embedding;
    });
    assert.ok(dot(embeddings[0] ?? assert.fail(), embeddings[2] ?? assert.fail()) > 0.9999);
    assert.ok(dot(embeddings[0] ?? assert.fail(), embeddings[1] ?? assert.fail()) < 0.99);

    const texts = await inference.embedTexts(['red circle', 'a much longer text about a blue square', 'red circle']);
    const row = (i: number): Float32Array => texts.subarray(i * embeddingSize, (i + 1) * embeddingSize);
    assert.equal(texts.length, 3 * embeddingSize);
    assert.ok(dot(row(0), row(2)) > 0.9999);
    assert.ok(Math.abs(dot(row(1), row(1)) - 1) < 1e-4);
  });

  it('returns the same embedding for an image in any batch', async () => {
    await using inference = await bundledInference();
    const many = Array.from({ length: 21 }, (_, i) => bytes(String(i), i % 2 ? square : circle));
    const [alone] = await inference.embedImages([bytes('alone', square)]);
    const outcomes = await inference.embedImages(many);
    outcomes.forEach((outcome, i) => {
      assert.ok(outcome.ok && alone?.ok);
      if (i % 2) assert.ok(dot(outcome.embedding, alone.embedding) > 0.99999);
    });
  });

  it('starts at the first call, loads each encoder at its first use, and ends when it is disposed', async () => {
    const inference = await bundledInference();
    const before = await inference.describe();
    assert.deepEqual([before.imageSession, before.textSession], ['not loaded', 'not loaded']);
    await inference.embedTexts(['dog']);
    const after = await inference.describe();
    assert.deepEqual([after.imageSession, after.textSession], ['not loaded', 'loaded']);
    await inference[Symbol.asyncDispose]();
    assert.ok(!isRunning(after.processId));
  });

  it('ends when it is idle, and restarts when it is needed', async () => {
    await using inference = await bundledInference({ processIdleMilliseconds: 50 });
    const first = await processOf(inference);
    for (let i = 0; i < 100 && isRunning(first); i++) await sleep(50);
    assert.ok(!isRunning(first), 'it still runs');
    assert.notEqual(await processOf(inference), first);
  });

  it('reports an image that cannot be decoded, and embeds the others', async () => {
    await using inference = await bundledInference();
    const [good, bad, missing] = await inference.embedImages([
      bytes('good', circle),
      bytes('bad.png', Buffer.from('no image')),
      { kind: 'file', path: path.join(folder, 'missing.png') },
    ]);
    assert.ok(good?.ok);
    assert.ok(bad && !bad.ok && bad.hash?.length === 64 && bad.reason.length > 5);
    assert.ok(missing && !missing.ok && missing.hash === null && missing.reason.includes('ENOENT'));
    assert.deepEqual([bad.permanent, missing.permanent], [true, false]);
  });

  it('loses nothing if it is killed during a batch', async () => {
    await using inference = await bundledInference();
    const pid = await processOf(inference);
    const images = Array.from({ length: 40 }, (_, i) =>
      bytes(String(i), svg(`<circle cx="12" cy="12" r="${i / 4 + 1}"/>`)),
    );
    const batches = Promise.all([inference.embedImages(images), inference.embedImages(images.slice(0, 5))]);
    const text = inference.embedTexts(['dog']);
    process.kill(pid, 'SIGKILL');
    const [first, second] = await batches;
    assert.ok(first.length === 40 && first.every(({ ok }) => ok));
    assert.ok(second.length === 5 && second.every(({ ok }) => ok));
    assert.ok((await text).length > 0);
    assert.notEqual(await processOf(inference), pid);
  });

  it('reports the image that ends the process, and embeds the other images of all requests', async () => {
    const fragile = path.join(import.meta.dirname, 'fixtures/fragileHost.ts');
    await using inference = await bundledInference({ hostScript: fragile });
    await inference.describe();
    const file = (name: string): ImageSource => ({ kind: 'file', path: path.join(folder, name) });
    const [first, second] = await Promise.all([
      inference.embedImages([file('a.svg'), file('deadly.svg'), file('b.svg')]),
      inference.embedImages([file('c.svg')]),
    ]);
    assert.deepEqual(
      first.map(({ ok }) => ok),
      [true, false, true],
    );
    assert.ok(first[1] && !first[1].ok && first[1].reason.includes('ends the process (signal SIGABRT)'));
    assert.ok(first[1].permanent, 'the index remembers it');
    assert.deepEqual(
      second.map(({ ok }) => ok),
      [true],
    );
  });

  it('reports no image as the cause if every image ends the process', async () => {
    const aborting = path.join(import.meta.dirname, 'fixtures/abortingHost.ts');
    await using inference = await bundledInference({ hostScript: aborting });
    const file = (name: string): ImageSource => ({ kind: 'file', path: path.join(folder, name) });
    await assert.rejects(inference.embedImages([file('a.svg'), file('b.svg')]), {
      name: 'UserError',
      message: /cannot embed any image \(signal SIGABRT\).*assetlens doctor/,
    });
  });

  it('stops an aborted request, and continues with others', async () => {
    await using inference = await bundledInference();
    await inference.describe();
    const images = Array.from({ length: 400 }, (_, i) => bytes(String(i), circle));
    const controller = new AbortController();
    const aborted = inference.embedImages(images, controller.signal);
    const other = inference.embedImages([bytes('other', square)]);
    controller.abort();
    await assert.rejects(aborted, { name: 'AbortError' });
    assert.ok((await other)[0]?.ok);
    await assert.rejects(inference.embedTexts(['late'], controller.signal), { name: 'AbortError' });
  });

  it('receives the matrix of embeddings again after a crash', async () => {
    await using inference = await bundledInference();
    const rows = Float16Array.from([1, 0, 0, 1, -1, 0]);
    let filled = 0;
    const source: MatrixSource = {
      key: 'three rows',
      rows: 3,
      columns: 2,
      *chunks() {
        filled++;
        yield new Uint16Array(rows.buffer);
      },
    };
    const query = { weights: Float32Array.of(1, 0.5), bias: Float32Array.of(0) };
    const search = () => inference.rank(source, query, { limit: 2 });
    assert.deepEqual([...(await search()).rows], [0, 1]);
    assert.deepEqual([...(await search()).rows], [0, 1]);
    assert.equal(filled, 1);
    process.kill(await processOf(inference), 'SIGKILL');
    assert.deepEqual([...(await search()).rows], [0, 1]);
    assert.equal(filled, 2);
  });

  it('keeps two matrices separate that are used at the same time', async () => {
    await using inference = await bundledInference();
    const matrix = (key: string, ...values: number[]): MatrixSource => ({
      key,
      rows: values.length,
      columns: 1,
      chunks: () => [new Uint16Array(Float16Array.from(values).buffer)],
    });
    const [up, down] = [matrix('up', 1, 2, 3), matrix('down', 3, 2, 1)];
    const query = { weights: Float32Array.of(1), bias: Float32Array.of(0) };
    const best = await Promise.all(
      [up, down, up, down].map(async (source) => (await inference.rank(source, query, { limit: 1 })).rows[0]),
    );
    assert.deepEqual(best, [2, 0, 2, 0]);
  });

  it('receives only added rows, and all rows after rows were removed', async () => {
    await using inference = await bundledInference();
    const values = [1, 5, 2, 9];
    const sent: number[][] = [];
    const grown = (rows: number): MatrixSource => ({
      key: 'growing',
      rows,
      columns: 1,
      *chunks(from) {
        sent.push(values.slice(from, rows));
        yield new Uint16Array(Float16Array.from(values.slice(from, rows)).buffer);
      },
    });
    const query = { weights: Float32Array.of(1), bias: Float32Array.of(0) };
    const best = async (rows: number) => [...(await inference.rank(grown(rows), query, { limit: 1 })).rows];
    assert.deepEqual([await best(2), await best(3), await best(4), await best(3)], [[1], [1], [3], [1]]);
    assert.deepEqual(sent, [[1, 5], [2], [9], [1, 5, 2]]);
  });

  it('holds three matrices, and replaces the least recently used one by a fourth', async () => {
    await using inference = await bundledInference();
    const fetched: string[] = [];
    const search = async (key: string): Promise<void> => {
      const source: MatrixSource = {
        key,
        rows: 1,
        columns: 1,
        *chunks() {
          fetched.push(key);
          yield Uint16Array.of(0);
        },
      };
      await inference.rank(source, { weights: Float32Array.of(1), bias: Float32Array.of(0) }, { limit: 1 });
    };
    for (const key of ['a', 'b', 'c', 'a', 'd', 'a', 'c', 'b']) await search(key);
    assert.deepEqual(fetched, ['a', 'b', 'c', 'd', 'b']);
  });

  it('reports damaged files of a model', async () => {
    const damaged = await mkdtemp(path.join(tmpdir(), 'damaged '));
    const { manifest } = await openModelFolder(bundledModelFolder);
    await writeFile(path.join(damaged, 'manifest.json'), JSON.stringify(manifest));
    await writeFile(path.join(damaged, manifest.image.graph), 'no graph');
    await using inference = createInference({ model: await openModelFolder(damaged), hostScript });
    await assert.rejects(inference.embedImages([bytes('a', circle)]), /image encoder cannot be loaded/);
    await assert.rejects(inference.embedTexts(['a']), { name: 'UserError' });
    await rm(damaged, { recursive: true });
  });

  it('reports that it cannot start', async () => {
    await using inference = await bundledInference({ hostScript: path.join(folder, 'nothing.js') });
    await assert.rejects(inference.embedTexts(['a']), /cannot start[\s\S]*doctor/);
  });
});
