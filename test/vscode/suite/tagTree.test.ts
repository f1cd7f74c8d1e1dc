import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import * as vscode from 'vscode';
import type { TagTreeView } from '../../../src/providers/tagTree/registerTagTree.ts';
import type { ImageNode, TreeNode } from '../../../src/providers/tagTree/treeNodes.ts';
import { imagesOf } from '../../../src/workspace/folders/targets.ts';
import { brokenImage, images } from '../images.ts';
import { extension, tagWorkspace, workspaceFolder } from './extension.ts';
import { imageFolder, services, tagsWhere } from './services.ts';

type Tree = TagTreeView['tree'];

async function tagTree(): Promise<Tree> {
  const exported = await extension().activate();
  assert.ok(typeof exported === 'object' && exported !== null && 'tagTree' in exported, 'not in test mode');
  return (exported.tagTree as TagTreeView).tree;
}

const uriOf = (path: string): vscode.Uri => vscode.Uri.joinPath(workspaceFolder().uri, ...path.split('/'));
const childrenOf = (tree: Tree, node?: TreeNode): Promise<TreeNode[]> => tree.getChildren(node);
const itemOf = (tree: Tree, node: TreeNode): Promise<vscode.TreeItem> => Promise.resolve(tree.getTreeItem(node));

/** Reloads the tree and returns its top level. */
async function shown(tree: Tree): Promise<TreeNode[]> {
  tree.markStale();
  await tree.refresh();
  return childrenOf(tree);
}

/** Returns all image and problem nodes, each with the labels on the path to it. */
async function leaves(
  tree: Tree,
  nodes: readonly TreeNode[],
  ancestors: readonly string[] = [],
): Promise<[string, TreeNode][]> {
  const found: [string, TreeNode][] = [];
  for (const node of nodes) {
    const label = (await itemOf(tree, node)).label;
    const labels = [...ancestors, typeof label === 'string' ? label : ''];
    const children = await childrenOf(tree, node);
    if (node.kind === 'image' || node.kind === 'problem') found.push([labels.join('/'), node]);
    // A stack contains the other images of its picture.
    if (node.kind === 'image') found.push(...(await leaves(tree, children, ancestors)));
    else if (node.kind !== 'problem') found.push(...(await leaves(tree, children, labels)));
  }
  return found;
}

async function imageUnder(tree: Tree, path: string, label?: string): Promise<ImageNode> {
  const all = await leaves(tree, await shown(tree));
  const node = all
    .map(([, leaf]) => leaf)
    .find((leaf) => leaf.kind === 'image' && leaf.image.path === path && leaf.label === label);
  assert.ok(node?.kind === 'image', `${path} is not under ${label ?? 'no label'}`);
  return node;
}

async function clearManualTags(): Promise<void> {
  const { byPath } = await (await imageFolder()).tags();
  const all = [...byPath.keys()].map((path) => ({ imageUri: uriOf(path) }));
  await vscode.commands.executeCommand('assetlens.forgetManualTags', all[0], all);
}

const tagsOf = async (path: string): Promise<[string, boolean][]> => {
  const { byPath } = await (await imageFolder()).tags();
  return (byPath.get(path)?.tags ?? []).map(({ label, manual }) => [label, manual]);
};

