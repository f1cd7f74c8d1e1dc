import { UserError } from '../../../../base/userError.ts';

/** Tags of TIFF that decoding depends on. */
export const TAG = {
  width: 256,
  height: 257,
  bits: 258,
  compression: 259,
  photometric: 262,
  stripOffsets: 273,
  samples: 277,
  rowsPerStrip: 278,
  stripBytes: 279,
  planar: 284,
  tileWidth: 322,
  tileLength: 323,
  tileOffsets: 324,
  tileBytes: 325,
  colourMap: 320,
  jpegTables: 347,
  profile: 34675,
} as const;

/** Bytes of a value of each type, by its number in TIFF 6.0 or BigTIFF. */
const TYPE_BYTES: Readonly<Record<number, number>> = {
  ...{ 1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4, 16: 8, 17: 8, 18: 8 },
};

/** Bytes of a value of each integer type: byte, short, long, long8. */
const INTEGER_BYTES: Readonly<Record<number, number>> = { 1: 1, 3: 2, 4: 4, 16: 8 };
const LONG = 4;
const LONG8 = 16;

/** Reads and changes the first directory of a TIFF or BigTIFF. */
export class TiffDirectory {
  readonly file: Buffer;
  readonly #isLittle: boolean;
  readonly #isBig: boolean;
  /** Offsets of the entries, by tag. */
  readonly #entries = new Map<number, number>();

  /** @throws UserError where the directory ends behind the end of the file */
  constructor(file: Buffer) {
    this.file = file;
    this.#isLittle = file[0] === 0x49;
    this.#isBig = this.#read(2, 2) === 43;
    const directory = this.#read(this.#isBig ? 8 : 4, this.#wordBytes);
    const first = directory + (this.#isBig ? 8 : 2);
    const count = this.#read(directory, this.#isBig ? 8 : 2);
    const end = first + count * this.#entryBytes;
    if (end > file.length) throw new UserError('truncated TIFF');
    for (let at = first; at < end; at += this.#entryBytes) this.#entries.set(this.#read(at, 2), at);
  }

  /** Whether the value of a tag lies behind the end of the file. Default: any tag. */
  lacksValue(tags: Iterable<number> = this.#entries.keys()): boolean {
    for (const tag of tags) {
      const at = this.#entries.get(tag);
      if (at === undefined) continue;
      const bytes = this.#read(at + 4, this.#wordBytes) * (TYPE_BYTES[this.#read(at + 2, 2)] ?? 0);
      const start = bytes <= this.#wordBytes ? 0 : this.#read(at + 4 + this.#wordBytes, this.#wordBytes);
      if (start + bytes > this.file.length) return true;
    }
    return false;
  }

  has(tag: number): boolean {
    return this.#entries.has(tag);
  }

  /** @returns the first number of an entry, or the fallback where there is none */
  number(tag: number, fallback: number): number {
    return this.numbers(tag, 1)[0] ?? fallback;
  }

  /**
   * The numbers of an entry, at most `limit`; empty where there is none.
   * @throws UserError where they lie outside of the file
   */
  numbers(tag: number, limit = Infinity): number[] {
    const at = this.#entries.get(tag);
    if (at === undefined) return [];
    const size = INTEGER_BYTES[this.#read(at + 2, 2)] ?? 0;
    if (size === 0) return [];
    const total = this.#read(at + 4, this.#wordBytes);
    const valueAt = at + 4 + this.#wordBytes;
    const start = total * size <= this.#wordBytes ? valueAt : this.#read(valueAt, this.#wordBytes);
    const count = Math.min(total, limit);
    if (start + count * size > this.file.length) throw new UserError('truncated TIFF');
    return Array.from({ length: count }, (_, i) => this.#read(start + i * size, size));
  }

  /** Returns a copy of the file with one number in an existing entry of a 16-bit value. */
  withShort(tag: number, value: number): TiffDirectory {
    const copy = Buffer.from(this.file);
    const at = this.#entries.get(tag);
    if (at !== undefined) this.#write(copy, at + 4 + this.#wordBytes, 2, value);
    return new TiffDirectory(copy);
  }

  /** Returns a copy of the file with other blocks of pixels. They and their positions are appended. */
  withBlocks(offsetsTag: number, bytesTag: number, blocks: readonly Buffer[]): Buffer {
    const word = this.#wordBytes;
    const head = Buffer.from(this.file);
    const offsets = Buffer.alloc(blocks.length * word);
    const lengths = Buffer.alloc(blocks.length * word);
    const tables = head.length;
    let end = tables + 2 * blocks.length * word;
    for (const [i, block] of blocks.entries()) {
      this.#write(offsets, i * word, word, end);
      this.#write(lengths, i * word, word, block.length);
      end += block.length;
    }
    this.#setTable(head, offsetsTag, offsets, tables);
    this.#setTable(head, bytesTag, lengths, tables + offsets.length);
    return Buffer.concat([head, offsets, lengths, ...blocks]);
  }

  #setTable(head: Buffer, tag: number, table: Buffer, position: number): void {
    const at = this.#entries.get(tag);
    if (at === undefined) return;
    const word = this.#wordBytes;
    this.#write(head, at + 2, 2, this.#isBig ? LONG8 : LONG);
    this.#write(head, at + 4, word, table.length / word);
    // A single value is stored in the entry itself.
    if (table.length === word) head.set(table, at + 4 + word);
    else this.#write(head, at + 4 + word, word, position);
  }

  /** Bytes of an offset. */
  get #wordBytes(): 4 | 8 {
    return this.#isBig ? 8 : 4;
  }

  get #entryBytes(): 12 | 20 {
    return this.#isBig ? 20 : 12;
  }

  #read(at: number, bytes: number): number {
    if (at + bytes > this.file.length) throw new UserError('truncated TIFF');
    if (bytes === 8) return Number(this.#isLittle ? this.file.readBigUInt64LE(at) : this.file.readBigUInt64BE(at));
    return this.#isLittle ? this.file.readUIntLE(at, bytes) : this.file.readUIntBE(at, bytes);
  }

  #write(to: Buffer, at: number, bytes: number, value: number): void {
    if (bytes === 8) {
      if (this.#isLittle) to.writeBigUInt64LE(BigInt(value), at);
      else to.writeBigUInt64BE(BigInt(value), at);
    } else if (this.#isLittle) to.writeUIntLE(value, at, bytes);
    else to.writeUIntBE(value, at, bytes);
  }
}
