/** The labels of each image with their scores, as `assetlens tag --json` prints them; null for an error. */
export type ImageTags = ReadonlyMap<string, ReadonlyMap<string, number> | null>;

export function tagsIn(stdout: string): ImageTags {
  const images = new Map<string, ReadonlyMap<string, number> | null>();
  for (const line of stdout.split('\n').filter(Boolean)) {
    const { path, tags } = JSON.parse(line) as { path: string; tags?: { label: string; score: number }[] };
    images.set(path, tags ? new Map(tags.map(({ label, score }) => [label, score])) : null);
  }
  return images;
}

/** Scores may differ by the rounding of embeddings. A label this close to its threshold may be missing. */
const TOLERANCE = 0.01;
const CLOSE_TO_THRESHOLD = 0.55;

/**
 * The differences of tags from the expected ones, in words.
 * @param ignored labels of manual tags, which the expected tags do not have
 */
export function tagDifferences(expected: ImageTags, actual: ImageTags, ignored: ReadonlySet<string>): string[] {
  const found: string[] = [];
  for (const [path, tags] of expected) {
    const others = actual.get(path);
    if (others === undefined) found.push(`${path} is not printed`);
    else if ((tags === null) !== (others === null)) found.push(`${path} is ${others ? 'not ' : ''}an error`);
    else if (tags && others) found.push(...labelDifferences(path, tags, others, ignored));
  }
  for (const path of actual.keys()) if (!expected.has(path)) found.push(`${path} is printed, but does not exist`);
  return found;
}

function labelDifferences(
  path: string,
  expected: ReadonlyMap<string, number>,
  actual: ReadonlyMap<string, number>,
  ignored: ReadonlySet<string>,
): string[] {
  const found: string[] = [];
  for (const label of new Set([...expected.keys(), ...actual.keys()])) {
    if (ignored.has(label)) continue;
    const [left, right] = [expected.get(label), actual.get(label)];
    const isClose =
      left !== undefined && right !== undefined
        ? Math.abs(left - right) <= TOLERANCE
        : (left ?? right ?? 1) < CLOSE_TO_THRESHOLD;
    if (!isClose) found.push(`${path} has ${label} ${right ?? 'not'} instead of ${left ?? 'not'}`);
  }
  return found;
}
