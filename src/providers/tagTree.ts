import path from 'node:path';
import * as vscode from 'vscode';
import type { TaggedImage } from '../library/index.ts';
import type { ImageFolder } from '../workspace/imageFolders.ts';
import { reportErrors } from '../workspace/log.ts';
import type { Services } from '../workspace/services.ts';

type Node =
  | { readonly kind: 'label'; readonly label: string; readonly images: readonly LabelledImage[] }
  | { readonly kind: 'image'; readonly image: LabelledImage };

interface LabelledImage {
  readonly folder: ImageFolder;
  readonly path: string;
  readonly score: number;
}

/** The Tags view: each label with its images, the surest first; images without a label last. */
export function registerTagTree(services: Services): vscode.Disposable {
  const changed = new vscode.EventEmitter<undefined>();
  let labels: Promise<Node[]> | undefined;

  const provider: vscode.TreeDataProvider<Node> = {
    onDidChangeTreeData: changed.event,
    getTreeItem: itemOf,
    async getChildren(node) {
      if (node?.kind === 'image') return [];
      if (node) return node.images.map((image) => ({ kind: 'image', image }));
      const current = (labels ??= labelNodes(services));
      let nodes: Node[] = [];
      await reportErrors(services.log, async () => {
        try {
          nodes = await current;
        } catch (error) {
          if (labels === current) labels = undefined; // a failed load is forgotten
          throw error;
        }
      });
      return nodes;
    },
  };
  const view = vscode.window.createTreeView('assetlens.tags', { treeDataProvider: provider, showCollapseAll: true });
  const subscription = services.folders.onDidChange(() => {
    labels = undefined;
    changed.fire(undefined);
  });
  return vscode.Disposable.from(view, subscription, changed);
}

async function labelNodes(services: Services): Promise<Node[]> {
  const byLabel = new Map<string, LabelledImage[]>();
  const untagged: LabelledImage[] = [];
  for (const folder of services.folders.all()) {
    const { images } = await folder.tags();
    for (const image of images) addTo(byLabel, untagged, folder, image);
  }
  const nodes = [...byLabel]
    .sort(([a], [b]) => a.localeCompare(b))
    .map(([label, images]): Node => ({ kind: 'label', label, images: images.sort((a, b) => b.score - a.score) }));
  if (untagged.length > 0) nodes.push({ kind: 'label', label: vscode.l10n.t('Untagged'), images: untagged });
  return nodes;
}

function addTo(
  byLabel: Map<string, LabelledImage[]>,
  untagged: LabelledImage[],
  folder: ImageFolder,
  { path: file, tags }: TaggedImage,
): void {
  if (tags.length === 0) untagged.push({ folder, path: file, score: 0 });
  for (const { label, score } of tags) {
    const images = byLabel.get(label) ?? [];
    byLabel.set(label, images);
    images.push({ folder, path: file, score });
  }
}

function itemOf(node: Node): vscode.TreeItem {
  if (node.kind === 'label') {
    const item = new vscode.TreeItem(node.label, vscode.TreeItemCollapsibleState.Collapsed);
    item.description = String(node.images.length);
    item.accessibilityInformation = { label: vscode.l10n.t('{0}, {1} images', node.label, node.images.length) };
    return item;
  }
  const { folder, path: file, score } = node.image;
  const uri = vscode.Uri.joinPath(folder.uri, file);
  const item = new vscode.TreeItem(path.posix.basename(file));
  item.resourceUri = uri;
  item.iconPath = uri; // the picture itself
  item.description = score > 0 ? `${Math.round(score * 100)} %  ${path.posix.dirname(file)}` : path.posix.dirname(file);
  item.tooltip = file;
  item.command = { command: 'vscode.open', title: vscode.l10n.t('Open'), arguments: [uri] };
  return item;
}
