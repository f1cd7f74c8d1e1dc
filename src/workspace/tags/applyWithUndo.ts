import * as vscode from 'vscode';
import type { ManualTag } from '../../library/index.ts';
import type { ImageFolder } from '../folders/imageFolders.ts';
import { reportErrors } from '../log.ts';
import type { Services } from '../services.ts';
import { undoOf } from './undo.ts';

/** What is said of images of one folder. */
export interface FolderChange {
  readonly folder: ImageFolder;
  readonly tags: readonly ManualTag[];
}

/** How the user learns of it: quietly in the status bar, or with a button that takes it back. */
export interface Notice {
  readonly quiet: boolean;
  readonly message: string;
}

const STATUS_MILLISECONDS = 4000;

export async function applyWithUndo(
  services: Services,
  changes: readonly FolderChange[],
  { quiet, message }: Notice,
): Promise<void> {
  const undo: FolderChange[] = [];
  for (const { folder, tags } of changes) {
    const { manualTagsOf } = await import('../../library/index.ts');
    const hashes = tags.map(({ hash }) => hash);
    const before = await folder.withLibrary((library) => Promise.resolve(manualTagsOf(library, hashes)));
    undo.push({ folder, tags: undoOf(tags, before) });
  }
  await apply(services, changes);
  if (quiet) {
    vscode.window.setStatusBarMessage(`$(tag) ${message}`, STATUS_MILLISECONDS);
    return;
  }
  const button = vscode.l10n.t('Undo');
  // Not awaited: the command is done, and the message stays for as long as the user likes.
  void vscode.window.showInformationMessage(message, button).then((answer) => {
    if (answer === button) void reportErrors(services.log, () => apply(services, undo));
  });
}

async function apply({ folders }: Services, changes: readonly FolderChange[]): Promise<void> {
  const { setManualTags } = await import('../../library/index.ts');
  for (const { folder, tags } of changes) {
    await folder.withLibrary((library) => setManualTags(library, tags));
    folders.changed(folder);
  }
}
