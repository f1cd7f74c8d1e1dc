/**
 * The only module that imports sharp, configured for the inference process: one thread for each pipeline, because
 * several images are decoded at the same time, and no cache, because no image is decoded twice.
 */
import sharp from 'sharp';

sharp.concurrency(1);
sharp.cache(false);

export { sharp };
export type { Metadata, Sharp, SharpOptions } from 'sharp';
