/** Bytes of the signature and of the chunk IHDR. */
const HEADER_BYTES = 33;

/** A chunk of a PNG (PNG specification, third edition, section 5). */
export interface Chunk {
  readonly name: string;
  readonly data: Buffer;
  /** The checksum as written. */
  readonly crc: number;
}

/** The chunks behind IHDR, up to one that the file does not contain as a whole. */
export function* chunksOf(file: Buffer): Generator<Chunk> {
  for (let at = HEADER_BYTES; at + 12 <= file.length;) {
    const length = file.readUInt32BE(at);
    const end = at + 8 + length;
    if (end + 4 > file.length) return;
    const name = file.toString('latin1', at + 4, at + 8);
    yield { name, data: file.subarray(at + 8, end), crc: file.readUInt32BE(end) };
    at = end + 4;
  }
}
