import { UserError, messageOf } from '../../../base/userError.ts';
import type { ImageFormat } from '../formats/imageFormat.ts';
import { DecodeTimeout, NoThreadLeft } from './decodeQueue.ts';

/**
 * Turns the error of a decoder into a UserError with a short reason. The decoder's own error stays its cause, for the
 * log. NoThreadLeft is unrelated to the image and is returned unchanged.
 * @param file the encoded file that could not be decoded
 */
export function decodeError(error: unknown, format: ImageFormat, file: Buffer, milliseconds: number): Error {
  if (error instanceof UserError || error instanceof NoThreadLeft) return error;
  const message = messageOf(error);
  if (/timeout/i.test(message)) return new DecodeTimeout(milliseconds);
  // libvips shares one buffer of error messages among its threads, so messages of two images that fail at the same time
  // may be swapped. A format therefore checks the structure of the file if it can, and matches only messages of its own
  // decoder.
  const reason = format.isTruncated(file, message) ? `truncated ${format.name}` : format.errorReason?.(message);
  return new UserError(reason ?? `damaged ${format.name}`, { cause: error });
}
