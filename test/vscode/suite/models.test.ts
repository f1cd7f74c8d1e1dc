import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import * as vscode from 'vscode';
import { convertCheckpoint } from '../../../src/clip/checkpoint/convert.ts';
import { listModels } from '../../../src/providers/chooseModel/registerChooseModel.ts';
import type { ImageFolder } from '../../../src/workspace/folders/imageFolder.ts';
import { switchingLines } from '../../../src/workspace/indexing/switchingText.ts';
import { images } from '../images.ts';
import { extension, tagWorkspace } from './extension.ts';
import { imageFolder, services } from './services.ts';

const BUNDLED = 'assetlens-icons';
const OTHER = 'icons-int8';

/** A hang ends by mocha's limit. */
async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await sleep(20);
}

function choose(name: string): Thenable<void> {
  return vscode.workspace
    .getConfiguration('assetlens')
    .update('model', name === '' ? undefined : name, vscode.ConfigurationTarget.Global);
}

/** The id of the model whose tags are shown. */
function shownId(folder: ImageFolder): Promise<string> {
  return folder.withLibrary(({ inference }) => Promise.resolve(inference.model.manifest.id));
}

async function scores(folder: ImageFolder): Promise<string> {
  const { images } = await folder.tags();
  return JSON.stringify(images.map(({ path: file, tags }) => [file, tags.map(({ label, score }) => [label, score])]));
}

describe('Models', () => {
  let models: string;
  let earlier: string | undefined;
  let folder: ImageFolder;
  let bundledId: string;
  let bundledScores: string;

  before(async () => {
    models = await mkdtemp(path.join(tmpdir(), 'assetlens-models-'));
    earlier = process.env['ASSETLENS_MODELS'];
    process.env['ASSETLENS_MODELS'] = models;
    const checkpoint = path.join(extension().extensionPath, 'models', BUNDLED);
    await convertCheckpoint(checkpoint, path.join(models, OTHER), { precision: 'int8', name: OTHER });
    await tagWorkspace();
    folder = await imageFolder();
    bundledId = await shownId(folder);
    bundledScores = await scores(folder);
  });

  after(async () => {
    await choose('');
    await until(async () => (await shownId(folder)) === bundledId);
    if (earlier === undefined) delete process.env['ASSETLENS_MODELS'];
    else process.env['ASSETLENS_MODELS'] = earlier;
    await rm(models, { recursive: true });
  });

  it('are listed with their properties, with recommended models and commands that add others', async () => {
    await mkdir(path.join(models, 'damaged'));
    await writeFile(path.join(models, 'damaged/manifest.json'), '{}');
    const items = await listModels(await services());
    await rm(path.join(models, 'damaged'), { recursive: true });
    const item = (name: string) =>
      items.find(({ label }) => label.endsWith(name)) ?? assert.fail(`${name} is not there`);
    assert.match(item(BUNDLED).label, /check/);
    assert.equal(item(BUNDLED).removes, undefined);
    assert.match(item(OTHER).detail ?? '', /dimensions · int8 · licence/);
    assert.deepEqual([item(OTHER).removes, item(OTHER).choice], [OTHER, { kind: 'use', name: OTHER }]);
    assert.deepEqual([item('damaged').choice, item('damaged').removes], [undefined, 'damaged']);
    assert.match(item('datacomp-b32-256').description ?? '', /^608 MB to download · MIT · ImageNet 72.8 % · /);
    assert.match(item('datacomp-b32-256').detail ?? '', /^photos and drawings/);
    const kinds = items.map(({ choice }) => choice?.kind);
    assert.ok(kinds.includes('addFromHub') && kinds.includes('addFromFolder'));
  });

  it('keep the tags of the earlier model while the switch is stopped, and report the progress', async () => {
    const { folders, indexer } = await services();
    const stopping = indexer.onDidChangeState(({ kind }) => {
      if (kind === 'indexing') indexer.stop();
    });
    await choose(OTHER);
    await until(() => folder.switching !== null && indexer.wasUpdateStarted(folder) && indexer.state.kind === 'idle');
    await sleep(500);
    stopping.dispose();
    assert.equal(await shownId(folder), bundledId);
    assert.equal(await scores(folder), bundledScores);
    assert.deepEqual(
      [folder.switching?.from, folder.switching?.to, folder.switching?.images],
      [BUNDLED, OTHER, images.length],
    );
    assert.match(
      switchingLines(folders, indexer.state).join(),
      /^The tags come from assetlens-icons\. icons-int8 has indexed /,
    );
  });

  it('show the tags of the new model when its index is complete', async () => {
    const { folders, indexer, models: all } = await services();
    await indexer.run();
    assert.equal(folder.switching, null);
    assert.deepEqual(switchingLines(folders, indexer.state), []);
    assert.equal(await shownId(folder), (await all.wanted()).manifest.id);
    assert.notEqual(await shownId(folder), bundledId);
    assert.equal((await folder.tags()).images.length, images.length);
    assert.notEqual(await scores(folder), bundledScores);
  });

  it('switch back immediately to a model with a complete index', async () => {
    let missing = 0;
    const { indexer } = await services();
    const subscription = indexer.onDidChangeState((state) => {
      if (state.kind !== 'indexing' || state.progress?.phase !== 'embed') return;
      missing += (state.progress.total ?? 0) - state.progress.done;
    });
    await choose('');
    await until(async () => (await shownId(folder)) === bundledId);
    assert.equal(folder.switching, null);
    assert.equal(await scores(folder), bundledScores);
    await until(() => indexer.state.kind === 'idle');
    subscription.dispose();
    assert.equal(missing, 0);
  });

  it('fall back to the bundled model when the selected model is removed', async () => {
    const { models: all } = await services();
    await choose(OTHER);
    await until(async () => (await shownId(folder)) !== bundledId);
    const { showWarningMessage } = vscode.window;
    const messages: string[] = [];
    // Nobody closes messages in a test.
    vscode.window.showWarningMessage = (text: string): Thenable<undefined> => {
      messages.push(text);
      return Promise.resolve(undefined);
    };
    try {
      await rm(path.join(models, OTHER), { recursive: true });
      all.changed();
      await until(async () => (await shownId(folder)) === bundledId);
    } finally {
      vscode.window.showWarningMessage = showWarningMessage;
    }
    assert.deepEqual(
      messages.map((text) => text.slice(0, 44)),
      ['AssetLens cannot use the model "icons-int8".'],
    );
    assert.equal((await all.wanted()).name, BUNDLED);
    assert.equal(await scores(folder), bundledScores);
  });
});
