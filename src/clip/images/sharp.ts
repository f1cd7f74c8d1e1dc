/**
 * The one place that imports sharp, set up for the inference process: each pipeline on one thread, as several images are
 * decoded at once, and no cache, as no image is decoded twice.
 */
import sharp from 'sharp';

sharp.concurrency(1);
sharp.cache(false);

export { sharp };
export type { Metadata, Sharp, SharpOptions } from 'sharp';
