import type { DecodeLimits } from '../clip/index.ts';

/** Options of the commands that decode images. */
export interface LimitOptions {
  /** Pixels. */
  readonly maxMegapixels?: number;
  /** Bytes. */
  readonly maxMegabytes?: number;
  /** Bytes. */
  readonly maxMemory?: number;
}

/** Returns the limits that the user set. */
export function limitsOf({ maxMegapixels, maxMegabytes, maxMemory }: LimitOptions): Partial<DecodeLimits> {
  return {
    ...(maxMegapixels !== undefined && { pixels: maxMegapixels }),
    ...(maxMegabytes !== undefined && { bytes: maxMegabytes }),
    ...(maxMemory !== undefined && { memory: maxMemory }),
  };
}
