import { homedir } from 'node:os';
import * as vscode from 'vscode';
import { nameOfImage } from '../../base/imagePath.ts';
import { UserError } from '../../base/userError.ts';
import { clearTags, confirmTags, rejectTags, type ManualTagEdit, type TagRef } from '../../taggedImages/index.ts';
import type { ImageFolder } from '../../workspace/folders/imageFolder.ts';
import { uriOfImage, type ImageTarget } from '../../workspace/folders/targets.ts';
import type { Services } from '../../workspace/services.ts';
import { applyWithUndo } from '../../workspace/tags/applyWithUndo.ts';
import { clearedMessage, removedMessage, taggedMessage } from '../../workspace/tags/tagMessages.ts';
import type { GalleryParams, ImageAction } from '../protocol.ts';
import type { GalleryData } from './galleryData.ts';

const COMMANDS: Readonly<Record<ImageAction, string>> = {
  open: 'assetlens.openImages',
  openToSide: 'assetlens.openToSide',
  reveal: 'assetlens.revealInExplorer',
  findSimilar: 'assetlens.findSimilar',
  moreLikeThese: 'assetlens.moreLikeThese',
  copyRelativePath: 'assetlens.copyRelativePath',
  addTag: 'assetlens.addTag',
  forgetManualTags: 'assetlens.forgetManualTags',
};

/** Runs a command of the extension on images, as a view does. */
export async function act(data: GalleryData, action: ImageAction, ids: readonly number[]): Promise<void> {
  const images = await Promise.all(ids.map((id) => data.image(id)));
  const targets = images.map((image): ImageTarget => ({ imageUri: uriOfImage(image), folder: image.folder.uri }));
  const [first] = targets;
  if (first) await vscode.commands.executeCommand(COMMANDS[action], first, targets);
}

/** Confirms, rejects or (null) clears a label of images. */
export async function setTag(
  services: Services,
  data: GalleryData,
  { ids, label, holds, undo }: GalleryParams<'setTag'>,
): Promise<void> {
  const images = await Promise.all(ids.map((id) => data.image(id)));
  const tags = images.map(({ folder, image }) => ({ folder, hash: image.hash, label }));
  const message =
    holds === null
      ? clearedMessage(label)
      : holds
        ? taggedMessage(label, images.length)
        : removedMessage([label], images.length);
  await applyWithUndo(services, await editsFor(tags, holds), { quiet: !undo, message });
}

async function editsFor(
  tags: readonly TagRef<ImageFolder>[],
  holds: boolean | null,
): Promise<ManualTagEdit<ImageFolder>[]> {
  if (holds === null) return clearTags(tags);
  return holds ? confirmTags(tags) : rejectTags(tags);
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

/** Key under which the folder of the last exported picture is stored. */
const EXPORT_FOLDER = 'assetlens.exportFolder';

/**
 * Asks for a file and writes a picture that the page has drawn. The dialog begins in the folder of the last export, or
 * in the home folder: beside the image, the picture would become an image of the project. Returns whether it was saved.
 */
export async function savePicture(
  { context }: Pick<Services, 'context'>,
  data: GalleryData,
  id: number,
  png: Uint8Array,
): Promise<boolean> {
  const image = await data.image(id);
  const folder = vscode.Uri.file(context.globalState.get<string>(EXPORT_FOLDER) ?? homedir());
  const name = nameOfImage(image.path).replace(/[\\/:*?"<>|\p{Cc}]/gu, '-');
  const target = await vscode.window.showSaveDialog({
    defaultUri: vscode.Uri.joinPath(folder, `${name}-heatmap.png`),
    filters: { PNG: ['png'] },
    title: vscode.l10n.t('Export Heatmap'),
  });
  if (!target) return false;
  await vscode.workspace.fs.writeFile(target, png);
  await context.globalState.update(EXPORT_FOLDER, vscode.Uri.joinPath(target, '..').fsPath);
  return true;
}
