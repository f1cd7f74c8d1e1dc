import { availableParallelism } from 'node:os';
import { InvalidArgumentError } from '@commander-js/extra-typings';

/** Parsers of command-line arguments. Each throws an InvalidArgumentError, which commander reports. */

export function positiveInteger(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError('It must be an integer of at least 1.');
  return value;
}

export function nonNegativeInteger(text: string): number {
  return text === '0' ? 0 : positiveInteger(text);
}

/** Parses a number of millions, such as megapixels or MB. It may have a fraction. */
export function millions(text: string): number {
  const value = Number(text) * 1e6;
  if (text.trim() === '' || !Number.isFinite(value) || value < 1) {
    throw new InvalidArgumentError('It must be a number above 0.');
  }
  return value;
}

/** Limits the number of threads to the number of threads of the CPU. More threads would be slower. */
export function threadCount(text: string): number {
  return Math.min(positiveInteger(text), availableParallelism());
}

/** Collects the values of an option that can be repeated. */
export function names(name: string, earlier: string[] = []): string[] {
  return [...earlier, name];
}

/** Collects globs. A glob without a folder applies to file names at any depth. */
export function globs(glob: string, earlier: string[] = []): string[] {
  return [...earlier, glob.includes('/') ? glob : `**/${glob}`];
}

export function confidence(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !(value >= 0 && value <= 1)) throw new InvalidArgumentError('It must be between 0 and 1.');
  return value;
}

/** Parses the length of the longer side of a picture, in pixels. */
export function pictureSize(text: string): number {
  const value = positiveInteger(text);
  if (value < 64 || value > 2048) throw new InvalidArgumentError('It must be between 64 and 2048.');
  return value;
}
