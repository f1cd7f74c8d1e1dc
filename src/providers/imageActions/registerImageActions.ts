import path from 'node:path';
import * as vscode from 'vscode';
import { joinImagePath, splitImagePath } from '../../base/imagePath.ts';
import { UserError } from '../../base/userError.ts';
import type { ImageLanguage } from '../../references/index.ts';
import { fileUri } from '../../workspace/folders/imageUri.ts';
import { pathOfUri } from '../../workspace/folders/pathOfUri.ts';
import { targetsOf } from '../../workspace/folders/targets.ts';
import { reportErrors } from '../../workspace/log.ts';
import { describedImage } from '../../workspace/references/describedImage.ts';
import type { Services } from '../../workspace/services.ts';
import { LastDocument } from './lastDocument.ts';
import { ask } from '../../workspace/messages.ts';

/** Maximum number of files that open without a confirmation. */
const MANY = 20;
/** The argument of the key bindings of the Tags view, see package.json. */
const SELECTION = 'selection';

/**
 * Registers the commands that open, reveal and copy images in all views.
 * @param chosen the selection of the Tags view, because key bindings pass no items
 */
export function registerImageActions(services: Services, chosen: () => Promise<readonly unknown[]>): vscode.Disposable {
  const command = (name: string, work: (uris: readonly vscode.Uri[]) => Promise<void>): vscode.Disposable =>
    vscode.commands.registerCommand(name, (clicked?: unknown, selected?: unknown) =>
      reportErrors(services.log, async () => {
        const fromKeys = clicked === undefined || clicked === SELECTION;
        // With undefined instead of SELECTION, targetsOf would return the active tab if no image is selected.
        await work(distinct(fromKeys ? targetsOf(SELECTION, await chosen()) : targetsOf(clicked, selected)));
      }),
    );
  const lastDocument = new LastDocument();
  const copy = (name: string, language: ImageLanguage): vscode.Disposable =>
    command(name, async (uris) => copyLines(await references(services, uris, lastDocument.uri, language)));
  return vscode.Disposable.from(
    lastDocument,
    command('assetlens.openImages', (uris) => openImages(files(uris))),
    command('assetlens.openToSide', (uris) => openToSide(files(uris))),
    command('assetlens.revealInExplorer', async ([uri]) => {
      await vscode.commands.executeCommand('revealInExplorer', uri && fileUri(uri));
    }),
    command('assetlens.copyPath', (uris) => copyLines(uris.map(pathOfUri))),
    command('assetlens.copyRelativePath', (uris) => copyLines(uris.map(relativePathOf))),
    copy('assetlens.copyMarkdown', 'markdown'),
    copy('assetlens.copyHtml', 'html'),
    copy('assetlens.copyCss', 'css'),
  );
}

/** Removes duplicates, because an image may be selected under several labels. */
function distinct(uris: readonly vscode.Uri[]): vscode.Uri[] {
  if (uris.length === 0) throw new UserError(vscode.l10n.t('Select an image first.'));
  return [...new Map(uris.map((uri) => [uri.toString(), uri])).values()];
}

/** The files of images: several images may be in one sheet. */
function files(uris: readonly vscode.Uri[]): vscode.Uri[] {
  return distinct(uris.map(fileUri));
}

/** Returns the path of an image in its workspace folder, with the fragment of an image in a sheet. */
function relativePathOf(uri: vscode.Uri): string {
  const { fragment } = splitImagePath(pathOfUri(uri));
  return joinImagePath({ file: vscode.workspace.asRelativePath(fileUri(uri), false), fragment });
}

async function openImages(uris: readonly vscode.Uri[]): Promise<void> {
  if (!(await confirmMany(uris.length))) return;
  for (const uri of uris) await vscode.commands.executeCommand('vscode.open', uri, { preview: uris.length === 1 });
}

async function openToSide(uris: readonly vscode.Uri[]): Promise<void> {
  if (!(await confirmMany(uris.length))) return;
  const several = uris.length > 1;
  for (const uri of uris) {
    // "Beside" is relative to the focused group. If the first image took the focus, the second would open a third
    // group.
    const options = { viewColumn: vscode.ViewColumn.Beside, preview: !several, preserveFocus: several };
    await vscode.commands.executeCommand('vscode.open', uri, options);
  }
}

async function confirmMany(count: number): Promise<boolean> {
  if (count <= MANY) return true;
  const open = vscode.l10n.t('Open');
  const question = vscode.l10n.t('Open {0} images?', count);
  return ask({ severity: 'warning', question, button: open });
}

async function copyLines(lines: readonly string[]): Promise<void> {
  await vscode.env.clipboard.writeText(lines.join('\n'));
  const message = lines.length === 1 ? vscode.l10n.t('Copied') : vscode.l10n.t('Copied {0} lines', lines.length);
  vscode.window.setStatusBarMessage(`$(check) ${message}`, 2000);
}

/**
 * Returns references to images. Each path is relative to the last active document of the workspace folder of the image.
 */
async function references(
  { folders }: Services,
  uris: readonly vscode.Uri[],
  document: vscode.Uri | undefined,
  language: ImageLanguage,
): Promise<string[]> {
  const { altTextOf, relativePath, writeImage } = await import('../../references/index.ts');
  return Promise.all(
    uris.map(async (uri) => {
      const folder = folders.locate(uri)?.folder.uri.fsPath ?? path.dirname(uri.fsPath);
      const relative = relativePath({ image: pathOfUri(uri), folder, document: document?.fsPath });
      const image = await describedImage(folders, uri);
      return writeImage({ path: relative, alt: altTextOf(image?.labels ?? [], relative), size: image?.size }, language);
    }),
  );
}
