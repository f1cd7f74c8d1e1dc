import assert from 'node:assert/strict';
import { rm, writeFile } from 'node:fs/promises';
import * as vscode from 'vscode';
import { hoverAt } from '../../../src/providers/imageHover/registerImageHover.ts';
import { droppedText } from '../../../src/providers/imageDrop/registerImageDrop.ts';
import type { TagTreeView } from '../../../src/providers/tagTree/registerTagTree.ts';
import type { ImageNode, TreeNode } from '../../../src/providers/tagTree/treeNodes.ts';
import type { GalleryCommands } from '../../../src/webview/panel/registerGallery.ts';
import { findReferences } from '../../../src/workspace/references/findReferences.ts';
import { extension, tagWorkspace, workspaceFolder } from './extension.ts';
import { services, tagsWhere } from './services.ts';

const SHEET = 'web/sheet.svg';
const HEART = `${SHEET}#favourite`;
const heart =
  '<path fill="#e11d2e" d="M50 88C10 55 5 35 18 22C30 10 45 16 50 28C55 16 70 10 82 22C95 35 90 55 50 88Z"/>';
const content = `<svg xmlns="http://www.w3.org/2000/svg"><symbol id="favourite" viewBox="0 0 100 100">${heart}</symbol>
<symbol id="square" viewBox="0 0 100 100"><path d="M10 10h80v80H10z"/></symbol></svg>`;

const uriOf = (file: string, fragment = ''): vscode.Uri =>
  vscode.Uri.joinPath(workspaceFolder().uri, ...file.split('/')).with({ fragment });
const heartUri = (): vscode.Uri => uriOf(SHEET, 'favourite');
const scratch: vscode.Uri[] = [uriOf(SHEET)];

async function document(name: string, text: string): Promise<vscode.TextDocument> {
  const uri = uriOf(name.replace(/[^/]+$/, `${scratch.length}-$&`));
  scratch.push(uri);
  await writeFile(uri.fsPath, text);
  return vscode.workspace.openTextDocument(uri);
}

async function hoverText(text: string, at: string): Promise<string> {
  const shown = await document('web/hover.html', text);
  const position = shown.positionAt(text.indexOf(at) + 1);
  const hover = await hoverAt(await services(), shown, position, new AbortController().signal);
  const [first] = hover?.contents ?? [];
  return first instanceof vscode.MarkdownString ? first.value : '';
}

async function exported<T>(name: string): Promise<T> {
  const exports = await extension().activate();
  assert.ok(typeof exports === 'object' && exports !== null && name in exports, 'not in test mode');
  return (exports as Record<string, T>)[name] ?? assert.fail(name);
}

