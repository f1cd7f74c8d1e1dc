import assert from 'node:assert/strict';
import { rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import * as vscode from 'vscode';
import { hoverAt } from '../../../src/providers/imageHover/registerImageHover.ts';
import { services, tagWorkspace, workspaceFolder } from './extension.ts';

const scratch: string[] = [];

/** Writes a file of the workspace and opens it. */
async function open(name: string, text: string): Promise<vscode.TextDocument> {
  // Each document has a different name, because the editor keeps closed documents for a while.
  const file = path.join(workspaceFolder().uri.fsPath, path.dirname(name), `${scratch.length}-${path.basename(name)}`);
  scratch.push(file);
  await writeFile(file, text);
  return vscode.workspace.openTextDocument(file);
}

/** The hover of AssetLens in the middle of a text: other extensions have hovers, too. */
async function hoverOver(document: vscode.TextDocument, text: string): Promise<vscode.MarkdownString | undefined> {
  const at = document.positionAt(document.getText().indexOf(text) + Math.floor(text.length / 2));
  const hovers = await vscode.commands.executeCommand<vscode.Hover[]>('vscode.executeHoverProvider', document.uri, at);
  const ours = hovers
    .flatMap(({ contents }) => contents)
    .filter((content) => content instanceof vscode.MarkdownString)
    .filter(
      ({ value }) =>
        value.includes('data:image/webp') || value.includes('AssetLens') || value.includes('command:assetlens'),
    );
  assert.ok(ours.length < 2);
  return ours[0];
}

describe('Hovering over the path of an image', () => {
  after(async () => {
    await Promise.all(scratch.splice(0).map((file) => rm(file, { force: true })));
  });

  it('shows an image of a folder without an index, and opens no index', async () => {
    const real = await services();
    const unasked = (): never => assert.fail('the index was opened');
    // Other test files have indexed the only folder: this one pretends that no index exists.
    const never = {
      ...real,
      folders: {
        ...real.folders,
        all: () => real.folders.all(),
        locate: (uri: vscode.Uri) => {
          const file = real.folders.locate(uri);
          return (
            file && {
              ...file,
              folder: { ...file.folder, hasIndex: () => Promise.resolve(false), library: unasked, tags: unasked },
            }
          );
        },
      },
    };
    const document = await open('hover.md', '![](web/icons/a.svg)');
    const hover = await hoverAt(never, document, new vscode.Position(0, 8), new AbortController().signal);
    const [content] = hover?.contents ?? [];
    assert.ok(content instanceof vscode.MarkdownString);
    assert.match(content.value, /^!\[Thumbnail]\(data:image\/webp;base64,\S+\|width=112,height=112\)/);
    assert.match(content.value, /a\.svg.*48 × 48 px SVG/);
    assert.match(content.value, /\[Tag Workspace Images]\(command:assetlens\.tagWorkspace\)$/);
    assert.ok(hover?.range?.isEqual(new vscode.Range(0, 4, 0, 19)));
  });

  it('shows nothing after cancellation', async () => {
    const document = await open('hover.md', '![](web/icons/a.svg)');
    const controller = new AbortController();
    const hover = hoverAt(await services(), document, new vscode.Position(0, 8), controller.signal);
    controller.abort();
    await assert.rejects(hover, { name: 'AbortError' });
  });

  describe('of a tagged workspace', () => {
    before(tagWorkspace);

    it('shows labels and commands, in any language', async () => {
      for (const [name, text] of [
        ['hover.md', '![](web/icons/a.svg "Title")'],
        ['hover.html', '<img src="web/icons/a.svg">'],
        ['hover.css', '.a { background: url(web/icons/a.svg) }'],
        ['hover.ts', "import a from './web/icons/a.svg?url';"],
        ['hover.json', '{ "icon": "web/icons/a.svg" }'],
        ['hover.yaml', 'icon: web/icons/a.svg'],
        ['hover.txt', 'It is in web/icons/a.svg.'],
        ['web/hover.css', '.a { background: url("/icons/a.svg") }'],
      ] as const) {
        const value =
          (await hoverOver(await open(name, text), 'icons/a'))?.value ?? assert.fail(`${name} has no hover`);
        assert.match(value, /\d+ % {2}camera/, name);
        assert.match(value, /\[Find Similar]\(command:assetlens\.findSimilar\?/, name);
        assert.match(value, /\[Add Tag…]\(command:assetlens\.addTag\?/, name);
        assert.ok(value.length < 100_000);
      }
    });

    it('trusts only its own commands, and passes the URI of the image to them', async () => {
      const name = 'docs/Übersicht 図/1 (copy).svg';
      const hover = await hoverOver(await open('hover.md', `![](<${name}>)`), 'Übersicht');
      assert.deepEqual(hover?.isTrusted, {
        enabledCommands: ['assetlens.findSimilar', 'assetlens.addTag', 'assetlens.tagWorkspace'],
      });
      assert.ok(!hover.supportHtml);
      const query = /\(command:assetlens\.findSimilar\?([^)]+)\)/.exec(hover.value)?.[1] ?? assert.fail();
      const [uri] = JSON.parse(decodeURIComponent(query)) as [vscode.Uri];
      assert.equal(vscode.Uri.from(uri).fsPath, path.join(workspaceFolder().uri.fsPath, name));
    });

    it('shows why a broken image cannot be shown', async () => {
      const hover = await hoverOver(await open('hover.md', 'docs/broken.png'), 'broken');
      assert.match(hover?.value ?? '', /not a supported image/);
    });

    it('shows nothing for other files, or if the setting disables it', async () => {
      const document = await open('hover.txt', 'nothing.png README.md https://example.org/a.png web/icons/a.svg');
      for (const text of ['nothing', 'README', 'example', ' '])
        assert.equal(await hoverOver(document, text), undefined);
      const settings = vscode.workspace.getConfiguration('assetlens');
      await settings.update('hover.enabled', false, vscode.ConfigurationTarget.Global);
      try {
        assert.equal(await hoverOver(document, 'web/icons/a.svg'), undefined);
      } finally {
        await settings.update('hover.enabled', undefined, vscode.ConfigurationTarget.Global);
      }
      assert.ok(await hoverOver(document, 'web/icons/a.svg'));
    });

    it('shows nothing in a document that is not a file', async () => {
      const document = await vscode.workspace.openTextDocument({
        content: path.join(workspaceFolder().uri.fsPath, 'web/icons/a.svg'),
      });
      assert.equal(await hoverOver(document, 'web/icons/a.svg'), undefined);
    });
  });
});
