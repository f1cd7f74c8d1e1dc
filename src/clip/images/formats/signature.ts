/** Whether the bytes at an offset are the characters of a Latin-1 text. */
export function hasSignature(file: Buffer, text: string, offset = 0): boolean {
  return file.toString('latin1', offset, offset + text.length) === text;
}
