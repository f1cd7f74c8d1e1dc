import type { Raster } from '../../raster.ts';
import { fromLinear } from '../../srgb.ts';

/** The luminance that the mean of the picture is mapped to. */
const KEY = 0.18;
const LEAST = 1e-6;

/**
 * Maps linear light to sRGB with the global operator of "Photographic Tone Reproduction for Digital Images" (Reinhard
 * et al. 2002, section 3.1). White is the brightest pixel.
 * @param light [height, width, channels] linear colours of the primaries of sRGB, and possibly alpha
 */
export function toneMap(light: Float32Array, width: number, height: number, channels: 3 | 4): Raster {
  const count = width * height;
  const luminances = new Float32Array(count);
  let [logarithms, brightest] = [0, 0];
  for (let i = 0; i < count; i++) {
    const at = i * channels;
    const luminance =
      0.2126 * positive(light[at]) + 0.7152 * positive(light[at + 1]) + 0.0722 * positive(light[at + 2]);
    luminances[i] = luminance;
    logarithms += Math.log(LEAST + luminance);
    brightest = Math.max(brightest, luminance);
  }
  const exposure = KEY / Math.exp(logarithms / count);
  const white = (exposure * brightest) ** 2 || 1;
  const data = new Uint8Array(count * channels);
  for (let i = 0; i < count; i++) {
    const scaled = exposure * (luminances[i] ?? 0);
    const mapped = (1 + scaled / white) / (1 + scaled);
    for (let c = 0; c < 3; c++) {
      const value = positive(light[i * channels + c]) * exposure * mapped;
      data[i * channels + c] = Math.round(255 * fromLinear(Math.min(1, value)));
    }
    if (channels === 4) data[4 * i + 3] = Math.round(255 * Math.min(1, positive(light[4 * i + 3])));
  }
  return { data, width, height, channels };
}

/** Infinite and negative light, and what is not a number, is none. */
function positive(value: number | undefined): number {
  return value !== undefined && value > 0 && value < Infinity ? value : 0;
}
