/**
 * The oldest Node version with the features of node:sqlite that the index uses. VS Code 1.108 and later have a newer
 * one.
 */
export const OLDEST_NODE = '22.16';

/** Tells whether AssetLens runs on a version of Node, such as `v24.1.0`. */
export function isSupportedNode(version: string): boolean {
  const [major = 0, minor = 0] = numbersOf(version);
  const [oldestMajor = 0, oldestMinor = 0] = numbersOf(OLDEST_NODE);
  return major > oldestMajor || (major === oldestMajor && minor >= oldestMinor);
}

function numbersOf(version: string): number[] {
  return (version.match(/\d+/g) ?? []).map(Number);
}
