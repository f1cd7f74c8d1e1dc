import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { decorationOf } from '../../../src/providers/tagDecorations.ts';
import { services, tagWorkspace, workspaceFolder } from './extension.ts';

const image = (): vscode.Uri => vscode.Uri.joinPath(workspaceFolder().uri, 'web/icons/a.svg');

describe('Decorations in the Explorer', () => {
  before(tagWorkspace);

  it('are off by default', async () => {
    assert.equal(await decorationOf(await services(), image()), undefined);
  });

  it('show the first letters of the best label, and all labels in a tooltip', async () => {
    const settings = vscode.workspace.getConfiguration('assetlens');
    await settings.update('decorations.enabled', true, vscode.ConfigurationTarget.Global);
    try {
      const decoration = await decorationOf(await services(), image());
      assert.equal(decoration?.badge, 'Ca');
      assert.match(decoration.tooltip ?? '', /^camera \d+ %/);
      for (const other of ['README.md', 'docs/broken.png', 'web/icons', 'gone.png']) {
        const uri = vscode.Uri.joinPath(workspaceFolder().uri, other);
        assert.equal(await decorationOf(await services(), uri), undefined, other);
      }
      assert.equal(await decorationOf(await services(), vscode.Uri.file('/elsewhere/a.png')), undefined);
    } finally {
      await settings.update('decorations.enabled', undefined, vscode.ConfigurationTarget.Global);
    }
  });
});
