import { TAG } from './directory.ts';

const PACK_BITS = 32773;

/** Planes of pixels, to be written as a TIFF in big-endian order. */
export interface Planes {
  readonly width: number;
  readonly height: number;
  readonly bits: number;
  /** TIFF 6.0, section 8 and those of the colour spaces. */
  readonly photometric: number;
  readonly isFloat: boolean;
  readonly isPackBits: boolean;
  readonly hasAlpha: boolean;
  readonly rowsPerStrip: number;
  /** [planes][strips]: the bytes of some rows. */
  readonly strips: readonly (readonly Buffer[])[];
  /** [3, 256], 16 bits; for indices. */
  readonly colourMap: readonly number[] | null;
  readonly profile: Buffer | null;
}

type Entry = readonly [tag: number, type: number, values: readonly number[] | Buffer];

const [SHORT, LONG, UNDEFINED] = [3, 4, 7];
const TYPE_BYTES: Readonly<Record<number, number>> = { [SHORT]: 2, [LONG]: 4, [UNDEFINED]: 1 };
const [EXTRA_SAMPLES, SAMPLE_FORMAT, COLOUR_MAP, PROFILE] = [338, 339, 320, 34675];

/** Writes planes as a TIFF, so that libtiff decodes and converts them. */
export function writeTiff(planes: Planes): Buffer {
  const strips = planes.strips.flat();
  const offsets: number[] = [];
  // The size of the directory does not depend on the offsets.
  let end = directoryOf(
    planes,
    strips,
    strips.map(() => 0),
  ).length;
  for (const { length } of strips) {
    offsets.push(end);
    end += length;
  }
  return Buffer.concat([directoryOf(planes, strips, offsets), ...strips]);
}

function directoryOf(planes: Planes, strips: readonly Buffer[], offsets: readonly number[]): Buffer {
  const samples = planes.strips.length;
  const repeated = (value: number): number[] => Array<number>(samples).fill(value);
  const entries: Entry[] = [
    [TAG.width, LONG, [planes.width]],
    [TAG.height, LONG, [planes.height]],
    [TAG.bits, SHORT, repeated(planes.bits)],
    [TAG.compression, SHORT, [planes.isPackBits ? PACK_BITS : 1]],
    [TAG.photometric, SHORT, [planes.photometric]],
    [TAG.stripOffsets, LONG, offsets],
    [TAG.samples, SHORT, [samples]],
    [TAG.rowsPerStrip, LONG, [planes.rowsPerStrip]],
    [TAG.stripBytes, LONG, strips.map(({ length }) => length)],
    [TAG.planar, SHORT, [2]],
    ...(planes.colourMap ? ([[COLOUR_MAP, SHORT, planes.colourMap]] as const) : []),
    ...(planes.hasAlpha ? ([[EXTRA_SAMPLES, SHORT, [2]]] as const) : []),
    ...(planes.isFloat ? ([[SAMPLE_FORMAT, SHORT, repeated(3)]] as const) : []),
    ...(planes.profile ? ([[PROFILE, UNDEFINED, planes.profile]] as const) : []),
  ];
  return serialize(entries);
}

function serialize(entries: readonly Entry[]): Buffer {
  const head = Buffer.alloc(8 + 2 + 12 * entries.length + 4);
  head.write('MM\0*', 'latin1');
  head.writeUInt32BE(8, 4);
  head.writeUInt16BE(entries.length, 8);
  const tables: Buffer[] = [];
  let end = head.length;
  for (const [i, [tag, type, values]] of entries.entries()) {
    const at = 10 + 12 * i;
    const table = tableOf(type, values);
    head.writeUInt16BE(tag, at);
    head.writeUInt16BE(type, at + 2);
    head.writeUInt32BE(values.length, at + 4);
    if (table.length <= 4) {
      head.set(table, at + 8);
      continue;
    }
    head.writeUInt32BE(end, at + 8);
    const padded = table.length % 2 === 0 ? table : Buffer.concat([table, Buffer.alloc(1)]);
    tables.push(padded);
    end += padded.length;
  }
  return Buffer.concat([head, ...tables]);
}

function tableOf(type: number, values: readonly number[] | Buffer): Buffer {
  if (Buffer.isBuffer(values)) return values;
  const size = TYPE_BYTES[type] ?? 1;
  const table = Buffer.alloc(values.length * size);
  for (const [i, value] of values.entries()) table.writeUIntBE(value, i * size, size);
  return table;
}
