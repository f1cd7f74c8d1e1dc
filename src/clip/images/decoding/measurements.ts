import type { Raster } from '../raster.ts';
import type { Metadata } from '../sharp.ts';
import { fromLinear } from '../srgb.ts';

/** Number types of libvips whose values have a fixed range, from black to white. */
const FIXED_RANGES: ReadonlySet<string> = new Set(['uchar', 'ushort', 'char', 'short']);

/**
 * How to read pixels without a fixed range, such as floats of 0 to 1, or heights in metres.
 * @returns the colour space to read the numbers in, without conversion; null where the range is fixed
 */
export function measuredSpace({ depth, space }: Pick<Metadata, 'depth' | 'space'>): 'scrgb' | 'b-w' | null {
  if (FIXED_RANGES.has(depth)) return null;
  return space === 'scrgb' ? 'scrgb' : 'b-w';
}

/**
 * Maps numbers without a fixed range to bytes. Numbers that are 1 at most, apart from a few, are parts of white, and
 * those of colours are linear. Numbers of 0 to 255 are bytes. All others are mapped from their minimum to their
 * maximum.
 * @param values [height, width, channels]; 1 or 3 channels of colour, and possibly alpha behind them
 */
export function bytesOfMeasurements(
  values: Float32Array,
  { width, height, channels }: { readonly width: number; readonly height: number; readonly channels: number },
): Raster {
  const hasAlpha = channels === 2 || channels === 4;
  const colours = hasAlpha ? channels - 1 : channels;
  const toByte = byteMapping(values, channels, colours);
  const outChannels = hasAlpha ? 4 : 3;
  const data = new Uint8Array(width * height * outChannels);
  const opaque = hasAlpha ? maximumAlpha(values, channels) : 1;
  for (let i = 0; i < width * height; i++) {
    for (let c = 0; c < 3; c++) data[i * outChannels + c] = toByte(values[i * channels + (colours === 1 ? 0 : c)] ?? 0);
    if (hasAlpha) data[i * 4 + 3] = clampByte(((values[i * channels + colours] ?? 0) / opaque) * 255);
  }
  return { data, width, height, channels: outChannels };
}

function byteMapping(values: Float32Array, channels: number, colours: number): (value: number) => number {
  let [minimum, maximum, sum, count] = [Infinity, -Infinity, 0, 0];
  for (let i = 0; i < values.length; i++) {
    const value = values[i] ?? 0;
    if (i % channels >= colours || !Number.isFinite(value)) continue;
    minimum = Math.min(minimum, value);
    maximum = Math.max(maximum, value);
    sum += Math.min(value, 255);
    count++;
  }
  // Reducing an image with a cubic kernel overshoots at edges by up to a tenth.
  const isNotNegative = minimum > -0.1 * Math.max(1, maximum);
  if (count === 0) return () => 0;
  if (isNotNegative && sum / count <= 1.1) {
    return colours === 1 ? (value) => clampByte(value * 255) : (value) => clampByte(fromLinear(value) * 255);
  }
  if (isNotNegative && maximum <= 280) return clampByte;
  return (value) => clampByte(((value - minimum) / (maximum - minimum || 1)) * 255);
}

/** 255 for alpha in bytes, else 1. */
function maximumAlpha(values: Float32Array, channels: number): number {
  for (let i = channels - 1; i < values.length; i += channels) if ((values[i] ?? 0) > 2) return 255;
  return 1;
}

/** Not a number becomes 0. */
function clampByte(value: number): number {
  return value > 0 ? Math.min(255, Math.round(value)) : 0;
}
