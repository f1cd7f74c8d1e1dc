import * as vscode from 'vscode';
import { UserError } from '../../base/userError.ts';
import type { ManualTag } from '../../library/index.ts';
import type { ImageFile } from '../../workspace/folders/imageFolders.ts';
import { reportErrors } from '../../workspace/log.ts';
import type { Services } from '../../workspace/services.ts';
import { imagesOf, itemsOf } from '../../workspace/folders/targets.ts';
import { applyWithUndo, type FolderChange } from '../../workspace/tags/applyWithUndo.ts';
import { indexedImages, type IndexedFile } from './indexedImages.ts';
import { pickLabel } from './pickLabel.ts';

/** An image under a label, as commands get it from views. */
interface LabelledTarget {
  readonly file: ImageFile;
  readonly label: string;
}

/**
 * Tags that people give to images: add, confirm, remove, and take back what was said. What somebody said wins over scores.
 * @param chosen what is chosen in the Tags view: key bindings hand over nothing
 */
export function registerManualTags(
  services: Services,
  chosen: (how?: { readonly removes: boolean }) => Promise<readonly unknown[]>,
): vscode.Disposable {
  const command = (
    name: string,
    without: () => Promise<readonly unknown[]>,
    work: (services: Services, items: readonly unknown[]) => Promise<void>,
    removes = false,
  ): vscode.Disposable =>
    vscode.commands.registerCommand(name, (clicked?: unknown, selected?: unknown) =>
      reportErrors(services.log, async () => {
        const items = itemsOf(clicked, selected);
        if (clicked === SELECTION) await work(services, await chosen({ removes }));
        else await work(services, clicked === undefined ? await without() : items);
      }),
    );
  return vscode.Disposable.from(
    command('assetlens.addTag', () => Promise.resolve([]), addTag), // the palette means the active tab
    command('assetlens.keepTag', () => chosen(), keepTags),
    command('assetlens.removeTag', () => chosen({ removes: true }), removeTags, true),
    command('assetlens.forgetManualTags', () => chosen(), forgetManualTags),
  );
}

/** What the key bindings of the Tags view hand over, see package.json. */
const SELECTION = 'selection';

async function addTag(services: Services, items: readonly unknown[]): Promise<void> {
  const files = items.length > 0 ? imagesOf(services.folders, items[0], items) : imagesOf(services.folders);
  if (files.length === 0) throw new UserError(vscode.l10n.t('Select images of this workspace first.'));
  const { indexed, unknown } = await indexedImages(files);
  const label = await pickLabel(indexed);
  if (label === undefined) return;
  const changes = changesOf(indexed, () => [{ label, holds: true }]);
  await applyWithUndo(services, changes, {
    quiet: true,
    message:
      indexed.length === 1
        ? vscode.l10n.t('Tagged 1 image "{0}".', label)
        : vscode.l10n.t('Tagged {0} images "{1}".', indexed.length, label),
  });
  if (unknown > 0) {
    const message = vscode.l10n.t(
      '{0} of the images are not indexed and were not tagged. Run "AssetLens: Tag Workspace Images" first.',
      unknown,
    );
    void vscode.window.showWarningMessage(message);
  }
}

async function keepTags(services: Services, items: readonly unknown[]): Promise<void> {
  const targets = labelledTargets(services, items);
  const { indexed } = await indexedImages(targets.map(({ file }) => file));
  const labels = labelsByFile(targets);
  const changes = changesOf(indexed, ({ file }) => labels(file).map((label) => ({ label, holds: true })));
  await applyWithUndo(services, changes, { quiet: true, message: said(targets, 'confirmed') });
}

/**
 * A label of the sets is said not to hold, whatever its score; one that only people give is taken back, and nothing remains of
 * it.
 */
