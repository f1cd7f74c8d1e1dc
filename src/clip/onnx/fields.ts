import { open, type FileHandle } from 'node:fs/promises';
import { fromBinary, type DescMessage, type MessageShape } from '@bufbuild/protobuf';
import { BinaryReader, WireType } from '@bufbuild/protobuf/wire';
import { UserError } from '../../base/userError.ts';
import { ModelProtoSchema } from './onnx_pb.ts';

/** Enough for the heads of several fields; weights between them are passed over unread. */
const WINDOW = 4096;
/** A description of an input, or the name of a weight, is far below this. */
const LARGEST_DESCRIPTION = 1 << 16;

/** Where in a file a protobuf field lies. */
export interface Field {
  readonly number: number;
  readonly isMessage: boolean;
  /** Of its tag. */
  readonly from: number;
  /** Of its content. */
  readonly start: number;
  readonly end: number;
}

/**
 * Reads of an ONNX file what is wanted of it, past weights of any size.
 * @throws UserError where it is no ONNX model or is cut off
 */
export async function reading<T>(file: string, work: (read: Reader) => Promise<T>): Promise<T> {
  const handle = await open(file);
  try {
    const damaged = (): never => {
      throw new UserError(`${file} is no ONNX model, or it is cut off. Download it again.`);
    };
    return await work(windowedReader(handle, (await handle.stat()).size, damaged));
  } finally {
    await handle.close();
  }
}

/** Where the graph of a model lies. */
export async function graphOf(read: Reader): Promise<Field> {
  let graph: Field | undefined;
  for await (const one of fieldsOf(read, 0, read.size)) {
    if (one.number === ModelProtoSchema.field.graph.number && one.isMessage) graph = one;
  }
  return graph ?? read.damaged();
}

/** A small message. */
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

export interface Reader {
  readonly size: number;
  readonly damaged: () => never;
  /** At least `length` bytes from there on, or all that are left. */
  bytes(at: number, length: number): Promise<Uint8Array>;
  /** A piece that is wanted whole, by default a small one. */
  description(start: number, end: number, most?: number): Promise<Uint8Array>;
}

function windowedReader(handle: FileHandle, size: number, damaged: () => never): Reader {
  let window = new Uint8Array(0);
  let from = 0;
  const bytes = async (at: number, length: number): Promise<Uint8Array> => {
    if (at < from || at + length > from + window.byteLength) {
      const wanted = new Uint8Array(Math.min(Math.max(WINDOW, length), size - at));
      const { bytesRead } = await handle.read(wanted, 0, wanted.byteLength, at);
      window = wanted.subarray(0, bytesRead);
      from = at;
    }
    return window.subarray(at - from);
  };
  return {
    size,
    damaged,
    bytes,
    async description(start, end, most = LARGEST_DESCRIPTION) {
      if (end - start > most) damaged();
      return (await bytes(start, end - start)).slice(0, end - start);
    },
  };
}

/** The fields of a protobuf message that lies in a file from `start` to `end`. */
export async function* fieldsOf(read: Reader, start: number, end: number): AsyncGenerator<Field> {
  const LONGEST_HEAD = 20;
  for (let at = start; at < end;) {
    const one = headOf(await read.bytes(at, Math.min(LONGEST_HEAD, end - at)), at, read);
    if (one.end > end) read.damaged();
    yield one;
    at = one.end;
  }
}

function headOf(bytes: Uint8Array, at: number, read: Reader): Field {
  try {
    const reader = new BinaryReader(bytes);
    const [number, type] = reader.tag();
    if (type === WireType.LengthDelimited) {
      const length = reader.uint32();
      return { number, isMessage: true, from: at, start: at + reader.pos, end: at + reader.pos + length };
    }
    reader.skip(type, number);
    return { number, isMessage: false, from: at, start: at, end: at + reader.pos };
  } catch {
    return read.damaged();
  }
}
