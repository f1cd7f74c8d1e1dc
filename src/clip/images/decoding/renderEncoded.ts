import type { DecodeLimits } from '../limits.ts';
import type { Raster } from '../raster.ts';
import type { Sharp } from '../sharp.ts';
import { secondsOf } from './decodeOptions.ts';
import { bytesOfMeasurements, measuredSpace } from './measurements.ts';
import type { OpenEncoded } from './openImage.ts';
import { pipeline, render, unpacked } from './pipeline.ts';

/** A sharp pipeline over the picture of an image that is shown. */
export async function openedPipeline({ bytes, strict, frame }: OpenEncoded): Promise<Sharp> {
  return pipeline(await unpacked(bytes), { ...(strict && { failOn: 'warning' }), ...(frame > 0 && { page: frame }) });
}

/** Runs a pipeline over an encoded image. @throws Error of libvips */
export async function renderEncoded(image: OpenEncoded, pixels: Sharp, limits: DecodeLimits): Promise<Raster> {
  const space = measuredSpace(image.metadata);
  if (space === null) {
    const raster = await render(pixels, limits);
    return image.onWhite ? withoutWhite(raster) : raster;
  }
  const { data, info } = await pixels
    .toColourspace(space)
    .timeout({ seconds: secondsOf(limits) })
    .raw({ depth: 'float' })
    .toBuffer({ resolveWithObject: true });
  return bytesOfMeasurements(new Float32Array(data.buffer, data.byteOffset, data.length / 4), info);
}

/** Removes the white that transparent pixels are mixed with. */
function withoutWhite(raster: Raster): Raster {
  if (raster.channels === 3) return raster;
  const data = raster.data.slice();
  for (let at = 0; at < data.length; at += 4) {
    const alpha = data[at + 3] ?? 0;
    if (alpha === 0 || alpha === 255) continue;
    for (let c = at; c < at + 3; c++) data[c] = Math.max(0, Math.round(255 - ((255 - (data[c] ?? 0)) * 255) / alpha));
  }
  return { ...raster, data };
}
