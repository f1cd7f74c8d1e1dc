import { setManualTags, type Library } from '../../../../src/library/index.ts';

/** Says the same of one label and several contents. */
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
