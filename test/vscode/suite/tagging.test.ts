import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { brokenImage, images, workspaceName } from '../images.ts';
import { services, tagWorkspace, workspaceFolder } from './extension.ts';
import { note } from './notes.ts';

describe('Tagging a workspace', () => {
  before(tagWorkspace);

  it('finds every image, also with spaces and many scripts in their paths', async () => {
    const [folder] = (await services()).folders.all();
    assert.equal(folder?.name, workspaceName);
    const { byPath } = await folder.tags();
    assert.deepEqual([...byPath.keys()].sort(), images.map(({ path }) => path).sort());
  });

  it('tags images with the labels that a person would choose', async () => {
    const [folder] = (await services()).folders.all();
    const tags = await folder?.tags();
    const labelled = images.filter(({ label }) => label !== undefined);
    const right = labelled.filter(({ path, label }) => tags?.byPath.get(path)?.tags.some((tag) => tag.label === label));
    note(`${right.length} of ${labelled.length} images have the expected label`);
    assert.ok(right.length >= labelled.length / 2, `only ${right.map(({ path }) => path).join(', ')}`);
  });

  it('skips a broken image, and locates it in its folder', async () => {
    const { folders } = await services();
    const uri = vscode.Uri.joinPath(workspaceFolder().uri, brokenImage);
    const file = folders.locate(uri);
    assert.equal(file?.path, brokenImage);
    assert.equal((await file.folder.tags()).byPath.has(brokenImage), false);
  });
});
