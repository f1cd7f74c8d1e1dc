import { UserError, messageOf } from '../../../base/userError.ts';
import type { ImageFormat } from '../formats/imageFormat.ts';
import { DecodeTimeout, NoThreadLeft } from './decodeQueue.ts';

/**
 * Turns the error of a decoder into a UserError with a short reason. The decoder's own error stays its cause, for the
 * log. NoThreadLeft is not about the image and stays as it is.
 * @param file the encoded file that could not be decoded
 */
export function decodeError(error: unknown, format: ImageFormat, file: Buffer, milliseconds: number): Error {
  if (error instanceof UserError || error instanceof NoThreadLeft) return error;
  const message = messageOf(error);
  if (/timeout/i.test(message)) return new DecodeTimeout(milliseconds);
  // libvips shares one buffer of error messages among its threads, so two images that fail at the same time may swap
  // messages. A format therefore judges by the structure of the file where it can, and matches words of its own decoder
  // only.
  const reason = format.isTruncated(file, message) ? `truncated ${format.name}` : format.errorReason?.(message);
  return new UserError(reason ?? `damaged ${format.name}`, { cause: error });
}
