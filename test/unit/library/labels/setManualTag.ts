import { setManualTags, type Library } from '../../../../src/library/index.ts';

/** Sets the manual tag of one label for several blobs. */
export function setManualTag(
  library: Library,
  hashes: readonly string[],
  label: string,
  holds: boolean | null,
): Promise<void> {
  return setManualTags(
    library,
    hashes.map((hash) => ({ hash, label, holds })),
  );
}
