import * as vscode from 'vscode';
import { fileSize, percent } from '../../base/format.ts';
import type { Inference } from '../../clip/index.ts';
import type { Tag } from '../../library/index.ts';
import { thumbnail } from '../../workspace/thumbnails/thumbnails.ts';
import type { ImageNode } from './treeNodes.ts';
import { printable } from '../../base/printable.ts';

/** Maximum number of copies that the tooltip lists. */
const MAX_COPIES = 5;
/** Side of the picture in pixels. */
const SIDE = 160;

/**
 * Creates the tooltip of an image. Labels and paths are inserted as plain text, because they may contain any
 * characters.
 */
export async function imageTooltip(
  { image, treeFolder, imageUri }: ImageNode,
  inference: Inference,
): Promise<vscode.MarkdownString> {
  const text = new vscode.MarkdownString();
  const picture = await thumbnail(inference, imageUri, SIDE, { hash: image.hash });
  if (picture !== undefined) text.appendMarkdown(`![](${picture})\n\n`);
  text.appendMarkdown('**').appendText(printable(image.path)).appendMarkdown('**\n\n');
  for (const tag of image.tags) addTag(text, tag);
  for (const [label, holds] of treeFolder.manualTags.get(image.hash) ?? []) {
    if (!holds) addLine(text, label, vscode.l10n.t('removed manually'));
  }
  if (image.maybe.length > 0) {
    text.appendMarkdown('\n').appendText(vscode.l10n.t('Maybe:')).appendMarkdown('\n\n');
    for (const tag of image.maybe) addTag(text, tag);
  }
  const facts = [`${image.width} × ${image.height}`, image.format.toUpperCase(), fileSize(image.bytes)];
  text.appendMarkdown('\n').appendText(facts.join(' · '));

  const copies = treeFolder.images.filter(({ hash, path }) => hash === image.hash && path !== image.path);
  if (copies.length === 0) return text;
  const count = copies.length === 1 ? vscode.l10n.t('1 copy:') : vscode.l10n.t('{0} copies:', copies.length);
  text.appendMarkdown('\n\n').appendText(count).appendMarkdown('\n\n');
  for (const { path } of copies.slice(0, MAX_COPIES))
    text.appendMarkdown('- ').appendText(printable(path)).appendMarkdown('\n');
  if (copies.length > MAX_COPIES) text.appendMarkdown('- …\n');
  return text;
}

function addTag(text: vscode.MarkdownString, { label, set, score, manual }: Tag): void {
  const certainty = manual ? vscode.l10n.t('manual') : percent(score);
  addLine(text, label, set === '' ? certainty : `${certainty} · ${set}`);
}

function addLine(text: vscode.MarkdownString, label: string, details: string): void {
  text
    .appendMarkdown('- ')
    .appendText(printable(label))
    .appendMarkdown(' — ')
    .appendText(printable(details))
    .appendMarkdown('\n');
}
