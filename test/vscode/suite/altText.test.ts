import assert from 'node:assert/strict';
import { rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import * as vscode from 'vscode';
import { tagWorkspace, workspaceFolder } from './extension.ts';

const scratch: string[] = [];

async function open(name: string, text: string): Promise<vscode.TextDocument> {
  // Each document has a different name, because the editor keeps closed documents for a while.
  const file = path.join(workspaceFolder().uri.fsPath, path.dirname(name), `${scratch.length}-${path.basename(name)}`);
  scratch.push(file);
  await writeFile(file, text);
  return vscode.workspace.openTextDocument(file);
}

async function actionsAt(document: vscode.TextDocument, offset: number): Promise<vscode.CodeAction[]> {
  const at = document.positionAt(offset);
  const range = new vscode.Range(at, at);
  const ask = () =>
    vscode.commands.executeCommand<vscode.CodeAction[]>('vscode.executeCodeActionProvider', document.uri, range);
  // The first request activates the extension for Markdown, and the editor cancels it when another provider registers.
  const actions = await Promise.resolve(ask()).catch((error: unknown) => {
    if (error instanceof Error && error.name === 'Canceled') return ask();
    throw error;
  });
  return actions.filter(({ title }) => title.startsWith('AssetLens'));
}

describe('Alt text', () => {
  before(tagWorkspace);
  after(async () => {
    await Promise.all(scratch.splice(0).map((file) => rm(file, { force: true })));
  });

  for (const [name, text, expected] of [
    ['alt.md', 'Look:\n\n![](web/icons/a.svg)\n', /^Look:\n\n!\[camera[^\]]*]\(web\/icons\/a\.svg\)\n$/],
    [
      'alt.html',
      '<p>\n<img src="web/icons/a.svg"\n  width=64>',
      /^<p>\n<img src="web\/icons\/a\.svg" alt="camera[^"]*"\n {2}width=64>$/,
    ],
    ['alt.html', '<img alt="" src="web/icons/a.svg">', /^<img alt="camera[^"]*" src="web\/icons\/a\.svg">$/],
    [
      'web/alt.tsx',
      "import icon from './icons/a.svg';\nexport const a = <Image src={icon} />;",
      /^import [^\n]+\nexport const a = <Image src=\{icon\} alt="camera[^"]*" \/>;$/,
    ],
    ['web/alt.jsx', '<img src="./icons/a.svg" />', /^<img src="\.\/icons\/a\.svg" alt="camera[^"]*" \/>$/],
  ] as const) {
    it(`is offered for ${JSON.stringify(text)}`, async () => {
      const document = await open(name, text);
      const offset = Math.max(text.indexOf('icons'), text.indexOf('src={'));
      const [action, ...more] = await actionsAt(document, offset);
      assert.ok(action?.edit, 'no action');
      assert.equal(more.length, 0);
      assert.match(action.title, /^AssetLens: Describe image as "camera/);
      assert.ok(await vscode.workspace.applyEdit(action.edit));
      assert.match(document.getText(), expected);
      assert.deepEqual(
        await actionsAt(document, document.getText().indexOf('camera')),
        [],
        'the image has an alternative text now',
      );
    });
  }

  it('is offered only for images without alternative text', async () => {
    const text =
      '![](web/icons/a.svg) ![it](web/icons/b.svg) ![](gone.svg) ![](docs/broken.png) <img src="web/icons/b.svg" alt="x">';
    const document = await open('alt.md', text);
    for (const at of ['it](', 'gone', 'broken', 'alt='])
      assert.deepEqual(await actionsAt(document, text.indexOf(at)), []);
    assert.equal((await actionsAt(document, 5)).length, 1);
  });
});
