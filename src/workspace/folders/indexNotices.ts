import * as vscode from 'vscode';
import type { DistrustedIndex, Library } from '../../library/index.ts';
import { showWithLog, type Log } from '../log.ts';

/** Reports a recovered, read-only or adopted index to the user and the log. */
export function reportOpening(log: Log, folder: string, library: Library): void {
  const { adoption, indexFile } = library;
  if (adoption) {
    log.info(
      `${folder}: took over ${adoption.manualTags} manual tags and ${adoption.embeddings} embeddings from the index of an ` +
        `earlier version into ${indexFile}.${adoption.complete ? '' : ' Some of its data could not be read.'}`,
    );
  }
  reportRecovery(log, folder, library);
  reportReadOnly(log, folder, library);
}

/** Reports why an index in a folder is not used. Restricted Mode needs no message: the editor shows it. */
export function reportDistrust(log: Log, { path, reason }: DistrustedIndex): void {
  const message = vscode.l10n.t(
    'The index in {0} is not used: {1}. AssetLens uses the index in your data folder.',
    path,
    reasonText(reason),
  );
  log.warn(message);
  if (reason !== 'restricted') showWithLog(log, 'warning', message);
}

function reasonText(reason: DistrustedIndex['reason']): string {
  switch (reason) {
    case 'link':
      return vscode.l10n.t('it is a link');
    case 'special':
      return vscode.l10n.t('it is neither a file nor a folder');
    case 'owner':
      return vscode.l10n.t('it belongs to another user');
    case 'tracked':
      return vscode.l10n.t('Git tracks it, so it came with the repository');
    case 'unknown':
      return vscode.l10n.t('AssetLens cannot read which files Git tracks');
    case 'restricted':
      return vscode.l10n.t('the workspace is not trusted');
  }
}

function reportRecovery(log: Log, folder: string, { recovered }: Library): void {
  if (!recovered) return;
  const { keptAs, manualTags, complete, deletedCopies } = recovered;
  const kept = complete
    ? vscode.l10n.t('All {0} manual tags were kept.', manualTags)
    : vscode.l10n.t('{0} manual tags were recovered. Others may be lost.', manualTags);
  const message = vscode.l10n.t('The index of {0} was damaged. AssetLens is rebuilding it. {1}', folder, kept);
  const deleted = deletedCopies === 0 ? '' : ` Older damaged files were deleted: ${deletedCopies}.`;
  log.warn(`${message} ${keptAs}${deleted}`);
  showWithLog(log, 'warning', message);
}

function reportReadOnly(log: Log, folder: string, { indexFile, readOnly }: Library): void {
  if (readOnly === undefined) return;
  const message = vscode.l10n.t(
    'The index of {0} cannot be written. Its images can be searched, but new images are not found and tags cannot be changed.',
    folder,
  );
  log.warn(`${message} ${indexFile}: ${readOnly}`);
  showWithLog(log, 'warning', message);
}
