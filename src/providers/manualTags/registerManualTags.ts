import * as vscode from 'vscode';
import { UserError } from '../../base/userError.ts';
import { clearAllTags, confirmTags, rejectTags, type TagRef } from '../../taggedImages/index.ts';
import type { ImageFile, ImageFolder } from '../../workspace/folders/imageFolder.ts';
import { imagesOf, itemsOf } from '../../workspace/folders/targets.ts';
import { reportErrors } from '../../workspace/log.ts';
import type { Services } from '../../workspace/services.ts';
import { applyWithUndo } from '../../workspace/tags/applyWithUndo.ts';
import {
  allClearedMessage,
  confirmedMessage,
  removedMessage,
  taggedMessage,
} from '../../workspace/tags/tagMessages.ts';
import { indexedImages, keyOf } from './indexedImages.ts';
import { pickLabel } from './pickLabel.ts';
import { showMessage } from '../../workspace/messages.ts';

/** An image with the label that a view shows it with. */
interface LabelledFile extends ImageFile {
  readonly label: string;
}

/** The argument of the key bindings of the Tags view, see package.json. */
const SELECTION = 'selection';

/**
 * Registers the commands that add, confirm, remove and clear manual tags.
 * @param chosen returns the nodes of the Tags view that a key binding acts on, see TagTreeView
 */
export function registerManualTags(
  services: Services,
  chosen: (how?: { readonly removes: boolean }) => Promise<readonly unknown[]>,
): vscode.Disposable {
  const command = (
    name: string,
    withoutArguments: () => Promise<readonly unknown[]>,
    work: (services: Services, items: readonly unknown[]) => Promise<void>,
    removes = false,
  ): vscode.Disposable =>
    vscode.commands.registerCommand(name, (clicked?: unknown, selected?: unknown) =>
      reportErrors(services.log, async () => {
        const items = itemsOf(clicked, selected);
        if (clicked === SELECTION) await work(services, await chosen({ removes }));
        else await work(services, clicked === undefined ? await withoutArguments() : items);
      }),
    );
  return vscode.Disposable.from(
    command('assetlens.addTag', () => Promise.resolve([]), addTag), // from the palette, it acts on the active tab
    command('assetlens.keepTag', () => chosen(), confirm),
    command('assetlens.removeTag', () => chosen({ removes: true }), remove, true),
    command('assetlens.forgetManualTags', () => chosen(), clearAll),
  );
}

async function addTag(services: Services, items: readonly unknown[]): Promise<void> {
  const files = items.length > 0 ? imagesOf(services.folders, items[0], items) : imagesOf(services.folders);
  if (files.length === 0) throw new UserError(vscode.l10n.t('Select images of this workspace first.'));
  const { indexed, unknown } = await indexedImages(files);
  const label = await pickLabel(indexed);
  if (label === undefined) return;
  const edits = confirmTags(indexed.map(({ folder, hash }) => ({ folder, hash, label })));
  await applyWithUndo(services, edits, { quiet: true, message: taggedMessage(label, indexed.length) });
  if (unknown > 0) {
    const message = vscode.l10n.t(
      '{0} of the images are not indexed, so AssetLens did not tag them. Run "AssetLens: Tag Workspace Images" first.',
      unknown,
    );
    void showMessage('warning', message);
  }
}

async function confirm(services: Services, items: readonly unknown[]): Promise<void> {
  const { tags, labels, images } = await labelledImages(services, items);
  await applyWithUndo(services, confirmTags(tags), { quiet: true, message: confirmedMessage(labels, images) });
}

async function remove(services: Services, items: readonly unknown[]): Promise<void> {
  const { tags, labels, images } = await labelledImages(services, items);
  await applyWithUndo(services, await rejectTags(tags), { quiet: false, message: removedMessage(labels, images) });
}

async function clearAll(services: Services, items: readonly unknown[]): Promise<void> {
  const files = imagesOf(services.folders, items[0], items);
  if (files.length === 0) throw new UserError(vscode.l10n.t('Select images first.'));
  const { indexed } = await indexedImages(files);
  const edits = await clearAllTags(indexed);
  await applyWithUndo(services, edits, { quiet: false, message: allClearedMessage(indexed.length) });
}

/** The images of items with the labels that they are shown with. */
interface LabelledImages {
  readonly tags: readonly TagRef<ImageFolder>[];
  /** Distinct labels. */
  readonly labels: readonly string[];
  /** Number of distinct images. */
  readonly images: number;
}

/** @throws UserError if no item is shown with a label, or none of the images is indexed */
async function labelledImages({ folders }: Services, items: readonly unknown[]): Promise<LabelledImages> {
  const files = items.flatMap((item): LabelledFile[] => {
    const label = labelOf(item);
    const [file] = label === undefined ? [] : imagesOf(folders, item);
    return file && label !== undefined ? [{ ...file, label }] : [];
  });
  if (files.length === 0) throw new UserError(vscode.l10n.t('Select images under a label in the Tags view first.'));
  const { indexed } = await indexedImages(files);
  const hashes = new Map(indexed.map((file) => [keyOf(file), file.hash]));
  const tags = files.flatMap((file) => {
    const hash = hashes.get(keyOf(file));
    return hash === undefined ? [] : [{ folder: file.folder, hash, label: file.label }];
  });
  const labels = [...new Set(files.map(({ label }) => label))];
  return { tags, labels, images: new Set(files.map(keyOf)).size };
}

function labelOf(item: unknown): string | undefined {
  if (typeof item !== 'object' || item === null || !('label' in item)) return undefined;
  return typeof item.label === 'string' ? item.label : undefined;
}
