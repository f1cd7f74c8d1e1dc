import * as vscode from 'vscode';
import type { Inference } from '../../clip/index.ts';
import { HumanError } from '../../humanError.ts';
import type { Tag } from '../../library/index.ts';
import type { ImageNode } from './treeNodes.ts';
import { fileSize, percent } from './wording.ts';

/** Further files of the same content that are named. */
const COPIES = 5;
/** Pixels of the picture. */
const SIDE = 160;

/** The image itself and all that is known of it. Names and paths go in as text: they are anybody's. */
export async function imageTooltip(node: ImageNode, inference: Inference): Promise<vscode.MarkdownString> {
  const { image, of } = node;
  const text = new vscode.MarkdownString();
  const picture = await thumbnail(node, inference);
  if (picture !== undefined) text.appendMarkdown(`![](${picture})\n\n`);
  text.appendMarkdown('**').appendText(image.path).appendMarkdown('**\n\n');
  for (const tag of image.tags) addTag(text, tag);
  for (const [label, holds] of of.handTags.get(image.hash) ?? []) {
    if (!holds) addLine(text, label, vscode.l10n.t('removed by hand'));
  }
  if (image.guesses.length > 0) {
    text.appendMarkdown('\n').appendText(vscode.l10n.t('Uncertain:')).appendMarkdown('\n\n');
    for (const guess of image.guesses) addTag(text, guess);
  }
  const facts = [`${image.width} × ${image.height}`, image.format.toUpperCase(), fileSize(image.bytes)];
  text.appendMarkdown('\n').appendText(facts.join(' · '));

  const copies = of.images.filter(({ hash, path }) => hash === image.hash && path !== image.path);
  if (copies.length === 0) return text;
  const count = copies.length === 1 ? vscode.l10n.t('1 copy:') : vscode.l10n.t('{0} copies:', copies.length);
  text.appendMarkdown('\n\n').appendText(count).appendMarkdown('\n\n');
  for (const { path } of copies.slice(0, COPIES)) text.appendMarkdown('- ').appendText(path).appendMarkdown('\n');
  if (copies.length > COPIES) text.appendMarkdown('- …\n');
  return text;
}

/** As a data URI, which works where the files are on another machine. */
async function thumbnail({ imageUri }: ImageNode, inference: Inference): Promise<string | undefined> {
  const { Light, HighContrastLight } = vscode.ColorThemeKind;
  const { kind } = vscode.window.activeColorTheme;
  const ground = kind === Light || kind === HighContrastLight ? 'light' : 'dark';
  try {
    const source = { kind: 'file', path: imageUri.fsPath } as const;
    const { bytes } = await inference.thumbnail(source, { width: SIDE, height: SIDE, ground });
    return `data:image/webp;base64,${Buffer.from(bytes).toString('base64')}`;
  } catch (error) {
    // The file may have gone since. The rest is still known.
    if (error instanceof HumanError) return undefined;
    throw error;
  }
}

function addTag(text: vscode.MarkdownString, { label, set, score, byHand }: Tag): void {
  const certainty = byHand ? vscode.l10n.t('by hand') : percent(score);
  addLine(text, label, set === '' ? certainty : `${certainty} · ${set}`);
}

function addLine(text: vscode.MarkdownString, label: string, more: string): void {
  text.appendMarkdown('- ').appendText(label).appendMarkdown(' — ').appendText(more).appendMarkdown('\n');
}
