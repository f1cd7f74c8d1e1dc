import type { FileHandle } from 'node:fs/promises';
import { fromBinary, type DescMessage, type MessageShape } from '@bufbuild/protobuf';
import { BinaryReader, WireType } from '@bufbuild/protobuf/wire';
import { openRegularFile } from '../../base/regularFile.ts';
import { UserError, messageOf } from '../../base/userError.ts';
import { ModelProtoSchema } from './onnx_pb.ts';

/** Bytes to read at once: enough for the tags of several fields. Weights between them are skipped. */
const WINDOW = 4096;
/** Far more than the description of an input or the name of a weight takes. */
const MAX_DESCRIPTION = 1 << 16;

/** The position of a protobuf field in a file. */
export interface Field {
  readonly number: number;
  readonly isMessage: boolean;
  /** Start of its tag. */
  readonly from: number;
  /** Start of its content. */
  readonly start: number;
  readonly end: number;
}

/**
 * Opens an ONNX file for reading parts of it, without its weights.
 * @throws UserError where it is not an ONNX model, or is truncated
 */
export async function withReader<T>(file: string, work: (read: Reader) => Promise<T>): Promise<T> {
  const { handle, size } = await openRegularFile(file).catch((error: unknown) => {
    throw new UserError(`${file} cannot be opened (${messageOf(error)}). Install or convert the model again.`);
  });
  try {
    const damaged = (): never => {
      throw new UserError(`${file} is not an ONNX model, or it is truncated. Download it again.`);
    };
    return await work(new Reader(handle, size, damaged));
  } finally {
    await handle.close();
  }
}

/** The field with the graph of a model. */
export async function graphOf(read: Reader): Promise<Field> {
  let graph: Field | undefined;
  for await (const entry of fieldsOf(read, 0, read.size)) {
    if (entry.number === ModelProtoSchema.field.graph.number && entry.isMessage) graph = entry;
  }
  return graph ?? read.damaged();
}

/** Decodes a small message. */
export async function decoded<S extends DescMessage>(
  schema: S,
  read: Reader,
  { start, end }: Field,
): Promise<MessageShape<S>> {
  const bytes = await read.description(start, end);
  try {
    return fromBinary(schema, bytes);
  } catch {
    return read.damaged();
  }
}

/** Reads pieces of a file through a window, so that small neighbouring pieces need one access. */
export class Reader {
  readonly size: number;
  /** Throws the error for a damaged file. */
  readonly damaged: () => never;
  readonly #handle: FileHandle;
  #window = new Uint8Array(0);
  #windowStart = 0;

  constructor(handle: FileHandle, size: number, damaged: () => never) {
    this.#handle = handle;
    this.size = size;
    this.damaged = damaged;
  }

  /** At least `length` bytes from a position on, or all remaining bytes. */
  async bytes(position: number, length: number): Promise<Uint8Array> {
    const end = this.#windowStart + this.#window.byteLength;
    if (position < this.#windowStart || position + length > end) {
      const buffer = new Uint8Array(Math.min(Math.max(WINDOW, length), this.size - position));
      const { bytesRead } = await this.#handle.read(buffer, 0, buffer.byteLength, position);
      this.#window = buffer.subarray(0, bytesRead);
      this.#windowStart = position;
    }
    return this.#window.subarray(position - this.#windowStart);
  }

  /** A complete message of limited size. */
  async description(start: number, end: number, maxBytes = MAX_DESCRIPTION): Promise<Uint8Array> {
    if (end - start > maxBytes) this.damaged();
    return (await this.bytes(start, end - start)).slice(0, end - start);
  }
}

/** The fields of a protobuf message from `start` to `end` of a file. */
export async function* fieldsOf(read: Reader, start: number, end: number): AsyncGenerator<Field> {
  const MAX_TAG = 20;
  for (let position = start; position < end;) {
    const entry = fieldAt(await read.bytes(position, Math.min(MAX_TAG, end - position)), position, read);
    if (entry.end > end) read.damaged();
    yield entry;
    position = entry.end;
  }
}

function fieldAt(bytes: Uint8Array, position: number, read: Reader): Field {
  try {
    const reader = new BinaryReader(bytes);
    const [number, type] = reader.tag();
    if (type === WireType.LengthDelimited) {
      const length = reader.uint32();
      const start = position + reader.pos;
      return { number, isMessage: true, from: position, start, end: start + length };
    }
    reader.skip(type, number);
    return { number, isMessage: false, from: position, start: position, end: position + reader.pos };
  } catch {
    return read.damaged();
  }
}
