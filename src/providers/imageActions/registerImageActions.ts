import * as vscode from 'vscode';
import { UserError } from '../../base/userError.ts';
import type { ImageFile } from '../../workspace/folders/imageFolders.ts';
import { reportErrors } from '../../workspace/log.ts';
import type { Services } from '../../workspace/services.ts';
import { targetsOf } from '../../workspace/folders/targets.ts';
import { altText, cssReference, htmlReference, markdownReference, type ReferencedImage } from './imageReferences.ts';

/** Opening more files than these is asked about first. */
const MANY = 20;
/** Labels in an alt text. */
const ALT_LABELS = 3;

/**
 * Open, reveal and copy, for images of all our views.
 * @param chosen what is chosen in the Tags view: key bindings hand over nothing
 */
export function registerImageActions(services: Services, chosen: () => Promise<readonly unknown[]>): vscode.Disposable {
  const command = (name: string, work: (uris: readonly vscode.Uri[]) => Promise<void>): vscode.Disposable =>
    vscode.commands.registerCommand(name, (clicked?: unknown, selected?: unknown) =>
      reportErrors(services.log, async () => {
        const fromKeys = clicked === undefined || clicked === SELECTION;
        // Not undefined, which would mean the active tab where no image is chosen.
        await work(distinct(fromKeys ? targetsOf(SELECTION, await chosen()) : targetsOf(clicked, selected)));
      }),
    );
  const copy = (name: string, reference: (image: ReferencedImage) => string): vscode.Disposable =>
    command(name, async (uris) => {
      const images = await Promise.all(uris.map((uri) => referencedImage(services, uri)));
      await copyLines(images.map(reference));
    });
  return vscode.Disposable.from(
    command('assetlens.openImages', openImages),
    command('assetlens.openToSide', openToSide),
    command('assetlens.revealInExplorer', async ([uri]) => {
      await vscode.commands.executeCommand('revealInExplorer', uri);
    }),
    command('assetlens.copyPath', (uris) => copyLines(uris.map(({ fsPath }) => fsPath))),
    command('assetlens.copyRelativePath', (uris) =>
      copyLines(uris.map((uri) => vscode.workspace.asRelativePath(uri, false))),
    ),
    copy('assetlens.copyMarkdown', markdownReference),
    copy('assetlens.copyHtml', htmlReference),
    copy('assetlens.copyCss', cssReference),
  );
}

/** What the key bindings of the Tags view hand over, see package.json. */
const SELECTION = 'selection';

/** An image may stand under several labels, and be selected under each. */
function distinct(uris: readonly vscode.Uri[]): vscode.Uri[] {
  if (uris.length === 0) throw new UserError(vscode.l10n.t('Select an image first.'));
  return [...new Map(uris.map((uri) => [uri.toString(), uri])).values()];
}

async function openImages(uris: readonly vscode.Uri[]): Promise<void> {
  if (!(await confirmMany(uris.length))) return;
  for (const uri of uris) await vscode.commands.executeCommand('vscode.open', uri, { preview: uris.length === 1 });
}

async function openToSide(uris: readonly vscode.Uri[]): Promise<void> {
  if (!(await confirmMany(uris.length))) return;
  const several = uris.length > 1;
  for (const uri of uris) {
    // "Beside" is beside the group with the focus: with the focus moved, the second image would open a third group.
    const options = { viewColumn: vscode.ViewColumn.Beside, preview: !several, preserveFocus: several };
    await vscode.commands.executeCommand('vscode.open', uri, options);
  }
}

async function confirmMany(count: number): Promise<boolean> {
  if (count <= MANY) return true;
  const open = vscode.l10n.t('Open');
  const question = vscode.l10n.t('Open {0} images?', count);
  return (await vscode.window.showWarningMessage(question, { modal: true }, open)) === open;
}

async function copyLines(lines: readonly string[]): Promise<void> {
  await vscode.env.clipboard.writeText(lines.join('\n'));
  const message = lines.length === 1 ? vscode.l10n.t('Copied') : vscode.l10n.t('Copied {0} lines', lines.length);
  vscode.window.setStatusBarMessage(`$(check) ${message}`, 2000);
}

async function referencedImage(services: Services, uri: vscode.Uri): Promise<ReferencedImage> {
  const path = vscode.workspace.asRelativePath(uri, false);
  const file = services.folders.locate(uri);
  const known = file && (await knownImage(file));
  return { path, alt: altText(known?.labels ?? [], path), size: known?.size };
}

/** What the index says of an image; undefined where it was not indexed. */
async function knownImage({
  folder,
  path,
}: ImageFile): Promise<{ labels: string[]; size: { width: number; height: number } } | undefined> {
  if (!(await folder.hasIndex())) return undefined;
  const image = (await folder.tags()).byPath.get(path);
  if (!image) return undefined;
  const { tags, width, height } = image;
  return { labels: tags.slice(0, ALT_LABELS).map(({ label }) => label), size: { width, height } };
}
