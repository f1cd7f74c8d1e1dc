import assert from 'node:assert/strict';
import { copyFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import * as vscode from 'vscode';
import type { GalleryPanel } from '../../../src/webview/panel/galleryPanel.ts';
import { pageHtml } from '../../../src/webview/panel/pageHtml.ts';
import type { GalleryCommands } from '../../../src/webview/panel/registerGallery.ts';
import type { Result } from '../../../src/base/rpc/protocol.ts';
import {
  everything,
  galleryContract,
  type GalleryMethod,
  type GalleryParams,
  type GalleryProtocol,
} from '../../../src/webview/protocol.ts';
import { imagesOf, itemsOf, targetsOf } from '../../../src/workspace/folders/targets.ts';
import { brokenImage, images } from '../images.ts';
import { extension, tagWorkspace, workspaceFolder } from './extension.ts';
import { imageFolder, services, tagsWhere } from './services.ts';

const CAMERA = 'web/icons/a.svg';
const uriOf = (file: string): vscode.Uri => vscode.Uri.joinPath(workspaceFolder().uri, ...file.split('/'));
const at = (file: string): string => path.join(workspaceFolder().uri.fsPath, file);
const tabs = (): vscode.Tab[] =>
  vscode.window.tabGroups.all
    .flatMap((group) => group.tabs)
    .filter(({ input }) => input instanceof vscode.TabInputWebview && input.viewType.endsWith('assetlens.gallery'));

async function galleryCommands(): Promise<GalleryCommands> {
  const exported = await extension().activate();
  assert.ok(typeof exported === 'object' && exported !== null && 'gallery' in exported, 'not in test mode');
  return exported.gallery as GalleryCommands;
}

/** Opens the panel as the user does. */
async function open(...from: unknown[]): Promise<GalleryPanel> {
  await vscode.commands.executeCommand('assetlens.openGallery', ...from);
  const panel = (await galleryCommands()).panel();
  assert.ok(panel, 'no gallery is open');
  return panel;
}

/** Calls a method of the panel as its page does, and checks the result as the page does. */
async function call<M extends GalleryMethod>(method: M, params: GalleryParams<M>): Promise<Result<GalleryProtocol, M>> {
  const panel = (await galleryCommands()).panel() ?? (await open());
  const result = await panel.handlers[method](params, new AbortController().signal);
  return galleryContract.methods[method].result.parse(result) as Result<GalleryProtocol, M>;
}

async function shownPaths(part: Partial<typeof everything> = {}): Promise<string[]> {
  const { order } = await call('arrange', { arrangement: { ...everything, ...part } });
  const { tiles } = await call('tiles', { ids: [...new Set(order)] });
  return tiles.map((tile) => tile.path);
}

async function idOf(file: string): Promise<number> {
  const { ids } = await call('find', { uris: [uriOf(file).toString()] });
  assert.ok(typeof ids[0] === 'number', `${file} has no id`);
  return ids[0];
}

/** Waits until a condition is true. The time limit is long, because machines may be busy. */
async function until(what: string, condition: () => Promise<boolean>): Promise<void> {
  const end = Date.now() + 60_000;
  while (!(await condition())) {
    assert.ok(Date.now() < end, `timed out: ${what}`);
    await sleep(100);
  }
}

describe('the gallery', () => {
  before(tagWorkspace);
  after(() => vscode.commands.executeCommand('workbench.action.closeAllEditors'));

  it('opens in one tab, and the command reveals it again', async () => {
    const panel = await open();
    await until('there is a tab', () => Promise.resolve(tabs().length === 1));
    await vscode.window.showTextDocument(uriOf('README.md'));
    await until('it is behind', () => Promise.resolve(!panel.panel.active));
    assert.equal(await open(), panel);
    await until('it is in front', () => Promise.resolve(panel.panel.active));
    assert.equal(tabs().length, 1);
  });

  it('opens a new tab after its tab was closed', async () => {
    const panel = await open();
    await until('there is a tab', () => Promise.resolve(tabs().length === 1));
    await vscode.window.tabGroups.close(tabs());
    await until('it is gone', async () => (await galleryCommands()).panel() === undefined);
    assert.notEqual(await open(), panel);
    await until('there is one tab', () => Promise.resolve(tabs().length === 1));
  });

  it('opens a label, maybe images, a query or an image that a view passes', async () => {
    const panel = await open();
    const destinations: unknown[] = [];
    const show = panel.show.bind(panel);
    // The calls are recorded and still made; the browser tests check what the page does.
    (panel as { show: GalleryPanel['show'] }).show = (destination) => {
      destinations.push(destination);
      show(destination);
    };
    const group = { kind: 'label', set: 'Object', label: 'camera', members: new Uint32Array() };
    await open({ kind: 'group', group });
    await open({ kind: 'group', group: { kind: 'maybe' } });
    await open({ query: 'a red heart' });
    await open(uriOf(CAMERA));
    await vscode.commands.executeCommand('assetlens.showHeatmap', uriOf(CAMERA));
    await vscode.commands.executeCommand('assetlens.openWholeGallery', { kind: 'group', group }); // the focused row
    await vscode.commands.executeCommand('assetlens.openGalleryHere', uriOf('web/icons'));
    await vscode.commands.executeCommand('assetlens.moreLikeThese', uriOf(CAMERA), [uriOf(CAMERA)]);
    const { key } = (await panel.data.content()).folders[0] ?? assert.fail('there is no folder');
    const detail = await idOf(CAMERA);
    const goTo = (part: object): object => ({ arrangement: { ...everything, ...part }, detail: null, heatmap: false });
    assert.deepEqual(destinations, [
      goTo({ labels: [{ set: 'Object', label: 'camera' }] }),
      goTo({ tagging: 'maybe' }),
      goTo({ query: 'a red heart' }),
      { arrangement: null, detail, heatmap: false },
      { arrangement: null, detail, heatmap: true },
      goTo({}),
      goTo({ folder: `${key}\nweb/icons` }),
      goTo({ query: `+"${CAMERA}"` }),
    ]);
    assert.equal(tabs().length, 1);
  });

  it('shows nothing for an image that is not indexed', async () => {
    const panel = await open();
    let shown = 0;
    (panel as { show: GalleryPanel['show'] }).show = () => shown++;
    await vscode.commands.executeCommand('assetlens.showHeatmap', uriOf(brokenImage)); // shows a message
    assert.equal(shown, 0);
    await vscode.window.tabGroups.close(tabs()); // its panel is patched
  });

  it('lets its page load only the script, styles and font of the extension', async () => {
    const { panel } = await open();
    const html = pageHtml(panel.webview, extension().extensionUri);
    const policy = /http-equiv="Content-Security-Policy" content="([^"]+)"/.exec(html)?.[1] ?? '';
    const rules = new Map(
      policy
        .split('; ')
        .map((rule): [string, string] => [rule.split(' ')[0] ?? '', rule.split(' ').slice(1).join(' ')]),
    );
    assert.deepEqual(
      [...rules.keys()],
      ['default-src', 'script-src', 'style-src', 'font-src', 'img-src', 'base-uri', 'form-action'],
    );
    assert.equal(rules.get('default-src'), "'none'");
    assert.match(rules.get('script-src') ?? '', /^'nonce-[\w+/=]{32}'$/);
    assert.equal(rules.get('img-src'), 'blob:');
    assert.doesNotMatch(policy, /unsafe|\*(?!\.vscode-cdn\.net)|data:|http:/);
    const nonce = /nonce-([^']+)/.exec(policy)?.[1];
    const scripts = [...html.matchAll(/<script([^>]*)>/g)].map(([, attributes]) => attributes ?? '');
    assert.ok(scripts.length > 0 && scripts.every((attributes) => attributes.includes(`nonce="${nonce}"`)));
    assert.notEqual(/nonce-([^']+)/.exec(pageHtml(panel.webview, extension().extensionUri))?.[1], nonce);
    const { localResourceRoots, enableScripts } = panel.webview.options;
    assert.equal(enableScripts, true);
    assert.deepEqual(localResourceRoots?.map(String), [
      vscode.Uri.joinPath(extension().extensionUri, 'dist/webview').toString(),
    ]);
  });

  it('shows each image of the index once, with its picture', async () => {
    assert.deepEqual((await shownPaths()).toSorted(), images.map((image) => image.path).toSorted());
    const picture = await call('thumbnail', { id: await idOf(CAMERA), side: 128, background: 'any' });
    assert.equal(Buffer.from(picture.bytes ?? []).toString('latin1', 8, 12), 'WEBP');
    assert.deepEqual([picture.width, picture.height], [128, 128]);
  });

  it('searches, filters and groups images', async () => {
    const found = await shownPaths({ query: 'a camera' });
    assert.ok(found.slice(0, 3).includes(CAMERA), found.join(', '));
    assert.deepEqual(
      (await shownPaths({ formats: ['png'] })).toSorted(),
      images
        .map((image) => image.path)
        .filter((file) => file.endsWith('.png'))
        .toSorted(),
    );
    const { groups, order } = await call('arrange', { arrangement: { ...everything, group: 'folder' } });
    assert.deepEqual(
      groups.map(({ title }) => title),
      ['app/res', 'docs/Übersicht 図', 'web/icons'],
    );
    assert.equal(order.length, images.length);
    const wrong = await call('arrange', { arrangement: { ...everything, query: 'path:' } });
    assert.deepEqual([wrong.order.length, wrong.total], [0, images.length]);
    assert.notEqual(wrong.message, '');
    const misspelt = await call('arrange', { arrangement: { ...everything, query: 'xqzvw' } });
    assert.match(misspelt.message, /may not know the word "xqzvw"/);
    assert.ok(misspelt.order.length > 0);
    for (const query of ['camera', 'camer']) {
      const { message } = await call('arrange', { arrangement: { ...everything, query } });
      assert.equal(message, '', 'a word that a label has, or that the user is still typing');
    }
  });

  it('returns the labels, properties, duplicates and references of an image', async () => {
    const id = await idOf(CAMERA);
    const { tile, scores, properties } = await call('details', { id });
    assert.equal(tile.path, CAMERA);
    assert.equal(scores[0]?.label, 'camera');
    assert.ok(scores[0].holds && scores[0].score >= scores[0].threshold && scores[0].prompts.length > 0);
    assert.deepEqual(
      scores.map(({ score }) => score),
      scores.map(({ score }) => score).toSorted((a, b) => b - a),
    );
    assert.ok(properties.some(({ value }) => value === 'SVG'));
    const { references, complete } = await call('references', { id });
    const others = references.filter(({ file }) => !/(^|\/)\d+-alt\./.test(file)); // created by the suite for alt texts
    assert.deepEqual(
      others.map(({ file, line }) => [file, line]),
      [['README.md', 2]],
    );
    assert.equal(complete, true);
    assert.ok((await call('duplicates', { id })).images.every((image) => image.id !== id));
  });

  it('updates when images are created and deleted, and keeps their ids', async () => {
    const { data } = await open();
    const camera = await idOf(CAMERA);
    let changes = 0;
    const subscription = data.onDidChange(() => changes++);
    await copyFile(at(CAMERA), at('web/icons/new.svg'));
    // It is a copy, so it would be stacked under the camera.
    const separate = (): Promise<string[]> => shownPaths({ stacked: false });
    await until('it is shown', async () => (await separate()).includes('web/icons/new.svg'));
    assert.ok(!(await shownPaths()).includes('web/icons/new.svg'));
    const id = await idOf('web/icons/new.svg');
    const { images: duplicates } = await call('duplicates', { id: camera });
    assert.deepEqual(
      duplicates.filter(({ isCopy }) => isCopy).map((copy) => copy.id),
      [id],
    );
    await rm(at('web/icons/new.svg'));
    await until('it is gone', async () => !(await separate()).includes('web/icons/new.svg'));
    subscription.dispose();
    assert.ok(changes >= 2);
    assert.equal(await idOf(CAMERA), camera);
    assert.deepEqual(
      (await call('tiles', { ids: [camera, id] })).tiles.map((tile) => tile.id),
      [camera],
    );
    for (const method of ['details', 'references', 'duplicates'] as const) {
      await assert.rejects(call(method, { id }), { name: 'UserError', message: /no longer indexed/ });
    }
  });

  it('sets a manual tag as the Tags view does, and removes it', async () => {
    const file = 'web/icons/h.png';
    const id = await idOf(file);
    const before = (await (await imageFolder()).tags()).byPath.get(file)?.tags;
    await call('setTag', { ids: [id], label: 'camera', holds: true, undo: false });
    await tagsWhere(
      'it is tagged',
      ({ byPath }) => byPath.get(file)?.tags.some(({ label, manual }) => label === 'camera' && manual) === true,
    );
    assert.ok((await shownPaths({ tagging: 'manual' })).includes(file));
    await call('setTag', { ids: [id], label: 'camera', holds: null, undo: false });
    assert.deepEqual((await (await imageFolder()).tags()).byPath.get(file)?.tags, before);
    assert.deepEqual(await shownPaths({ tagging: 'manual' }), []);
  });

  it('opens only text files of the workspace', async () => {
    const range = { line: 2, start: 0, end: 5 };
    await call('openReference', { ...range, uri: uriOf('README.md').toString() });
    assert.equal(vscode.window.activeTextEditor?.selection.active.line, 2);
    for (const uri of ['file:///elsewhere/secret.txt', 'untitled:x', 'command:workbench.action.quit']) {
      await assert.rejects(call('openReference', { ...range, uri }), {
        name: 'UserError',
        message: /not in this workspace/,
      });
    }
    assert.equal(vscode.window.activeTextEditor.document.uri.toString(), uriOf('README.md').toString());
  });

  it('passes all selected images to the commands of its menu', async () => {
    const { folders } = await services();
    const folder = workspaceFolder().uri.toString();
    const galleryImages = [CAMERA, 'web/icons/b.svg'].map((file) => ({
      imageUri: uriOf(file).toString(),
      folder,
      label: 'camera',
    }));
    const context = { webviewSection: 'image', several: true, galleryImages };
    assert.deepEqual(
      targetsOf(context).map(String),
      [CAMERA, 'web/icons/b.svg'].map((file) => uriOf(file).toString()),
    );
    assert.deepEqual(
      imagesOf(folders, context).map((file) => file.path),
      [CAMERA, 'web/icons/b.svg'],
    );
    assert.deepEqual(
      itemsOf(context).map((item) => (item as { label: string }).label),
      ['camera', 'camera'],
    );
    for (const odd of [{ galleryImages: [] }, { galleryImages: [null, 3, {}, { imageUri: 5 }] }])
      assert.deepEqual(targetsOf(odd), []);
    await vscode.commands.executeCommand('assetlens.copyRelativePath', context);
    assert.equal(await vscode.env.clipboard.readText(), `${CAMERA}\nweb/icons/b.svg`);
  });
});
