/** Maximum share of chance hits among the images that are called likely. */
const CHANCE = 0.2;
/**
 * Minimum number of standard deviations of a likely image. Images of one folder are similar: in a folder of arrows
 * only, all of them come close to some other word together, and for 1 word in 44 they reach this value.
 */
const LEAST_DEVIATIONS = 2;

/**
 * Counts how many of the best images of a query stand out from its noise. For a thing that a folder does not show, the
 * deviations of its images are distributed like a standard normal (measured on the sample workspace: mean 0.1,
 * deviation 0.95, best of 500 between 2.4 and 3.1, where 2.9 is expected). So N·Q(z) of N images reach z by chance,
 * where Q is the tail of the normal distribution; if k images do, N·Q(z) / k of them are noise. The longest list whose
 * share of noise is at most CHANCE counts: the step-up procedure of Benjamini and Hochberg, "Controlling the False
 * Discovery Rate" (1995). A single image must stand out far to be likely (3.4 among 500), a hundred of the same thing
 * less. So no threshold has to be fitted to a folder.
 * @param deviations deviations of the best images, in standard deviations from the mean of all kinds of images (the z
 *   of calibration.ts), descending
 * @param images number of all images, including the best
 */
export function countAboveNoise(deviations: readonly number[], images: number): number {
  const last = deviations.findLastIndex((z, i) => z >= LEAST_DEVIATIONS && (images * tail(z)) / (i + 1) <= CHANCE);
  return last + 1;
}

/** Levels of the continued fraction: from z = 2 on, the result is exact to 12 digits. */
const LEVELS = 60;

/**
 * Computes Q(z), the share of a standard normal above z > 0, by Laplace's continued fraction
 * φ(z)/(z + 1/(z + 2/(z + …))).
 */
function tail(z: number): number {
  let fraction = z;
  for (let level = LEVELS; level > 0; level--) fraction = z + level / fraction;
  return Math.exp(-0.5 * z * z) / Math.sqrt(2 * Math.PI) / fraction;
}
