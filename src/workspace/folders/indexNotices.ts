import * as vscode from 'vscode';
import type { Library } from '../../library/index.ts';
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

function reportRecovery(log: Log, folder: string, { recovered }: Library): void {
  if (!recovered) return;
  const { keptAs, manualTags, complete } = recovered;
  const kept = complete
    ? vscode.l10n.t('All {0} manual tags were kept.', manualTags)
    : vscode.l10n.t('{0} manual tags were recovered. Others may be lost.', manualTags);
  const message = vscode.l10n.t('The index of {0} was damaged. AssetLens is rebuilding it. {1}', folder, kept);
  log.warn(`${message} ${keptAs}`);
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
