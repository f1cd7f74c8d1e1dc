import { setHandTags, type Library } from '../../../../src/library/index.ts';

/** Says the same of one label and several contents. */
export function setHandTag(
  library: Library,
  hashes: readonly string[],
  label: string,
  holds: boolean | null,
): Promise<void> {
  return setHandTags(
    library,
    hashes.map((hash) => ({ hash, label, holds })),
  );
}
