/**
 * The matrix product for the peak of the runtime: the first one in the MLP of a ViT-B/32 block, for a batch of eight
 * images. No square product that we tried reaches more operations per second.
 */
export const PEAK_SHAPE = { rows: 400, inner: 768, columns: 3072 };
export const PEAK_PRODUCTS = 36;
export const PEAK_GIGAFLOPS = (PEAK_PRODUCTS * 2 * PEAK_SHAPE.rows * PEAK_SHAPE.inner * PEAK_SHAPE.columns) / 1e9;
