import assert from 'node:assert/strict';
import { rm, writeFile } from 'node:fs/promises';
import * as vscode from 'vscode';
import { droppedText } from '../../../src/providers/imageDrop/registerImageDrop.ts';
import { services, tagWorkspace, workspaceFolder } from './extension.ts';

const CAMERA = 'web/icons/a.svg';
const LOCK = 'web/icons/c.png';
const scratch: vscode.Uri[] = [];

const uriOf = (file: string): vscode.Uri => vscode.Uri.joinPath(workspaceFolder().uri, ...file.split('/'));

/** The text that files become when they are dropped at the bar in a document. */
async function dropped(name: string, marked: string, ...files: string[]): Promise<string | undefined> {
  const uri = uriOf(name.replace(/[^/]+$/, `${scratch.length}-$&`));
  scratch.push(uri);
  await writeFile(uri.fsPath, marked.replace('|', ''));
  const document = await vscode.workspace.openTextDocument(uri);
  const list = files.map((file) => uriOf(file).toString()).join('\r\n');
  return droppedText(await services(), document, document.positionAt(marked.indexOf('|')), list);
}

describe('An image that is dropped into a document', () => {
  before(tagWorkspace);
  after(async () => {
    await Promise.all(scratch.map(({ fsPath }) => rm(fsPath, { force: true })));
  });

  it('becomes a reference in the notation of the document, with its labels as alternative text', async () => {
    assert.match(
      (await dropped('docs/drop.md', 'a |', CAMERA)) ?? '',
      /^!\[camera[^\]]*\]\(\.\.\/web\/icons\/a\.svg\)$/,
    );
    assert.match(
      (await dropped('web/drop.tsx', ' |', CAMERA)) ?? '',
      /^<img src="\.\/icons\/a\.svg" alt="camera[^"]*" width=\{\d+\} height=\{\d+\} \/>$/,
    );
    assert.match((await dropped('drop.rst', '|', CAMERA)) ?? '', /^\.\. image:: web\/icons\/a\.svg\n {3}:alt: camera/);
    assert.match(
      (await dropped('drop.md', '|', CAMERA, LOCK)) ?? '',
      /^!\[camera.*\n!\[.*lock.*\]\(web\/icons\/c\.png\)$/,
    );
  });

  it('becomes only a path if the document already has the reference', async () => {
    assert.equal(await dropped('web/drop.css', 'a { background: url("|") }', CAMERA), 'icons/a.svg');
    assert.equal(await dropped('web/drop.tsx', 'import a from "|";', CAMERA), './icons/a.svg');
    assert.equal(
      await dropped('drop.md', '![](|)', 'docs/Übersicht 図/1 (copy).svg'),
      'docs/Übersicht%20図/1%20%28copy%29.svg',
    );
  });

  it('is handled by the editor if a file is not an image, or the document cannot refer to images', async () => {
    assert.equal(await dropped('drop.md', '|', CAMERA, 'app/main.ts'), undefined);
    assert.equal(await dropped('drop.md', '|'), undefined);
    assert.equal(await dropped('drop.txt', '|', CAMERA), undefined);
  });
});
