import type { Trial } from './trial.ts';
import { imagesTrial } from './trials/imagesTrial.ts';

/** All trials, in the order of the table. */
export const trials: readonly Trial[] = [imagesTrial];
