import path from 'node:path';
import * as vscode from 'vscode';
import { exactPercent, percent } from '../../base/format.ts';
import type { Label } from '../../clip/index.ts';
import type { LabelPreview } from '../../library/index.ts';
import type { ImageFolder } from '../../workspace/folders/imageFolder.ts';
import type { Picture } from '../../workspace/thumbnails/imageIcons.ts';

/** An unsaved label with everything that its matches depend on. */
export interface Draft {
  readonly label: Label;
  readonly templates: readonly string[];
  /** Threshold that applies to the label, 0 to 1. */
  readonly threshold: number;
}

/** Maximum number of images that a list shows. */
const MAX_IMAGES = 8;

/** Previews what a label would match; null if the folder has no index. */
export async function previewIn(
  folder: ImageFolder,
  { label, templates }: Draft,
  thresholds: readonly number[],
  signal: AbortSignal,
): Promise<LabelPreview | null> {
  if (!(await folder.hasIndex())) return null;
  const { previewLabel } = await import('../../library/index.ts');
  return folder.withLibrary((library) =>
    previewLabel(library, label, templates, thresholds, { limit: MAX_IMAGES, signal }),
  );
}

export function countText(count: number): string {
  if (count === 0) return vscode.l10n.t('matches no image');
  return count === 1 ? vscode.l10n.t('matches 1 image') : vscode.l10n.t('matches {0} images', count);
}

export interface ImageRow extends vscode.QuickPickItem {
  readonly image?: vscode.Uri;
  /** Picture to make the icon from. */
  readonly picture?: Picture;
}

/** Describes how many images a label matches at the i-th threshold; empty if that is not known. */
export function countOf(preview: LabelPreview | null, i = 0): string {
  return preview ? countText(preview.counts[i] ?? 0) : '';
}

/** Returns a row with a message that no image is indexed. */
export function noIndexRow(): ImageRow {
  const text = vscode.l10n.t('No image is indexed yet. Run "AssetLens: Tag Workspace Images" first.');
  return { label: `$(info) ${text}`, alwaysShow: true };
}

/** Returns the best images of a label as rows: those that it matches, then those below its threshold. */
export function imageRows(folder: ImageFolder, preview: LabelPreview | null, threshold: number): ImageRow[] {
  if (!preview) return [noIndexRow()];
  const { best } = preview;
  const row = (image: LabelPreview['best'][number]): ImageRow => {
    const uri = vscode.Uri.joinPath(folder.uri, ...image.path.split('/'));
    return {
      image: uri,
      label: path.posix.basename(image.path),
      description: `${percent(image.score)}  ${path.posix.dirname(image.path)}`,
      picture: { ...image, uri },
      alwaysShow: true,
    };
  };
  const matching = best.filter(({ score }) => score >= threshold);
  const below = best.filter(({ score }) => score < threshold);
  const section = (label: string, images: LabelPreview['best']): ImageRow[] =>
    images.length === 0 ? [] : [{ label, kind: vscode.QuickPickItemKind.Separator }, ...images.map(row)];
  return [
    ...section(vscode.l10n.t('Best matches'), matching),
    ...section(vscode.l10n.t('Below {0}', exactPercent(threshold)), below),
  ];
}
