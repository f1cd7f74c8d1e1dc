import * as vscode from 'vscode';
import type { HeatmapMethod } from '../../clip/index.ts';
import { pathOfUri } from '../../workspace/folders/pathOfUri.ts';
import { uriOfImage } from '../../workspace/folders/targets.ts';
import type { GalleryParams, HeatmapReply, Prompt } from '../protocol.ts';
import type { KnownImage } from './galleryData.ts';

/** The heatmap of an image for some prompts, by the model of its tags. */
export async function heatmapOf(
  image: KnownImage,
  { method: kind, prompts }: GalleryParams<'heatmap'>,
  signal: AbortSignal,
): Promise<HeatmapReply> {
  const { explainImage, usualImageKind } = await import('../../clip/index.ts');
  const texts: string[][] = [];
  for (const prompt of prompts) texts.push(await promptTexts(image, prompt));
  const source = { kind: 'file', path: pathOfUri(uriOfImage(image)), folder: image.folder.uri.fsPath } as const;
  const subjects = prompts.map(({ text }) => text);
  const query = { kind, prompts: texts, subjects, imageKind: usualImageKind(image.image.format) };
  const map = await image.folder.withLibrary(({ inference }) => explainImage(inference, source, query, signal));
  const { columns, rows, area, values, range, similarities, method } = map;
  const [from, to] = range;
  return { columns, rows, area, values, range: { from, to }, similarities, method: nameOf(method) };
}

/** The prompts of a label, as for tagging, or the text that the user typed. */
async function promptTexts({ folder }: KnownImage, { text, set }: Prompt): Promise<string[]> {
  if (set === null) return [text];
  const { promptsOf } = await import('../../clip/index.ts');
  const sets = await folder.labelSets();
  const labels = sets.find(({ name }) => name === set);
  const label = labels?.labels.find(({ name }) => name === text);
  return labels && label ? promptsOf(label, labels.templates) : [text];
}

function nameOf(method: HeatmapMethod): string {
  switch (method) {
    case 'denseHead':
      return vscode.l10n.t('dense head of the image encoder');
    case 'backwardPass':
      return vscode.l10n.t('gradient of the similarity');
    case 'attentionPool':
      return vscode.l10n.t('contributions to the attention pool');
    case 'slidingWindow':
      return vscode.l10n.t('sliding windows');
  }
}
