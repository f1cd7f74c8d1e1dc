import * as vscode from 'vscode';
import { UserError } from '../../base/userError.ts';
import { reportErrors } from '../../workspace/log.ts';
import type { Services } from '../../workspace/services.ts';
import { imagesOf } from '../../workspace/folders/targets.ts';
import { everything, type Arrangement, type Destination } from '../protocol.ts';
import { fillPanel, type GalleryPanel } from './galleryPanel.ts';

const VIEW = 'assetlens.gallery';

export interface GalleryCommands extends vscode.Disposable {
  /** What is open now. */
  readonly panel: () => GalleryPanel | undefined;
}

/**
 * The gallery: one editor tab with all images of the workspace. "Open Gallery" takes what a view hands over: an image, a label
 * of the Tags view, or, of the search, its query.
 */
export function registerGallery(services: Services): GalleryCommands {
  const { log } = services;
  let open: GalleryPanel | undefined;

  const take = (panel: vscode.WebviewPanel): GalleryPanel => {
    const filled = fillPanel(services, panel);
    open = filled;
    panel.onDidDispose(() => {
      if (open === filled) open = undefined;
      filled.dispose();
    });
    return filled;
  };
  const gallery = (): GalleryPanel => {
    if (open) {
      open.panel.reveal();
      return open;
    }
    return take(vscode.window.createWebviewPanel(VIEW, vscode.l10n.t('Gallery'), vscode.ViewColumn.Active));
  };
  const showImage = async (clicked: unknown, selected: unknown, heatmap: boolean): Promise<void> => {
    const [file] = imagesOf(services.folders, clicked, selected);
    if (!file) throw new UserError(vscode.l10n.t('Select images of this workspace first.'));
    const shown = gallery();
    const detail = await shown.data.idOf(file);
    if (detail === undefined) {
      throw new UserError(
        vscode.l10n.t('{0} is not indexed yet. Run "AssetLens: Tag Workspace Images" first.', file.path),
      );
    }
    shown.show({ arrangement: null, detail, heatmap });
  };

  const parts = vscode.Disposable.from(
    vscode.commands.registerCommand('assetlens.openGallery', (clicked?: unknown, selected?: unknown) =>
      reportErrors(log, async () => {
        const destination = destinationOf(clicked);
        if (destination) gallery().show(destination);
        else if (clicked === undefined) gallery();
        else await showImage(clicked, selected, false);
      }),
    ),
    vscode.commands.registerCommand('assetlens.showHeatmap', (clicked?: unknown, selected?: unknown) =>
      reportErrors(log, () => showImage(clicked, selected, true)),
    ),
    vscode.window.registerWebviewPanelSerializer(VIEW, {
      deserializeWebviewPanel(panel) {
        open?.panel.dispose();
        take(panel); // the page has its state from the editor
        return Promise.resolve();
      },
    }),
    new vscode.Disposable(() => {
      open?.panel.dispose();
    }),
  );
  return Object.assign(parts, { panel: () => open });
}

/** Of a query, or of a group of the Tags view; undefined for anything else. */
function destinationOf(clicked: unknown): Destination | undefined {
  // An address has a query, too.
  if (typeof clicked !== 'object' || clicked === null || clicked instanceof vscode.Uri) return undefined;
  if ('query' in clicked && typeof clicked.query === 'string') return goTo({ query: clicked.query });
  if (!('group' in clicked) || 'imageUri' in clicked) return undefined;
  const group = clicked.group as Partial<Record<'kind' | 'set' | 'label', unknown>>;
  if (group.kind === 'label' && typeof group.set === 'string' && typeof group.label === 'string') {
    return goTo({ labels: [{ set: group.set, label: group.label }] });
  }
  if (group.kind === 'uncertain' || group.kind === 'untagged') return goTo({ tagging: group.kind });
  return undefined;
}

function goTo(part: Partial<Arrangement>): Destination {
  return { arrangement: { ...everything, ...part }, detail: null, heatmap: false };
}