describe('The Tags view', () => {
  before(tagWorkspace);
  afterEach(clearManualTags);

  it('shows every image with its score, thumbnail and path, and the images that could not be read', async () => {
    const tree = await tagTree();
    const all = await leaves(tree, await shown(tree));
    const paths = new Set(all.flatMap(([, node]) => (node.kind === 'image' ? [node.image.path] : [])));
    for (const { path } of images) assert.ok(paths.has(path), `${path} is not shown`);
    assert.deepEqual(
      all.flatMap(([, node]) => (node.kind === 'problem' ? [node.problem.path] : [])),
      [brokenImage],
    );

    const camera = await imageUnder(tree, 'web/icons/a.svg', 'camera');
    const item = await itemOf(tree, camera);
    assert.match(String(item.description), /^\d+ % · web\/icons$/);
    assert.ok(item.iconPath instanceof vscode.Uri);
    const icon = item.iconPath.toString(true); // the file itself, until its thumbnail is made
    assert.ok(icon === uriOf('web/icons/a.svg').toString(true) || icon.startsWith('data:image/webp;base64,'), icon);
    assert.equal(item.resourceUri?.toString(), uriOf('web/icons/a.svg').toString());
    assert.match(item.contextValue ?? '', /^image.*\bscored\b.*\blabelled\b/);
    assert.match(item.accessibilityInformation?.label ?? '', /^a\.svg, camera, \d+ %, web\/icons$/);
  });

  it('does not load a large file as an icon: it shows the icon of the file type until the thumbnail is made', async () => {
    const tree = await tagTree();
    const node = await imageUnder(tree, 'web/icons/a.svg', 'camera');
    const large = { ...node, image: { ...node.image, hash: 'f'.repeat(64), bytes: 300_000 } };
    assert.equal((await itemOf(tree, large)).iconPath, vscode.ThemeIcon.File);

    const { imageIcons } = await services();
    const picture = { uri: node.imageUri, hash: 'f'.repeat(64), bytes: 300_000, width: 48, height: 48 };
    assert.deepEqual(imageIcons.of({ ...picture, bytes: 3000 }), { iconPath: node.imageUri });
    assert.deepEqual(imageIcons.of(picture), { iconPath: vscode.ThemeIcon.File, resourceUri: node.imageUri });
    let made = 0;
    await imageIcons.make([picture], new AbortController().signal, () => made++);
    assert.equal(made, 1);
    const { iconPath } = imageIcons.of(picture);
    assert.ok(iconPath instanceof vscode.Uri && iconPath.toString(true).startsWith('data:image/webp;base64,'));
    await imageIcons.make([picture], new AbortController().signal, () => made++);
    assert.equal(made, 1); // it is kept
    await assert.rejects(imageIcons.make([{ ...picture, hash: 'other' }], AbortSignal.abort(), () => made++));
  });

  it('gives each node an id that stays the same when the tree is reloaded', async () => {
    const tree = await tagTree();
    const ids = async (): Promise<string[]> => (await leaves(tree, await shown(tree))).map(([, { id }]) => id);
    const before = await ids();
    assert.equal(new Set(before).size, before.length);
    assert.deepEqual(await ids(), before);
  });

  it('stacks the copies and sizes of a picture, and lists them below it', async () => {
    const [source, copy] = [uriOf('web/icons/a.svg'), uriOf('web/icons/copy of a.svg')];
    await vscode.workspace.fs.copy(source, copy);
    try {
      await tagsWhere('the copy is indexed', ({ byPath }) => byPath.has('web/icons/copy of a.svg'));
      const tree = await tagTree();
      const second = await imageUnder(tree, 'web/icons/copy of a.svg', 'camera');
      const first = tree.getParent(second);
      assert.ok(first?.kind === 'image' && first.image.path === 'web/icons/a.svg');
      assert.deepEqual(await childrenOf(tree, first), [second]);
      const item = await itemOf(tree, first);
      assert.equal(item.collapsibleState, vscode.TreeItemCollapsibleState.Collapsed);
      assert.match(String(item.description), /^\d+ % · \+1 · web\/icons$/);
      assert.match(item.accessibilityInformation?.label ?? '', /, copies and sizes: 1, web\/icons$/);
      const group = tree.getParent(first);
      assert.ok(group?.kind === 'group');
      assert.equal(group.group.members.length, 1 + (await childrenOf(tree, group)).length); // all images count
      // Commands act on the image itself, whether it is shown under another one or not.
      await vscode.commands.executeCommand('assetlens.copyRelativePath', second, [first, second]);
      assert.equal(await vscode.env.clipboard.readText(), 'web/icons/a.svg\nweb/icons/copy of a.svg');
    } finally {
      await vscode.workspace.fs.delete(copy);
      await tagsWhere('the copy is gone', ({ byPath }) => !byPath.has('web/icons/copy of a.svg'));
    }
  });

  it('describes an image in its tooltip, with a picture', async () => {
    const tree = await tagTree();
    const node = await imageUnder(tree, 'web/icons/a.svg', 'camera');
    const item = await tree.resolveTreeItem(await itemOf(tree, node), node);
    assert.ok(item.tooltip instanceof vscode.MarkdownString);
    const { value } = item.tooltip;
    assert.match(value, /^!\[\]\(data:image\/webp;base64,/);
    assert.match(value, /camera — \d+&nbsp;%/);
    assert.match(value, /SVG/);
    assert.ok(value.length < 100_000, 'the editor truncates longer tooltips');
  });

  it('filters and sorts', async () => {
    const tree = await tagTree();
    await shown(tree);
    await tree.setFilter('camera');
    const camera = await leaves(tree, await childrenOf(tree));
    assert.ok(camera.length > 0);
    for (const [location] of camera) assert.match(location, /camera/);
    await tree.setFilter('matches nothing');
    assert.deepEqual(await childrenOf(tree), []);
    await tree.setFilter('*.png');
    assert.ok((await leaves(tree, await childrenOf(tree))).every(([location]) => location.endsWith('.png')));
    await tree.setFilter('');

    await tree.setOrder({ labels: 'count', images: 'path' });
    for (const root of await childrenOf(tree)) {
      const counts = (await childrenOf(tree, root)).flatMap((node) =>
        node.kind === 'group' ? [node.group.members.length] : [],
      );
      assert.deepEqual(
        counts,
        counts.toSorted((a, b) => b - a),
      );
    }
    await tree.setOrder({ labels: 'name', images: 'score' });
  });

  it('shows a confirmed tag as a manual tag, above all scores', async () => {
    const tree = await tagTree();
    await vscode.commands.executeCommand('assetlens.keepTag', await imageUnder(tree, 'web/icons/b.svg', 'camera'));
    await tagsWhere('the tag is manual', ({ byPath }) => byPath.get('web/icons/b.svg')?.tags[0]?.manual === true);
    const node = await imageUnder(tree, 'web/icons/b.svg', 'camera');
    const item = await itemOf(tree, node);
    assert.equal(item.description, 'manual · web/icons');
    assert.equal(item.accessibilityInformation?.label, 'b.svg, camera, tagged manually, web/icons');
    assert.doesNotMatch(item.contextValue ?? '', /\bscored\b/);
    assert.match(item.contextValue ?? '', /^image.*\bmanual\b.*\blabelled\b/);
    const group = tree.getParent(node);
    assert.ok(group);
    assert.equal((await childrenOf(tree, group))[0]?.id, node.id);
  });

  it('removes a tag from several images, and undoes it', async () => {
    const tree = await tagTree();
    const [a, b] = [
      await imageUnder(tree, 'web/icons/a.svg', 'camera'),
      await imageUnder(tree, 'web/icons/b.svg', 'camera'),
    ];
    const before = await tagsOf('web/icons/a.svg');
    await vscode.commands.executeCommand('assetlens.removeTag', a, [a, b]);
    for (const path of ['web/icons/a.svg', 'web/icons/b.svg']) {
      assert.ok(
        (await tagsOf(path)).every(([label]) => label !== 'camera'),
        path,
      );
    }
    await vscode.commands.executeCommand('notification.acceptPrimaryAction');
    await tagsWhere('it is undone', ({ byPath }) => byPath.get('web/icons/a.svg')?.tags[0]?.label === 'camera');
    assert.deepEqual(await tagsOf('web/icons/a.svg'), before);
  });

  it('adds a chosen tag to an image from the Explorer, and clears it', async () => {
    const path = 'web/icons/h.png';
    const before = await tagsOf(path);
    const done = vscode.commands.executeCommand('assetlens.addTag', uriOf(path), [uriOf(path)]);
    const accepting = setInterval(() => {
      void vscode.commands.executeCommand('workbench.action.acceptSelectedQuickOpenItem');
    }, 200);
    await done;
    clearInterval(accepting);
    const added = (await tagsOf(path)).filter(([, manual]) => manual);
    assert.equal(added.length, 1);
    await vscode.commands.executeCommand('assetlens.forgetManualTags', { imageUri: uriOf(path) });
    assert.deepEqual(await tagsOf(path), before);
  });

  it('copies references in several forms, one line for each image', async () => {
    // Without a document, paths are relative to the workspace folder.
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
    const copied = async (form: string, ...paths: string[]): Promise<string> => {
      const uris = paths.map(uriOf);
      await vscode.commands.executeCommand(`assetlens.copy${form}`, uris[0], uris);
      return vscode.env.clipboard.readText();
    };
    const odd = 'docs/Übersicht 図/1 (copy).svg';
    assert.equal(await copied('Path', odd), uriOf(odd).fsPath);
    assert.equal(await copied('RelativePath', odd, 'web/icons/a.svg'), `${odd}\nweb/icons/a.svg`);
    assert.match(await copied('Markdown', odd), /^!\[.*heart.*\]\(docs\/Übersicht%20図\/1%20%28copy%29\.svg\)$/);
    assert.match(
      await copied('Html', 'web/icons/a.svg'),
      /^<img src="web\/icons\/a\.svg" alt="camera.*" width="\d+" height="\d+">$/,
    );
    assert.equal(await copied('Css', odd), 'url("docs/Übersicht%20図/1%20%28copy%29.svg")');
    assert.equal(await copied('RelativePath', odd, odd), odd); // once, although it may be shown under two labels
  });

  it('acts on the focused image even if it is not selected', async () => {
    const tree = await tagTree();
    const roots = await shown(tree);
    const [set] = roots;
    assert.ok(set?.kind === 'set');
    const [first] = await childrenOf(tree, set.labels[0]);
    assert.ok(first?.kind === 'image');
    const expected = first.image.path;
    const run = (command: string, argument?: string): Thenable<unknown> =>
      vscode.commands.executeCommand(command, argument);
    let copied = '';
    for (let attempt = 0; attempt < 15 && copied !== expected; attempt++) {
      await run('assetlens.tags.focus');
      for (const key of ['focusFirst', 'focusDown', 'expand']) await run(`list.${key}`);
      await sleep(250); // the editor has no event for the end of loading children
      await run('list.focusDown');
      await run('assetlens.copyRelativePath', 'selection');
      copied = await vscode.env.clipboard.readText();
    }
    assert.equal(copied, expected);
  });

  it('opens several images at once', async () => {
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
    const uris = ['web/icons/c.png', 'web/icons/e.png'].map(uriOf);
    await vscode.commands.executeCommand('assetlens.openImages', uris[0], uris);
    const open = vscode.window.tabGroups.all.flatMap(({ tabs }) => tabs.map(({ label }) => label));
    assert.deepEqual(open.toSorted(), ['c.png', 'e.png']);
    await vscode.commands.executeCommand('assetlens.openToSide', uris[0], uris);
    assert.equal(vscode.window.tabGroups.all.length, 2);
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
  });

  it('passes the workspace folder of an image to commands, for workspace folders inside others', async () => {
    const { folders } = await services();
    const node = await imageUnder(await tagTree(), 'web/icons/a.svg', 'camera');
    const outer = await imageFolder();
    assert.deepEqual(imagesOf(folders, node), [{ folder: outer, path: 'web/icons/a.svg' }]);
    // The suite runs in one folder, because adding a second one would restart the editor.
    const inner = { ...outer, name: 'web', uri: uriOf('web') };
    const nested = { ...folders, all: () => [outer, inner], locate: () => ({ folder: inner, path: 'icons/a.svg' }) };
    assert.deepEqual(imagesOf(nested, node), [{ folder: outer, path: 'web/icons/a.svg' }]);
    assert.deepEqual(imagesOf(nested, { ...node, folder: inner.uri }), [{ folder: inner, path: 'icons/a.svg' }]);
    assert.deepEqual(imagesOf(nested, node.imageUri), [{ folder: inner, path: 'icons/a.svg' }]);
  });

  it('does not tag images that are not indexed', async () => {
    const { folders } = await services();
    let changes = 0;
    const subscription = folders.onDidChange(() => changes++);
    await vscode.commands.executeCommand('assetlens.addTag', uriOf(brokenImage), [uriOf(brokenImage)]);
    await vscode.commands.executeCommand('assetlens.keepTag', { imageUri: uriOf(brokenImage), label: 'cat' });
    subscription.dispose();
    assert.equal(changes, 0);
  });
});
