import path from 'node:path';
import * as vscode from 'vscode';
import type { Label } from '../../clip/index.ts';
import type { LabelPreview } from '../../library/index.ts';
import type { ImageFolder } from '../../workspace/folders/imageFolders.ts';
import type { Picture } from '../../workspace/thumbnails/imageIcons.ts';
import { percent } from './labelFields.ts';

/** A label as it would be scored in a folder. */
export interface Draft {
  readonly label: Label;
  readonly templates: readonly string[];
  /** Of the label, or what counts where it has none. */
  readonly threshold: number;
}

/** Images shown below a count. */
const SHOWN = 8;

/** What a label would match, now; null where the folder has no index. */
export async function previewIn(
  folder: ImageFolder,
  { label, templates }: Draft,
  thresholds: readonly number[],
  signal: AbortSignal,
): Promise<LabelPreview | null> {
  if (!(await folder.hasIndex())) return null;
  const { previewLabel } = await import('../../library/index.ts');
  return folder.withLibrary((library) => previewLabel(library, label, templates, thresholds, { limit: SHOWN, signal }));
}

export function countText(count: number): string {
  if (count === 0) return vscode.l10n.t('matches no image');
  return count === 1 ? vscode.l10n.t('matches 1 image') : vscode.l10n.t('matches {0} images', count);
}

export interface ImageRow extends vscode.QuickPickItem {
  readonly image?: vscode.Uri;
  /** What its icon is made of. */
  readonly picture?: Picture;
}

/** How many images a label matches at one of the thresholds; nothing where that is not known. */
export function countOf(preview: LabelPreview | null, i = 0): string {
  return preview ? countText(preview.counts[i] ?? 0) : '';
}

/** Says that there is nothing to count yet. */
export function noIndexRow(): ImageRow {
  const text = vscode.l10n.t('No image is indexed yet. Run "AssetLens: Tag Workspace Images" first.');
  return { label: `$(info) ${text}`, alwaysShow: true };
}

/** The best images of a label as rows of a list: those that it matches, and those below its threshold. */
export function imageRows(folder: ImageFolder, preview: LabelPreview | null, threshold: number): ImageRow[] {
  if (!preview) return [noIndexRow()];
  const { best } = preview;
  const row = (image: LabelPreview['best'][number]): ImageRow => {
    const uri = vscode.Uri.joinPath(folder.uri, ...image.path.split('/'));
    return {
      image: uri,
      label: path.posix.basename(image.path),
      description: `${percent(Math.round(image.score * 100) / 100)}  ${path.posix.dirname(image.path)}`,
      picture: { uri, hash: image.hash, bytes: image.bytes },
      alwaysShow: true,
    };
  };
  const matching = best.filter(({ score }) => score >= threshold);
  const below = best.filter(({ score }) => score < threshold);
  const section = (label: string, images: LabelPreview['best']): ImageRow[] =>
    images.length === 0 ? [] : [{ label, kind: vscode.QuickPickItemKind.Separator }, ...images.map(row)];
  return [
    ...section(vscode.l10n.t('Best matches'), matching),
    ...section(vscode.l10n.t('Below {0}', percent(threshold)), below),
  ];
}
