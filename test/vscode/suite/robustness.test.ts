import assert from 'node:assert/strict';
import { copyFile, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import * as vscode from 'vscode';
import { tagWorkspace, workspaceFolder } from './extension.ts';
import { imageFolder, services, tagsWhere } from './services.ts';

const at = (...parts: string[]): string => path.join(workspaceFolder().uri.fsPath, ...parts);
const MANY = 400;

/** Writes different pictures, so that the encoder has to embed each of them. */
async function writeImages(folder: string, count: number): Promise<void> {
  await mkdir(at(folder), { recursive: true });
  const svg = await readFile(at('web/icons/a.svg'), 'utf8');
  const stamp = Date.now();
  await Promise.all(
    Array.from({ length: count }, (_, i) => writeFile(at(folder, `${i}.svg`), `${svg}<!-- ${stamp} ${i} -->`)),
  );
}

async function untilEmbedding(): Promise<void> {
  const { indexer } = await services();
  await new Promise<void>((resolve) => {
    const subscription = indexer.onDidChangeState((state) => {
      if (state.kind !== 'indexing' || state.progress?.phase !== 'embed' || state.progress.done < 10) return;
      subscription.dispose();
      resolve();
    });
  });
}

describe('Robustness', () => {
  before(tagWorkspace);
  const setLabels = (value: unknown) =>
    vscode.workspace.getConfiguration('assetlens').update('labels', value, vscode.ConfigurationTarget.Workspace);
  after(async () => {
    await setLabels(undefined);
    await rm(at('robust'), { recursive: true, force: true });
  });

  it('indexes all images even if the inference process is killed during the work', async () => {
    const { inference } = await services();
    const embedding = untilEmbedding();
    await writeImages('robust/killed', MANY);
    await embedding;
    process.kill((await (await inference()).describe()).processId, 'SIGKILL');
    // Checks all images, because batches may finish in any order.
    const { byPath } = await tagsWhere('none is missing', (tags) => {
      return [...tags.byPath.keys()].filter((file) => file.startsWith('robust/killed/')).length === MANY;
    });
    assert.ok(byPath.size >= MANY);
  });

  it('continues when a folder is removed while it is indexed', async () => {
    const embedding = untilEmbedding();
    await writeImages('robust/removed', MANY);
    await copyFile(at('web/icons/a.svg'), at('robust/stays.svg'));
    await embedding;
    await rm(at('robust/removed'), { recursive: true });
    await tagsWhere('the rest is right', ({ byPath }) => {
      const left = [...byPath.keys()].filter((file) => file.startsWith('robust/removed/'));
      return left.length === 0 && byPath.has('robust/stays.svg');
    });
  });

  it('lets a run that the user starts take over from the background', async () => {
    const { indexer, folders } = await services();
    const embedding = untilEmbedding();
    await writeImages('robust/cancelled', MANY);
    await embedding;
    await indexer.run();
    assert.equal(indexer.state.kind, 'idle');
    assert.equal(folders.all().length, 1);
    await tagsWhere('all are there', ({ byPath }) => {
      return [...byPath.keys()].filter((file) => file.startsWith('robust/cancelled/')).length === MANY;
    });
  });

  it('stops on the command of the user, stays stopped, and continues with the next run', async () => {
    const { indexer } = await services();
    const count = async (): Promise<number> => {
      const { byPath } = await (await imageFolder()).tags();
      return [...byPath.keys()].filter((file) => file.startsWith('robust/stopped/')).length;
    };
    const embedding = untilEmbedding();
    await writeImages('robust/stopped', MANY);
    await embedding;
    await vscode.commands.executeCommand('assetlens.stopIndexing');
    while (indexer.state.kind === 'indexing') await sleep(20);
    const before = await count();
    assert.ok(before < MANY, `indexing ended before it could be stopped: ${before}`);
    await sleep(3000); // no update may start in this time
    assert.equal(indexer.state.kind, 'idle');
    assert.equal(await count(), before);
    await vscode.commands.executeCommand('assetlens.tagWorkspace');
    assert.equal(await count(), MANY);
  });

  it('applies changes of assetlens.exclude and files.exclude', async () => {
    const configuration = vscode.workspace.getConfiguration();
    const set = (key: string, value: unknown) => configuration.update(key, value, vscode.ConfigurationTarget.Workspace);
    const has = (file: string) => (tags: { byPath: ReadonlyMap<string, unknown> }) => tags.byPath.has(file);
    for (const [key, value] of [
      ['assetlens.exclude', ['robust/stopped/**']],
      ['files.exclude', { 'robust/stopped/**': true }],
    ] as const) {
      await tagsWhere('it is there', has('robust/stopped/1.svg'));
      await set(key, value);
      await tagsWhere(`${key} excludes it`, (tags) => !has('robust/stopped/1.svg')(tags));
      await set(key, undefined);
    }
    await tagsWhere('it is back', has('robust/stopped/1.svg'));
  });

  it('fires no change event if nothing has changed', async () => {
    const { indexer, folders } = await services();
    let events = 0;
    const subscription = folders.onDidChange(() => events++);
    await indexer.run();
    subscription.dispose();
    assert.equal(events, 0);
  });

  it('reports every mistake in the labels with its position, and tags again after the correction', async () => {
    const folder = await imageFolder();
    await setLabels({ Things: ['cat', { name: 'dog', threshold: 3 }, { nmae: 'x' }] });
    await assert.rejects(folder.labelSets(), (error: Error) => {
      assert.equal(error.name, 'UserError');
      assert.match(error.message, /Things\[1\]\.threshold: "threshold" is outside 0 to 1/);
      assert.match(error.message, /Things\[2\].*has no name/);
      return true;
    });
    await setLabels({ Things: ['camera'], More: { labels: ['heart'], threshold: 0.01 } });
    await sleep(0);
    assert.deepEqual(
      (await folder.labelSets()).map(({ name, labels }) => [name, labels.map((label) => label.name)]),
      [
        ['Things', ['camera']],
        ['More', ['heart']],
      ],
    );
    await tagsWhere('tags are of these labels', ({ images }) =>
      images.every(({ tags }) => tags.every(({ set, manual }) => manual || set === 'Things' || set === 'More')),
    );
  });
});
