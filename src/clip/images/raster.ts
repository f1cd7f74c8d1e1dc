/** Decoded pixels, row-major: sRGB, 8 bits a channel, alpha (if any) not multiplied into the colours. */
export interface Raster {
  /** [height, width, channels] */
  readonly data: Uint8Array;
  readonly width: number;
  readonly height: number;
  readonly channels: 3 | 4;
}
