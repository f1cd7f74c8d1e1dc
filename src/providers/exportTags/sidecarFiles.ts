import { readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { isMissing } from '../../base/fileErrors.ts';
import { UserError, messageOf } from '../../base/userError.ts';
import type { Tag } from '../../library/index.ts';
import { withTags, type SidecarTags } from './sidecarXmp.ts';

/** An image on the disk and its tags. */
export interface ImageWithTags {
  /** Absolute. */
  readonly file: string;
  readonly tags: readonly Tag[];
}

/** What an export of sidecars would do. */
export interface SidecarPlan {
  readonly create: readonly ImageWithTags[];
  readonly change: readonly ImageWithTags[];
  /** Sidecars that stay as they are, because they cannot be changed safely. */
  readonly refused: readonly RefusedSidecar[];
}

export interface RefusedSidecar {
  readonly file: string;
  /** For people. */
  readonly reason: string;
}

/** What an export of sidecars did. */
export interface WrittenSidecars {
  readonly written: number;
  /** Those that could not be written. */
  readonly refused: readonly RefusedSidecar[];
  /** Whether it ended before all were written. */
  readonly cancelled: boolean;
}

/** "image.png.xmp", as darktable and digiKam name them: "image.xmp" would stand for image.png and image.jpg alike. */
export function sidecarOf(file: string): string {
  return `${file}.xmp`;
}

/**
 * Looks at all sidecars, and writes none.
 * @throws the signal's reason when it aborts
 */
export async function planSidecars(images: readonly ImageWithTags[], signal: AbortSignal): Promise<SidecarPlan> {
  const create: ImageWithTags[] = [];
  const change: ImageWithTags[] = [];
  const refused: RefusedSidecar[] = [];
  for (const image of images) {
    signal.throwIfAborted();
    await orRefuse(image, refused, async () => {
      const existing = await readSidecar(sidecarOf(image.file));
      if (withTags(existing, keywordsOf(image.tags)) !== null) (existing === null ? create : change).push(image);
    });
  }
  return { create, change, refused };
}

/**
 * Writes the sidecars of a plan. What was changed by somebody else meanwhile is read anew.
 * @param onWritten told of each with their number
 * @returns what was done until the signal aborted, if it did
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
    await orRefuse(image, refused, async () => {
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
  const part = (name: string): string => name.replaceAll('|', '/'); // the bar stands between the levels
  const named = tags.filter(({ label }) => label.trim() !== '');
  return {
    subjects: named.map(({ label }) => label),
    hierarchical: named.map(({ label, set }) => (set === '' ? part(label) : `${part(set)}|${part(label)}`)),
  };
}

async function orRefuse({ file }: ImageWithTags, refused: RefusedSidecar[], work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof UserError) && !isOfTheDisk(error)) throw error;
    refused.push({ file: sidecarOf(file), reason: messageOf(error) });
  }
}

function isOfTheDisk(error: unknown): boolean {
  return error instanceof Error && 'syscall' in error;
}

/** Null where there is none. */
async function readSidecar(file: string): Promise<string | null> {
  let bytes: Uint8Array;
  try {
    bytes = await readFile(file);
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

/** At once: whoever reads meanwhile sees the old or the new file, and a full disk leaves the old one. */
async function replaceFile(file: string, text: string): Promise<void> {
  const beside = `${file}.${process.pid}.tmp`;
  try {
    await writeFile(beside, text, { flag: 'wx', mode: (await stat(file)).mode });
    await rename(beside, file);
  } catch (error) {
    await rm(beside, { force: true });
    throw error;
  }
}
