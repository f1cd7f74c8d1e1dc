import * as vscode from 'vscode';
import type { PictureKind } from '../../library/index.ts';

/** The result of indexing, for all folders of the workspace. */
export interface IndexingSummary {
  /** Images with at least one tag. */
  readonly tagged: number;
  /** Images that have only maybe labels. */
  readonly maybe: number;
  readonly untagged: number;
  /** Images that could not be read. */
  readonly problems: number;
  /** Number of images of each kind. */
  readonly kinds: ReadonlyMap<PictureKind, number>;
  /** Whether all folders show tags of the bundled model, which is small. */
  readonly isBundledModel: boolean;
}

/** Kinds that larger models recognise better than the bundled model. */
const BEYOND_BUNDLED: readonly PictureKind[] = ['photo', 'screenshot'];
/** Share of the images from which a kind is named. */
const NAMED_SHARE = 0.1;
const MOST_KINDS = 3;

/** Describes the result of indexing in one line. */
export function summaryText(summary: IndexingSummary): string {
  const { tagged, maybe, untagged, problems } = summary;
  const counts = [
    vscode.l10n.t('{0} images tagged', tagged.toLocaleString()),
    ...(maybe > 0 ? [vscode.l10n.t('{0} maybe', maybe.toLocaleString())] : []),
    ...(untagged > 0 ? [vscode.l10n.t('{0} untagged', untagged.toLocaleString())] : []),
    ...(problems > 0 ? [vscode.l10n.t('{0} not readable', problems.toLocaleString())] : []),
  ].join(', ');
  const kinds = kindsText(summary.kinds);
  return [
    `${counts}.`,
    kinds === '' ? '' : vscode.l10n.t('Kinds of pictures: {0}.', kinds),
    isBeyondModel(summary)
      ? vscode.l10n.t('The bundled model is small. A larger model recognises most of these pictures better.')
      : '',
  ]
    .filter(Boolean)
    .join(' ');
}

/** Tells whether another model would serve most of the images better. */
export function isBeyondModel({ kinds, isBundledModel }: Pick<IndexingSummary, 'kinds' | 'isBundledModel'>): boolean {
  const beyond = BEYOND_BUNDLED.reduce((sum, kind) => sum + (kinds.get(kind) ?? 0), 0);
  return isBundledModel && beyond > total(kinds) / 2;
}

/** Lists the most frequent kinds with their shares. */
function kindsText(kinds: IndexingSummary['kinds']): string {
  const all = total(kinds);
  return [...kinds]
    .filter(([, count]) => count >= NAMED_SHARE * all)
    .sort(([, a], [, b]) => b - a)
    .slice(0, MOST_KINDS)
    .map(([kind, count]) => `${kindName(kind)} ${Math.round((100 * count) / all)} %`)
    .join(', ');
}

function total(kinds: IndexingSummary['kinds']): number {
  return [...kinds.values()].reduce((sum, count) => sum + count, 0);
}

function kindName(kind: PictureKind): string {
  return {
    icon: vscode.l10n.t('icons'),
    logo: vscode.l10n.t('logos'),
    sprite: vscode.l10n.t('sprites'),
    texture: vscode.l10n.t('textures'),
    illustration: vscode.l10n.t('illustrations'),
    photo: vscode.l10n.t('photos'),
    screenshot: vscode.l10n.t('screenshots'),
    diagram: vscode.l10n.t('diagrams'),
  }[kind];
}
