import * as vscode from 'vscode';
import { posixRelative } from '../../base/paths.ts';
import { UserError } from '../../base/userError.ts';
import { folderKey } from '../../taggedImages/index.ts';
import type { ImageFolders } from '../../workspace/folders/imageFolders.ts';
import { reportErrors } from '../../workspace/log.ts';
import type { Services } from '../../workspace/services.ts';
import { imagesOf } from '../../workspace/folders/targets.ts';
import { everything, type Arrangement, type Destination } from '../protocol.ts';
import { GalleryPanel } from './galleryPanel.ts';
import { queryOfImages } from './queryOfImages.ts';

const VIEW = 'assetlens.gallery';

export interface GalleryCommands extends vscode.Disposable {
  /** The open gallery. */
  readonly panel: () => GalleryPanel | undefined;
}

/**
 * Registers the gallery: one editor tab with all images of the workspace. "Open Gallery" opens the item that a view
 * passes: an image, a label of the Tags view, or the query of a search.
 */
export function registerGallery(services: Services): GalleryCommands {
  const { log } = services;
  let open: GalleryPanel | undefined;

  const adopt = (panel: vscode.WebviewPanel): GalleryPanel => {
    const gallery = new GalleryPanel(services, panel);
    open = gallery;
    panel.onDidDispose(() => {
      if (open === gallery) open = undefined;
      gallery.dispose();
    });
    return gallery;
  };
  const opened = (): GalleryPanel => {
    if (open) {
      open.panel.reveal();
      return open;
    }
    return adopt(vscode.window.createWebviewPanel(VIEW, vscode.l10n.t('Gallery'), vscode.ViewColumn.Active));
  };
  const showImage = async (clicked: unknown, selected: unknown, heatmap: boolean): Promise<void> => {
    const [file] = imagesOf(services.folders, clicked, selected);
    if (!file) throw new UserError(vscode.l10n.t('Select images of this workspace first.'));
    const gallery = opened();
    const detail = await gallery.data.idOf(file);
    if (detail === undefined) {
      throw new UserError(
        vscode.l10n.t('{0} is not indexed yet. Run "AssetLens: Tag Workspace Images" first.', file.path),
      );
    }
    gallery.show({ arrangement: null, detail, heatmap });
  };

  const parts = vscode.Disposable.from(
    vscode.commands.registerCommand('assetlens.openGallery', (clicked?: unknown, selected?: unknown) =>
      reportErrors(log, async () => {
        const destination = destinationOf(clicked);
        if (destination) opened().show(destination);
        else if (clicked === undefined) opened();
        else await showImage(clicked, selected, false);
      }),
    ),
    // The title bar of a view passes the focused row, which is not what its button is for.
    vscode.commands.registerCommand('assetlens.openWholeGallery', () =>
      reportErrors(log, () => {
        opened().show(goTo({}));
        return Promise.resolve();
      }),
    ),
    vscode.commands.registerCommand('assetlens.openGalleryHere', (clicked?: unknown) =>
      reportErrors(log, () => {
        opened().show(goTo({ folder: folderOf(services.folders, clicked) }));
        return Promise.resolve();
      }),
    ),
    vscode.commands.registerCommand('assetlens.moreLikeThese', (clicked?: unknown, selected?: unknown) =>
      reportErrors(log, () => {
        const images = imagesOf(services.folders, clicked, selected);
        if (images.length === 0) throw new UserError(vscode.l10n.t('Select images of this workspace first.'));
        opened().show(goTo({ query: queryOfImages(images.map(({ path }) => path)) }));
        return Promise.resolve();
      }),
    ),
    vscode.commands.registerCommand('assetlens.showHeatmap', (clicked?: unknown, selected?: unknown) =>
      reportErrors(log, () => showImage(clicked, selected, true)),
    ),
    vscode.window.registerWebviewPanelSerializer(VIEW, {
      deserializeWebviewPanel(panel) {
        open?.panel.dispose();
        adopt(panel); // the editor restores the state of the page
        return Promise.resolve();
      },
    }),
    new vscode.Disposable(() => {
      open?.panel.dispose();
    }),
  );
  return Object.assign(parts, { panel: () => open });
}

/** Returns the key of a folder of the Explorer. @throws UserError if it is not in the workspace */
function folderOf(folders: ImageFolders, clicked: unknown): string {
  const uri = clicked instanceof vscode.Uri ? clicked : undefined;
  const folder = uri && folders.all().find(({ uri: root }) => isBelow(root, uri));
  if (!uri || !folder) throw new UserError(vscode.l10n.t('Select a folder of this workspace in the Explorer first.'));
  return folderKey(folder.uri.toString(), posixRelative(folder.uri.fsPath, uri.fsPath));
}

function isBelow(root: vscode.Uri, uri: vscode.Uri): boolean {
  const relative = posixRelative(root.fsPath, uri.fsPath);
  return root.scheme === uri.scheme && relative !== '..' && !relative.startsWith('../');
}

/** The destination for a query or a group of the Tags view; undefined for other items. */
function destinationOf(clicked: unknown): Destination | undefined {
  if (typeof clicked !== 'object' || clicked === null) return undefined;
  if (clicked instanceof vscode.Uri) return undefined; // a Uri also has a property `query`
  if ('query' in clicked && typeof clicked.query === 'string') return goTo({ query: clicked.query });
  if (!('group' in clicked) || 'imageUri' in clicked) return undefined;
  const group = clicked.group as Partial<Record<'kind' | 'set' | 'label', unknown>>;
  if (group.kind === 'label' && typeof group.set === 'string' && typeof group.label === 'string') {
    return goTo({ labels: [{ set: group.set, label: group.label }] });
  }
  if (group.kind === 'maybe' || group.kind === 'untagged') return goTo({ tagging: group.kind });
  return undefined;
}

function goTo(part: Partial<Arrangement>): Destination {
  return { arrangement: { ...everything, ...part }, detail: null, heatmap: false };
}
