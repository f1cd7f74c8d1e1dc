import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import * as vscode from 'vscode';
import { insertPath } from '../../../src/providers/imageSearch/hitActions.ts';
import { unknownWordItem } from '../../../src/providers/imageSearch/unknownWordItem.ts';
import { services, tagWorkspace, workspaceFolder } from './extension.ts';
import { tagsWhere } from './services.ts';

const COPY = 'web/copied heart.svg';
const ORIGINAL = 'app/res/03.svg';

describe('Search and similar images', () => {
  before(tagWorkspace);
  beforeEach(async () => {
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
  });
  after(async () => {
    await vscode.workspace.fs.delete(at(COPY), { useTrash: false }).then(undefined, () => undefined);
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
  });

  it('opens the best result of a query', async () => {
    assert.equal(await firstOf('warning'), 'app/res/06.png');
    assert.equal(await firstOf('pizza'), 'docs/Übersicht 図/6.png');
  });

  it('ranks images lower that are similar to an image after a minus', async () => {
    const cameras = ['web/icons/a.svg', 'web/icons/b.svg'];
    const first = await firstOf('camera');
    assert.ok(cameras.includes(first), first);
    assert.notEqual(await firstOf(`camera -${first}`), first);
  });

  it('searches only the folders of a path filter', async () => {
    assert.equal(await firstOf('heart path:app/'), ORIGINAL);
    assert.equal(await firstOf('heart -path:app/'), 'docs/Übersicht 図/1 (copy).svg');
  });

  it('previews images while the user moves through the list, and restores the tab', async () => {
    const document = await vscode.workspace.openTextDocument(at('README.md'));
    await vscode.window.showTextDocument(document, { preview: false });
    await vscode.commands.executeCommand('assetlens.searchImages', 'heart');
    const shown = await until('an image is shown', async () => {
      await vscode.commands.executeCommand('workbench.action.quickOpenSelectNext');
      const path = activeImage();
      return path === 'README.md' ? undefined : path;
    });
    assert.match(shown, /\.(svg|png)$/);
    await vscode.commands.executeCommand('workbench.action.closeQuickOpen');
    await until('the document is back, alone', () => {
      const open = vscode.window.tabGroups.all.flatMap(({ tabs }) => tabs.map(({ label }) => label));
      return Promise.resolve(activeImage() === 'README.md' && open.length === 1 ? true : undefined);
    });
  });

  it('finds the copy of an image first, for a URI and for an item of the Tags view', async () => {
    await vscode.workspace.fs.copy(at(ORIGINAL), at(COPY));
    await vscode.commands.executeCommand('assetlens.tagWorkspace');
    await tagsWhere('the copy is tagged', ({ byPath }) => byPath.has(COPY));
    assert.equal(await firstSimilar(at(ORIGINAL)), COPY);
    assert.equal(await firstSimilar({ imageUri: at(COPY) }), ORIGINAL); // an item of the Tags view
  });

  it('finds an image by a word of its name', async () => {
    assert.equal(await firstOf('copied heart'), COPY);
  });

  it('hints at a word that the model may not know, and opens the best image below the hint', async () => {
    const hint = unknownWordItem({ word: 'camerra', suggestion: 'camera' }, 'blue CAMERRA path:camerras/');
    assert.equal(hint.label, 'The model may not know the word "camerra". Did you mean "camera"?');
    assert.equal(hint.query, 'blue camera path:camerras/');
    const foreign = unknownWordItem({ word: 'xqzvw', suggestion: undefined }, 'xqzvw');
    assert.match(foreign.label, /"xqzvw"\. Check its spelling, or use an English word\.$/);
    assert.equal(foreign.query, undefined);
    assert.match(await firstOf('xqzvw'), /\.(svg|png)$/);
  });

  it('inserts the path of an image at each cursor, as the text around it requires', async () => {
    const [folder] = (await services()).folders.all();
    assert.ok(folder);
    const page = at('web/insert.svelte');
    const text = 'import a from "";\n<img src="">\n';
    await vscode.workspace.fs.writeFile(page, Buffer.from(text));
    try {
      const editor = await vscode.window.showTextDocument(page);
      editor.selections = [text.indexOf('""') + 1, text.lastIndexOf('""') + 1].map((offset) => {
        const position = editor.document.positionAt(offset);
        return new vscode.Selection(position, position);
      });
      await insertPath({ folder, path: 'docs/Übersicht 図/1 (copy).svg' }, editor);
      assert.equal(
        editor.document.getText(),
        'import a from "../docs/Übersicht 図/1 (copy).svg";\n<img src="../docs/Übersicht%20図/1%20%28copy%29.svg">\n',
      );
    } finally {
      await vscode.commands.executeCommand('workbench.action.revertAndCloseActiveEditor');
      await vscode.workspace.fs.delete(page, { useTrash: false });
    }
  });

  it('remembers queries', async () => {
    const { context } = await services();
    const stored = context.workspaceState.get<string[]>('imageSearch.recent', []);
    assert.deepEqual(stored.slice(0, 2), ['xqzvw', 'copied heart']);
  });
});

function at(path: string): vscode.Uri {
  return vscode.Uri.joinPath(workspaceFolder().uri, ...path.split('/'));
}

/** The path of the file in the active tab. */
function activeImage(): string | undefined {
  const input = vscode.window.tabGroups.activeTabGroup.activeTab?.input;
  const shows = input instanceof vscode.TabInputCustom || input instanceof vscode.TabInputText;
  return shows ? vscode.workspace.asRelativePath(input.uri, false) : undefined;
}

async function firstOf(query: string): Promise<string> {
  return firstOpened('assetlens.searchImages', query);
}

async function firstSimilar(target: unknown): Promise<string> {
  return firstOpened('assetlens.findSimilar', target);
}

/** Opens a list and accepts its first line once it is there. */
async function firstOpened(command: string, argument: unknown): Promise<string> {
  await vscode.commands.executeCommand('workbench.action.closeAllEditors');
  await vscode.commands.executeCommand(command, argument);
  const path = await until(`${command} opens an image`, async () => {
    await vscode.commands.executeCommand('workbench.action.acceptSelectedQuickOpenItem');
    return activeImage();
  });
  return path;
}

/** The limit only ends a test that hangs: the machine may be busy. */
async function until<T>(what: string, look: () => Promise<T | undefined>): Promise<T> {
  for (const end = Date.now() + 60_000; ;) {
    const found = await look();
    if (found !== undefined) return found;
    assert.ok(Date.now() < end, `timed out: ${what}`);
    await sleep(300);
  }
}