async function removeTags(services: Services, items: readonly unknown[]): Promise<void> {
  const targets = labelledTargets(services, items);
  const { indexed } = await indexedImages(targets.map(({ file }) => file));
  const labels = labelsByFile(targets);
  const scored = new Map<ImageFile['folder'], Set<string>>();
  for (const folder of new Set(indexed.map(({ file }) => file.folder))) {
    const sets = await folder.labelSets();
    scored.set(folder, new Set(sets.flatMap((set) => set.labels.map(({ name }) => name))));
  }
  const changes = changesOf(indexed, ({ file }) =>
    labels(file).map((label) => ({ label, holds: scored.get(file.folder)?.has(label) === true ? false : null })),
  );
  await applyWithUndo(services, changes, { quiet: false, message: said(targets, 'removed') });
}

async function forgetManualTags(services: Services, items: readonly unknown[]): Promise<void> {
  const files = imagesOf(services.folders, items[0], items);
  if (files.length === 0) throw new UserError(vscode.l10n.t('Select images first.'));
  const { indexed } = await indexedImages(files);
  const { manualTagsOf } = await import('../../library/index.ts');
  const changes: FolderChange[] = [];
  for (const [folder, own] of Map.groupBy(indexed, ({ file }) => file.folder)) {
    const hashes = own.map(({ hash }) => hash);
    const before = await folder.withLibrary((library) => Promise.resolve(manualTagsOf(library, hashes)));
    changes.push({ folder, tags: before.map((tag) => ({ ...tag, holds: null })) });
  }
  const message =
    indexed.length === 1
      ? vscode.l10n.t('Took back what was said of 1 image by hand.')
      : vscode.l10n.t('Took back what was said of {0} images by hand.', indexed.length);
  await applyWithUndo(services, changes, { quiet: false, message });
}

/** @throws UserError where no item stands under a label */
function labelledTargets(services: Services, items: readonly unknown[]): LabelledTarget[] {
  const targets = items.flatMap((item) => {
    const label = labelOf(item);
    const [file] = label === undefined ? [] : imagesOf(services.folders, item);
    return file && label !== undefined ? [{ file, label }] : [];
  });
  if (targets.length === 0) throw new UserError(vscode.l10n.t('Select images under a label in the Tags view first.'));
  return targets;
}

function labelOf(item: unknown): string | undefined {
  if (typeof item !== 'object' || item === null || !('label' in item)) return undefined;
  return typeof item.label === 'string' ? item.label : undefined;
}

function labelsByFile(targets: readonly LabelledTarget[]): (file: ImageFile) => string[] {
  const keyOf = ({ folder, path }: ImageFile): string => `${folder.uri.toString()}\n${path}`;
  const labels = Map.groupBy(targets, ({ file }) => keyOf(file));
  return (file) => (labels.get(keyOf(file)) ?? []).map(({ label }) => label);
}

function changesOf(
  images: readonly IndexedFile[],
  tagsOf: (image: IndexedFile) => readonly Pick<ManualTag, 'label' | 'holds'>[],
): FolderChange[] {
  return [...Map.groupBy(images, ({ file }) => file.folder)].map(([folder, own]) => ({
    folder,
    tags: own.flatMap((image) => tagsOf(image).map((tag) => ({ ...tag, hash: image.hash }))),
  }));
}

/** What was done to which label, or to how many. */
function said(targets: readonly LabelledTarget[], what: 'confirmed' | 'removed'): string {
  const count = new Set(targets.map(({ file }) => `${file.folder.uri.toString()}\n${file.path}`)).size;
  const labels = [...new Set(targets.map(({ label }) => label))];
  const quoted = labels.length === 1 ? `"${labels[0] ?? ''}"` : vscode.l10n.t('{0} tags', labels.length);
  if (what === 'confirmed') {
    return count === 1
      ? vscode.l10n.t('Confirmed {0} for 1 image.', quoted)
      : vscode.l10n.t('Confirmed {0} for {1} images.', quoted, count);
  }
  return count === 1
    ? vscode.l10n.t('Removed {0} from 1 image.', quoted)
    : vscode.l10n.t('Removed {0} from {1} images.', quoted, count);
}
