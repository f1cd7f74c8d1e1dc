import type { DistrustedIndex, DistrustReason, RecoveredIndex, UnreadFiles, UpdateSummary } from '../library/index.ts';
import { joined, text, type Text } from './text.ts';

/** Messages about the index of a folder, for standard error. Each ends with a line break. */

const MOST_FAILURES = 20;

const DISTRUST: Readonly<Record<DistrustReason, string>> = {
  link: 'it is a link',
  special: 'it is neither a file nor a folder',
  owner: 'it belongs to another user',
  tracked: 'Git tracks the index in it',
  unknown: 'AssetLens cannot read which files Git tracks',
  restricted: 'the workspace is not trusted',
};

/** Says why an index inside the folder is not used. */
export function distrustReport({ path, reason }: DistrustedIndex, indexFile: string): Text {
  return text`The index in ${path} is not used, because ${DISTRUST[reason]}. AssetLens uses ${indexFile}. To use an index that you trust, pass its file to --index.\n`;
}

export function recoveryReport({ keptAs, manualTags, complete, deletedCopies }: RecoveredIndex): Text {
  const tags = `${manualTags} manual tags were recovered${complete ? '' : '; others may be unreadable'}`;
  const deleted = deletedCopies === 0 ? '' : ` Older damaged files were deleted: ${deletedCopies}.`;
  return text`The index was damaged and is being rebuilt. The damaged file is kept as ${keptAs}; ${tags}.${deleted}\n`;
}

export function readOnlyReport(indexFile: string, reason: string): Text {
  return text`The index ${indexFile} cannot be written (${reason}). It is used without an update: new and changed images are missing or out of date. Make the file writable, or pass another index file to --index.\n`;
}

export function updateReport(summary: UpdateSummary, seconds: number): Text {
  const skipped = [...summary.failures, ...summary.unreadable];
  const parts = [
    `${summary.found} images`,
    ...(summary.embedded ? [`${summary.embedded} embedded`] : []),
    ...(summary.reused ? [`${summary.reused} known by hash`] : []),
    ...(summary.unchanged ? [`${summary.unchanged} unchanged`] : []),
    ...(summary.removed ? [`${summary.removed} removed`] : []),
    ...(skipped.length ? [`${skipped.length} skipped`] : []),
  ];
  const lines = [
    text`${parts.join(', ')}; ${seconds.toFixed(1)} s\n`,
    ...skipped.slice(0, MOST_FAILURES).map(({ path, reason }) => text`  ${path}: ${reason}\n`),
  ];
  const more = skipped.length - MOST_FAILURES;
  if (more > 0) lines.push(text`  and ${more} more; "assetlens tag --json" lists all\n`);
  return joined([...lines, ...unreadReport(summary.unread)]);
}

/** Says how much of the folder is indexed after an interruption. */
export function cancelledReport({ partial }: Pick<UpdateSummary, 'partial'>): Text {
  if (!partial) return text`The index keeps all images processed so far. Run the command again to continue.\n`;
  const { done, total } = partial;
  return text`${done.toLocaleString('en')} of ${total.toLocaleString('en')} images are indexed. Run the command again to continue.\n`;
}

const MOST_NAMES = 3;

/** The message for a folder without an image that AssetLens reads. */
export function noImages(folder: string, { formats }: UnreadFiles): string {
  if (formats.length > 0) return `No images that AssetLens reads in ${folder}, but ${unreadFormats(formats)}.`;
  return `No images in ${folder}. Check the folder, --include, --exclude and .gitignore.`;
}

/** "12 files of formats that AssetLens does not read: .xcf 8, .heic 4" */
function unreadFormats(formats: UnreadFiles['formats']): string {
  const total = formats.reduce((sum, { files }) => sum + files, 0);
  const counts = formats.map(({ extension, files }) => `.${extension} ${files}`).join(', ');
  return `${total} file${total === 1 ? '' : 's'} of formats that AssetLens does not read: ${counts}`;
}

function unreadReport({ outside, special, formats }: UnreadFiles): Text[] {
  const lines: Text[] = [];
  if (outside.length > 0) {
    lines.push(
      text`${counted(outside, 'link')} to files or folders outside of the folder: ${names(outside)}. Pass --follow-links to follow links.\n`,
    );
  }
  if (special.length > 0) {
    lines.push(
      text`${counted(special, 'special file')} (pipes, sockets or devices), which AssetLens does not open: ${names(special)}\n`,
    );
  }
  if (formats.length > 0) lines.push(text`${unreadFormats(formats)}\n`);
  return lines;
}

function counted(files: readonly string[], noun: string): string {
  return `${files.length} ${noun}${files.length === 1 ? '' : 's'}`;
}

/** Lists the first names. */
function names(files: readonly string[]): string {
  const more = files.length - MOST_NAMES;
  return `${files.slice(0, MOST_NAMES).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}
