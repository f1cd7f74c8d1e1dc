import type { EncodedContent } from '../formats/imageFormat.ts';
import type { DecodeLimits } from '../limits.ts';
import type { Raster } from '../raster.ts';
import { sharp, type Sharp, type SharpOptions } from '../sharp.ts';
import { secondsOf } from './decodeOptions.ts';

/** A truncated image is an error: the visible part alone would get wrong tags. */
const FAIL_ON = 'truncated';

/** A sharp pipeline over encoded bytes or raw pixels, under our own limit of pixels, whose message is for users. */
export function pipeline(bytes: Uint8Array, options: SharpOptions = {}): Sharp {
  return sharp(bytes, { failOn: FAIL_ON, limitInputPixels: false, ...options });
}

/** Returns encoded bytes in the form that sharp reads. Call it in the decode queue. */
export async function unpacked(bytes: EncodedContent['bytes']): Promise<Uint8Array> {
  return bytes instanceof Uint8Array ? bytes : bytes.unpack();
}

/** A sharp pipeline over decoded pixels. */
export function rasterPipeline({ data, width, height, channels }: Raster): Sharp {
  return pipeline(data, { raw: { width, height, channels } });
}

/** Runs a pipeline. @throws Error of libvips */
export async function render(pixels: Sharp, limits: DecodeLimits): Promise<Raster> {
  const { data, info } = await pixels
    .toColourspace('srgb')
    .timeout({ seconds: secondsOf(limits) })
    .raw()
    .toBuffer({ resolveWithObject: true });
  const { width, height, channels } = info;
  if (channels !== 3 && channels !== 4) throw new Error(`sharp returned ${channels} channels of colour and alpha`);
  return { data, width, height, channels };
}
