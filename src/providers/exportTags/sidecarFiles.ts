import { rename, rm, stat, writeFile } from 'node:fs/promises';
import { isMissing } from '../../base/fileErrors.ts';
import { readRegularFile } from '../../base/regularFile.ts';
import { UserError, messageOf } from '../../base/userError.ts';
import type { Tag } from '../../library/index.ts';
import { withTags, type SidecarTags } from './sidecarXmp.ts';

/** An image file with its tags. */
export interface ImageWithTags {
  /** Absolute path of the image. */
  readonly file: string;
  readonly tags: readonly Tag[];
}

/** The images for which an export changes the sidecar. */
export interface SidecarPlan {
  /** Images without a sidecar. */
  readonly create: readonly ImageWithTags[];
  /** Images with a sidecar. */
  readonly change: readonly ImageWithTags[];
  /** Sidecars that cannot be changed safely. */
  readonly refused: readonly RefusedSidecar[];
}

export interface RefusedSidecar {
  /** Absolute path of the sidecar. */
  readonly file: string;
  /** Message for the user. */
  readonly reason: string;
}

/** The result of an export. */
export interface WrittenSidecars {
  /** Number of written sidecars. */
  readonly written: number;
  /** Sidecars that could not be written. */
  readonly refused: readonly RefusedSidecar[];
  /** Whether the export was cancelled before all sidecars were written. */
  readonly cancelled: boolean;
}

/** Returns "image.png.xmp", as darktable and digiKam do: "image.xmp" would belong to both image.png and image.jpg. */
export function sidecarOf(file: string): string {
  return `${file}.xmp`;
}

/**
 * Reads all sidecars and returns which of them an export changes. Nothing is written.
 * @throws the signal's reason if it aborts
 */
export async function planSidecars(images: readonly ImageWithTags[], signal: AbortSignal): Promise<SidecarPlan> {
  const create: ImageWithTags[] = [];
  const change: ImageWithTags[] = [];
  const refused: RefusedSidecar[] = [];
  for (const image of images) {
    signal.throwIfAborted();
    await refuseOnError(image, refused, async () => {
      const existing = await readSidecar(sidecarOf(image.file));
      if (withTags(existing, keywordsOf(image.tags)) !== null) (existing === null ? create : change).push(image);
    });
  }
  return { create, change, refused };
}

/**
 * Writes the sidecars of images. Each is read again first, because another program may have changed it since it was
 * planned.
 * @param onWritten called after each sidecar with the number of written sidecars
 */
export async function writeSidecars(
  images: readonly ImageWithTags[],
  signal: AbortSignal,
  onWritten: (written: number) => void,
): Promise<WrittenSidecars> {
  const refused: RefusedSidecar[] = [];
  let written = 0;
  for (const image of images) {
    if (signal.aborted) return { written, refused, cancelled: true };
    await refuseOnError(image, refused, async () => {
      const file = sidecarOf(image.file);
      const existing = await readSidecar(file);
      const text = withTags(existing, keywordsOf(image.tags));
      if (text === null) return;
      if (existing === null) await writeFile(file, text, { flag: 'wx' });
      else await replaceFile(file, text);
      onWritten(++written);
    });
  }
  return { written, refused, cancelled: false };
}

export function keywordsOf(tags: readonly Tag[]): SidecarTags {
  // The bar separates the levels of a hierarchical keyword.
  const part = (name: string): string => name.replaceAll('|', '/');
  const named = tags.filter(({ label }) => label.trim() !== '');
  return {
    subjects: named.map(({ label }) => label),
    hierarchical: named.map(({ label, set }) => (set === '' ? part(label) : `${part(set)}|${part(label)}`)),
  };
}

/** Adds the sidecar to the refused ones if the work fails because of its content or of the file system. */
async function refuseOnError(
  { file }: ImageWithTags,
  refused: RefusedSidecar[],
  work: () => Promise<void>,
): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof UserError) && !isFileSystemError(error)) throw error;
    refused.push({ file: sidecarOf(file), reason: messageOf(error) });
  }
}

function isFileSystemError(error: unknown): boolean {
  return error instanceof Error && 'syscall' in error;
}

/** Maximum size of a sidecar, in bytes. Those with the history of an edited photo have about a megabyte. */
const LARGEST = 8_000_000;

/** Returns null if there is no sidecar. */
async function readSidecar(file: string): Promise<string | null> {
  let bytes: Uint8Array;
  try {
    // A repository may contain a link to any file, whose content would be copied into it.
    bytes = await readRegularFile(file, LARGEST, { followLinks: false });
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (error) {
    throw new UserError('it is not in UTF-8', { cause: error });
  }
}

/** Replaces a file atomically: other programs read the old or the new text, and a full disk leaves the old file. */
async function replaceFile(file: string, text: string): Promise<void> {
  const temporary = `${file}.${process.pid}.tmp`;
  try {
    await writeFile(temporary, text, { flag: 'wx', mode: (await stat(file)).mode });
    await rename(temporary, file);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}
