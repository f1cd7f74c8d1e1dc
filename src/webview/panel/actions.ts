import * as vscode from 'vscode';
import { UserError } from '../../base/userError.ts';
import { applyWithUndo, type FolderChange } from '../../workspace/tags/applyWithUndo.ts';
import type { Services } from '../../workspace/services.ts';
import { uriOfImage, type ImageTarget } from '../../workspace/folders/targets.ts';
import type { GalleryParams, ImageAction } from '../protocol.ts';
import type { GalleryData } from './galleryData.ts';

const COMMANDS: Readonly<Record<ImageAction, string>> = {
  open: 'assetlens.openImages',
  openToSide: 'assetlens.openToSide',
  reveal: 'assetlens.revealInExplorer',
  findSimilar: 'assetlens.findSimilar',
  copyRelativePath: 'assetlens.copyRelativePath',
  addTag: 'assetlens.addTag',
  forgetManualTags: 'assetlens.forgetManualTags',
};

/** Hands images over to a command of ours, as the Tags view does. */
export async function act(data: GalleryData, action: ImageAction, ids: readonly number[]): Promise<void> {
  const targets = await Promise.all(
    ids.map(async (id): Promise<ImageTarget> => {
      const image = await data.image(id);
      return { imageUri: uriOfImage(image), folder: image.folder.uri };
    }),
  );
  const [first] = targets;
  if (first) await vscode.commands.executeCommand(COMMANDS[action], first, targets);
}

/** Says of images that a label holds, that it does not, or (null) takes back what was said. */
export async function setTag(
  services: Services,
  data: GalleryData,
  { ids, label, holds, undo }: GalleryParams<'setTag'>,
): Promise<void> {
  const images = await Promise.all(ids.map((id) => data.image(id)));
  const changes: FolderChange[] = [];
  for (const [folder, own] of Map.groupBy(images, (image) => image.folder)) {
    const sets = await folder.labelSets();
    const isScored = sets.some(({ labels }) => labels.some(({ name }) => name === label));
    // As in the Tags view: of a label that only people give, nothing remains.
    const says = holds === false && !isScored ? null : holds;
    changes.push({ folder, tags: own.map(({ one }) => ({ hash: one.image.hash, label, holds: says })) });
  }
  await applyWithUndo(services, changes, { quiet: !undo, message: said(label, holds, images.length) });
}

function said(label: string, holds: boolean | null, count: number): string {
  const quoted = `"${label}"`;
  if (holds === null) return vscode.l10n.t('Took back what was said of {0}.', quoted);
  if (holds) {
    return count === 1
      ? vscode.l10n.t('Tagged 1 image "{0}".', label)
      : vscode.l10n.t('Tagged {0} images "{1}".', count, label);
  }
  return count === 1
    ? vscode.l10n.t('Removed {0} from 1 image.', quoted)
    : vscode.l10n.t('Removed {0} from {1} images.', quoted, count);
}

/** Shows the line of a text that refers to an image. */
export async function openReference(
  { folders }: Services,
  { uri, line, start, end }: GalleryParams<'openReference'>,
): Promise<void> {
  const document = vscode.Uri.parse(uri, true);
  if (!folders.locate(document)) {
    throw new UserError(vscode.l10n.t('{0} is not in this workspace.', uri));
  }
  const selection = new vscode.Range(line, start, line, end);
  await vscode.window.showTextDocument(document, {
    selection,
    viewColumn: vscode.ViewColumn.Beside,
    preview: true,
  });
}

/** Asks where to, and writes a picture that the page has drawn. */
export async function savePicture(data: GalleryData, id: number, png: Uint8Array): Promise<boolean> {
  const image = await data.image(id);
  const uri = uriOfImage(image);
  const name = image.path.slice(image.path.lastIndexOf('/') + 1).replace(/\.[^.]+$/, '');
  const target = await vscode.window.showSaveDialog({
    defaultUri: vscode.Uri.joinPath(uri, '..', `${name}-heatmap.png`),
    filters: { PNG: ['png'] },
    title: vscode.l10n.t('Export Heatmap'),
  });
  if (!target) return false;
  await vscode.workspace.fs.writeFile(target, png);
  return true;
}
