/** The products that the peak of the runtime is measured with: large enough to hide all else, small enough for a second. */
export const PEAK_SIZE = 2048;
export const PEAK_PRODUCTS = 4;
export const PEAK_GIGAFLOPS = (PEAK_PRODUCTS * 2 * PEAK_SIZE ** 3) / 1e9;
