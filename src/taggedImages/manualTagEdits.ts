import type { Library, LabelSet, ManualTag } from '../library/index.ts';

/** The folder of a library, with the labels of its settings. */
export interface LabelledFolder {
  labelSets(): Promise<readonly Pick<LabelSet, 'labels'>[]>;
  withLibrary<T>(work: (library: Library) => Promise<T>): Promise<T>;
}

/** An indexed image. */
export interface ImageRef<Folder> {
  readonly folder: Folder;
  /** Hash of the blob, to which manual tags belong. */
  readonly hash: string;
}

/** An image and a label to confirm, reject or clear. */
export interface TagRef<Folder> extends ImageRef<Folder> {
  readonly label: string;
}

/** Changes of manual tags in one folder. */
export interface ManualTagEdit<Folder> {
  readonly folder: Folder;
  readonly tags: readonly ManualTag[];
}

/** Confirms that labels apply: adds new tags, and converts scored tags to manual tags. */
export function confirmTags<Folder>(tags: readonly TagRef<Folder>[]): ManualTagEdit<Folder>[] {
  return editsOf(tags, ({ hash, label }) => ({ hash, label, holds: true }));
}

/**
 * Removes tags. A label of the label sets gets a manual tag that it does not apply, regardless of its score. Any other
 * label has no score, so its manual tag is cleared.
 */
export async function rejectTags<Folder extends LabelledFolder>(
  tags: readonly TagRef<Folder>[],
): Promise<ManualTagEdit<Folder>[]> {
  const scored = new Map<Folder, ReadonlySet<string>>();
  for (const folder of new Set(tags.map((tag) => tag.folder))) {
    const sets = await folder.labelSets();
    scored.set(folder, new Set(sets.flatMap(({ labels }) => labels.map(({ name }) => name))));
  }
  return editsOf(tags, ({ folder, hash, label }) => {
    return { hash, label, holds: scored.get(folder)?.has(label) === true ? false : null };
  });
}

/** Clears the manual tags of some labels, so that their scores apply. */
export function clearTags<Folder>(tags: readonly TagRef<Folder>[]): ManualTagEdit<Folder>[] {
  return editsOf(tags, ({ hash, label }) => ({ hash, label, holds: null }));
}

/** Clears all manual tags of some images. */
export async function clearAllTags<Folder extends LabelledFolder>(
  images: readonly ImageRef<Folder>[],
): Promise<ManualTagEdit<Folder>[]> {
  const { manualTagsOf } = await import('../library/index.ts');
  const edits: ManualTagEdit<Folder>[] = [];
  for (const [folder, members] of Map.groupBy(images, (image) => image.folder)) {
    const hashes = members.map(({ hash }) => hash);
    const tags = await folder.withLibrary((library) => Promise.resolve(manualTagsOf(library, hashes)));
    edits.push({ folder, tags: tags.map(({ hash, label }) => ({ hash, label, holds: null })) });
  }
  return edits;
}

/**
 * Writes changes of manual tags, folder by folder.
 * @param onWritten called after the changes of a folder are written
 * @returns the changes that restore the previous state
 */
export async function applyEdits<Folder extends LabelledFolder>(
  edits: readonly ManualTagEdit<Folder>[],
  onWritten: (folder: Folder) => void,
): Promise<ManualTagEdit<Folder>[]> {
  const { manualTagsOf, setManualTags } = await import('../library/index.ts');
  const undo: ManualTagEdit<Folder>[] = [];
  for (const { folder, tags } of edits) {
    await folder.withLibrary(async (library) => {
      const hashes = tags.map(({ hash }) => hash);
      undo.push({ folder, tags: restored(tags, manualTagsOf(library, hashes)) });
      await setManualTags(library, tags);
    });
    onWritten(folder);
  }
  return undo;
}

function editsOf<Folder>(
  tags: readonly TagRef<Folder>[],
  edit: (tag: TagRef<Folder>) => ManualTag,
): ManualTagEdit<Folder>[] {
  return [...Map.groupBy(tags, (tag) => tag.folder)].map(([folder, members]) => ({ folder, tags: members.map(edit) }));
}

/** For each changed label, its manual tag before the change, or no manual tag if there was none. */
function restored(changes: readonly ManualTag[], before: readonly ManualTag[]): ManualTag[] {
  const keyOf = ({ hash, label }: ManualTag): string => `${hash} ${label}`;
  const holds = new Map(before.map((tag) => [keyOf(tag), tag.holds]));
  return changes.map((tag) => ({ hash: tag.hash, label: tag.label, holds: holds.get(keyOf(tag)) ?? null }));
}
