import path from 'node:path';
import * as vscode from 'vscode';
import { UserError } from '../../base/userError.ts';
import type { ImageFolder } from '../../workspace/folders/imageFolder.ts';
import { reportErrors } from '../../workspace/log.ts';
import type { Services } from '../../workspace/services.ts';
import { exportSidecars } from './exportSidecars.ts';
import { tagRows, tagsAsJson, type ExportedFolder } from './tagFiles.ts';
import { showMessage } from '../../workspace/messages.ts';

type Format = 'json' | 'csv' | 'xmp';

/** The selection of images to export. */
interface ExportChoice {
  readonly format: Format;
  /** Whether to write maybe labels too. */
  readonly withMaybe: boolean;
}

/** Registers "Export Tags…", which writes all tags to one file or to a sidecar beside each image. */
export function registerExportTags(services: Services): vscode.Disposable {
  return vscode.commands.registerCommand('assetlens.exportTags', () =>
    reportErrors(services.log, async () => {
      const folders = await indexedFolders(services);
      const choice = await pickExport();
      if (!choice) return;
      const { format, withMaybe } = choice;
      if (format === 'xmp') await exportSidecars(services, folders);
      else await exportFile(folders, format, withMaybe);
    }),
  );
}

async function indexedFolders(services: Services): Promise<ImageFolder[]> {
  const indexed: ImageFolder[] = [];
  for (const folder of services.folders.all()) if (await folder.hasIndex()) indexed.push(folder);
  if (indexed.length > 0) return indexed;
  throw new UserError(vscode.l10n.t('No image is tagged yet. Run "AssetLens: Tag Workspace Images" first.'));
}

async function pickExport(): Promise<ExportChoice | undefined> {
  const json = { format: 'json', detail: vscode.l10n.t('One file with all images, their tags and scores') } as const;
  const csv = { format: 'csv', detail: vscode.l10n.t('A table with one row for each tag, for spreadsheets') } as const;
  const choices: (vscode.QuickPickItem & ExportChoice)[] = [
    { ...json, withMaybe: false, label: 'JSON' },
    { ...csv, withMaybe: false, label: 'CSV' },
    {
      format: 'xmp',
      withMaybe: false,
      label: vscode.l10n.t('XMP sidecars'),
      detail: vscode.l10n.t('One file beside each image (image.png.xmp), for digiKam, darktable and other programs'),
    },
    { ...json, withMaybe: true, label: vscode.l10n.t('JSON with maybe labels') },
    { ...csv, withMaybe: true, label: vscode.l10n.t('CSV with maybe labels') },
  ];
  const title = vscode.l10n.t('Export Tags');
  const placeHolder = vscode.l10n.t('Tags that reach their threshold. Of the maybe labels, about one in three applies');
  return vscode.window.showQuickPick(choices, { title, placeHolder, matchOnDetail: true });
}

async function exportFile(
  folders: readonly ImageFolder[],
  format: Exclude<Format, 'xmp'>,
  withMaybe: boolean,
): Promise<void> {
  const [first] = folders;
  const target = await vscode.window.showSaveDialog({
    title: vscode.l10n.t('Export Tags'),
    ...(first ? { defaultUri: vscode.Uri.joinPath(first.uri, `image-tags.${format}`) } : {}),
    filters: { [format.toUpperCase()]: [format] },
  });
  if (!target) return;
  const tagged: ExportedFolder[] = [];
  for (const folder of folders) tagged.push({ name: folder.name, images: (await folder.tags()).images });
  const text =
    format === 'json' ? tagsAsJson(tagged, await modelId(folders), withMaybe) : await asCsv(tagged, withMaybe);
  await vscode.workspace.fs.writeFile(target, new TextEncoder().encode(text));
  const count = tagged.reduce((sum, { images }) => sum + images.length, 0);
  const message = vscode.l10n.t('Exported the tags of {0} images to {1}.', count, path.posix.basename(target.path));
  const open = vscode.l10n.t('Open');
  // Not awaited: the command is done, and the message stays until the user closes it.
  void showMessage('information', message, open).then(async (answer) => {
    if (answer === open) await vscode.commands.executeCommand('vscode.open', target);
  });
}

async function asCsv(folders: readonly ExportedFolder[], withMaybe: boolean): Promise<string> {
  const { csvLines } = await import('../../base/csv.ts');
  return csvLines(tagRows(folders, withMaybe));
}

/** Returns the ids of the models of the exported tags. Folders may still show tags of different models. */
async function modelId(folders: readonly ImageFolder[]): Promise<string> {
  const ids = folders.map((folder) =>
    folder.withLibrary(({ inference }) => Promise.resolve(inference.model.manifest.id)),
  );
  return [...new Set(await Promise.all(ids))].join(', ');
}
