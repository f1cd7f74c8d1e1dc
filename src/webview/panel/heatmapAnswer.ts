import * as vscode from 'vscode';
import type { HeatmapMethod } from '../../clip/index.ts';
import { uriOfImage } from '../../workspace/folders/targets.ts';
import type { HeatmapReply, PageRequest, Prompt } from '../protocol.ts';
import type { KnownImage } from './galleryData.ts';

/** Where an image shows what prompts say, or why it is similar to them. */
export async function heatmapOf(
  image: KnownImage,
  { method: kind, prompts }: Extract<PageRequest, { kind: 'heatmap' }>,
  signal: AbortSignal,
): Promise<HeatmapReply> {
  const { explainImage, usualImageKind } = await import('../../clip/index.ts');
  const texts: string[][] = [];
  for (const prompt of prompts) texts.push(await promptTexts(image, prompt));
  const source = { kind: 'file', path: uriOfImage(image).fsPath } as const;
  const subjects = prompts.map(({ text }) => text);
  const query = { kind, prompts: texts, subjects, imageKind: usualImageKind(image.image.format) };
  // By the model that its tags are of.
  const map = await image.folder.withLibrary(({ inference }) => explainImage(inference, source, query, signal));
  const { columns, rows, area, values, range, similarities, method } = map;
  const [from, to] = range;
  return { columns, rows, area, values, range: { from, to }, similarities, method: nameOf(method) };
}

/** A label speaks through its prompts, as it does when images are tagged; what was typed is taken as it is. */
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
      return vscode.l10n.t('shares of the attention pool');
    case 'slidingWindow':
      return vscode.l10n.t('sliding windows');
  }
}
