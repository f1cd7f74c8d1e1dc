/** Maximum number of images in a query: more would make it unreadable and hardly change its result. */
const MOST_IMAGES = 12;

/**
 * Returns the query for more images like some images.
 * @param paths relative to their folders, with '/'
 */
export function queryOfImages(paths: readonly string[]): string {
  return paths
    .slice(0, MOST_IMAGES)
    .map((path) => `+"${path.replace(/["\\]/g, (character) => `\\${character}`)}"`)
    .join(' ');
}
