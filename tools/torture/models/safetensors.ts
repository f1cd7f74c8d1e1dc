/** The header of a safetensors file, as far as a hostile file needs it. */
export interface TensorEntry {
  dtype: string;
  shape: number[];
  data_offsets: [number, number];
}

export interface SafetensorsFile {
  readonly header: Record<string, TensorEntry>;
  readonly data: Buffer;
}

export function parseSafetensors(bytes: Buffer): SafetensorsFile {
  const length = Number(bytes.readBigUInt64LE(0));
  const header = JSON.parse(bytes.subarray(8, 8 + length).toString()) as Record<string, TensorEntry>;
  return { header, data: Buffer.from(bytes.subarray(8 + length)) };
}

/** @param length length of the header that the file claims. Default: the true one */
export function safetensors(header: string, data: Buffer, length = BigInt(Buffer.byteLength(header))): Buffer {
  const start = Buffer.alloc(8);
  start.writeBigUInt64LE(length);
  return Buffer.concat([start, Buffer.from(header), data]);
}