describe('A symbol of a sheet', () => {
  before(async () => {
    await writeFile(uriOf(SHEET).fsPath, content);
    await tagWorkspace();
    await tagsWhere('the symbols are indexed', ({ byPath }) => byPath.has(HEART));
  });
  beforeEach(() => vscode.commands.executeCommand('workbench.action.closeAllEditors'));
  after(async () => {
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
    await Promise.all(scratch.map(({ fsPath }) => rm(fsPath, { force: true })));
    await tagsWhere('the symbols are gone', ({ byPath }) => !byPath.has(HEART));
  });

  it('is an image with labels, in place of the sheet', async () => {
    const { byPath } = await tagsWhere('the symbols are indexed', (tags) => tags.byPath.has(HEART));
    assert.equal(byPath.get(HEART)?.tags[0]?.label, 'heart');
    assert.ok(byPath.has(`${SHEET}#square`) && !byPath.has(SHEET));
  });

  it('is in the Tags view with its own picture, and opens the sheet', async () => {
    const { tree } = await exported<TagTreeView>('tagTree');
    tree.markStale();
    await tree.refresh();
    const find = async (nodes: readonly TreeNode[]): Promise<ImageNode | undefined> => {
      for (const node of nodes) {
        if (node.kind === 'image' && node.image.path === HEART) return node;
        const found = await find(await tree.getChildren(node));
        if (found) return found;
      }
      return undefined;
    };
    const node = (await find(await tree.getChildren())) ?? assert.fail('it is not in the tree');
    const item = await Promise.resolve(tree.getTreeItem(node));
    assert.equal(item.label, 'sheet.svg#favourite');
    assert.equal(node.imageUri.toString(), heartUri().toString());
    assert.notEqual((item.iconPath as vscode.Uri).path, uriOf(SHEET).path, 'the icon is not the sheet');
    assert.equal(String(item.command?.arguments?.[0]), uriOf(SHEET).toString());
    await vscode.commands.executeCommand('assetlens.openImages', node, [node]);
    const { input } = vscode.window.tabGroups.activeTabGroup.activeTab ?? assert.fail('nothing opened');
    assert.ok(input instanceof vscode.TabInputText || input instanceof vscode.TabInputCustom);
    assert.equal(input.uri.toString(), uriOf(SHEET).toString());
  });

  it('is a tile of the gallery with its own picture', async () => {
    await vscode.commands.executeCommand('assetlens.openGallery');
    const panel = (await exported<GalleryCommands>('gallery')).panel() ?? assert.fail('no gallery is open');
    const { signal } = new AbortController();
    const { ids } = await panel.handlers.find({ uris: [heartUri().toString()] }, signal);
    const id = ids[0] ?? assert.fail('it has no tile');
    const [tile] = (await panel.handlers.tiles({ ids: [id] }, signal)).tiles;
    assert.deepEqual([tile?.path, tile?.uri, tile?.width], [HEART, heartUri().toString(), 100]);
    const { properties } = await panel.handlers.details({ id }, signal);
    assert.equal(properties.find(({ name }) => name === 'Size')?.value, '100 × 100');
    const { bytes, reason } = await panel.handlers.picture({ id, side: 64, background: 'light' }, signal);
    assert.ok(bytes && bytes.length > 100, reason);
  });

  it('is shown by the hover over a reference to it', async () => {
    const value = await hoverText('<svg><use href="sheet.svg#favourite"></use></svg>', 'sheet');
    assert.match(value, /^!\[Thumbnail]\(data:image\/webp/);
    assert.match(value, /sheet\.svg\\?#favourite.*100 × 100 px SVG/);
    assert.match(value, /\d+ % {2}heart/);
    const other = await hoverText(`const icon = './sheet.svg#square';`, 'sheet');
    assert.match(other, /sheet\.svg\\?#square/);
    assert.notEqual(other.split('\n')[0], value.split('\n')[0]);
    for (const text of ['<img src="sheet.svg">', '<use href="sheet.svg#nothing">']) {
      assert.match(await hoverText(text, 'sheet'), /This file is a sheet of symbols \\\(2\\\)/, text);
    }
  });

  it('is copied, dropped and found in texts with its fragment', async () => {
    const copied = async (command: string): Promise<string> => {
      await vscode.commands.executeCommand(`assetlens.${command}`, { imageUri: heartUri() });
      return vscode.env.clipboard.readText();
    };
    assert.equal(await copied('copyRelativePath'), HEART);
    assert.match(await copied('copyMarkdown'), /^!\[heart[^\]]*\]\(web\/sheet\.svg#favourite\)$/);
    assert.match(
      await copied('copyHtml'),
      /^<svg role="img" aria-label="heart[^"]*" width="100" height="100"><use href="web\/sheet\.svg#favourite"><\/use><\/svg>$/,
    );
    const page = await document('web/page.html', '<use href=""></use>');
    const text = await droppedText(await services(), page, new vscode.Position(0, 11), heartUri().toString());
    assert.equal(text, 'sheet.svg#favourite');
    const user = await document('web/user.html', '<use href="sheet.svg#square"/>\n<use href="sheet.svg#favourite"/>');
    const { folders } = await services();
    const found: string[] = [];
    for await (const { uri, range } of findReferences(folders, heartUri())) {
      if (uri.toString() === user.uri.toString()) found.push(`${range.start.line}`);
    }
    assert.deepEqual(found, ['1']);
  });
});
