import path from 'node:path';
import * as vscode from 'vscode';
import { percent } from '../../base/format.ts';
import type { Picture } from '../../workspace/thumbnails/imageIcons.ts';
import { uriOfImage } from '../../workspace/folders/targets.ts';
import type { Hit } from '../../workspace/folders/searchFolders.ts';
import { nameInList } from '../../workspace/shownText.ts';

/** A line of the list: an image, a query to repeat, or a notice. */
export interface ImageItem extends vscode.QuickPickItem {
  readonly hit?: Hit;
  /** The source of its icon. */
  readonly picture?: Picture;
  readonly query?: string;
}

/** Buttons of an image's line, by their action. */
export const imageButtons = {
  openToSide: { iconPath: new vscode.ThemeIcon('split-horizontal'), tooltip: vscode.l10n.t('Open to the Side') },
  insertPath: {
    iconPath: new vscode.ThemeIcon('insert'),
    tooltip: vscode.l10n.t('Insert Relative Path at the Cursor'),
  },
  copyPath: { iconPath: new vscode.ThemeIcon('copy'), tooltip: vscode.l10n.t('Copy Relative Path') },
  findSimilar: { iconPath: new vscode.ThemeIcon('search-fuzzy'), tooltip: vscode.l10n.t('Find Similar Images') },
} as const satisfies Record<string, vscode.QuickInputButton>;

export interface ItemOptions {
  readonly buttons: readonly vscode.QuickInputButton[];
  /** Whether lines name their workspace folder: where there are several. */
  readonly nameFolders: boolean;
  /** Whether the editor keeps lines that do not contain the text of the box: it must not filter results by name. */
  readonly alwaysShow: boolean;
}

/** The line of an image: its name, score, folder and thumbnail. */
export function imageItem(hit: Hit, { buttons, nameFolders, alwaysShow }: ItemOptions): ImageItem {
  const { folder, result } = hit;
  const parent = path.posix.dirname(result.path);
  const location = [...(nameFolders ? [folder.name] : []), ...(parent === '.' ? [] : [parent])].join('/');
  const notes = [
    ...(result.named ? [vscode.l10n.t('name matches')] : []),
    ...(result.copies.length > 0 ? [vscode.l10n.t('copies and sizes: {0}', result.copies.length)] : []),
  ];
  return {
    hit,
    label: nameInList(path.posix.basename(result.path)),
    description: [[scoreText(result), nameInList(location)].filter(Boolean).join('  '), ...notes].join('  ·  '),
    picture: { ...result, uri: uriOfImage(hit) },
    buttons,
    alwaysShow,
  };
}

/** The score of a result; the reason instead of it if the score says little. */
function scoreText({ basis, score }: Hit['result']): string {
  if (basis === 'filter') return '';
  return basis === 'name' ? vscode.l10n.t('name') : percent(score);
}

export function separator(label: string): ImageItem {
  return { label, kind: vscode.QuickPickItemKind.Separator };
}

/** A line without an action. */
export function notice(text: string): ImageItem {
  return { label: `$(info) ${nameInList(text)}`, alwaysShow: true };
}
