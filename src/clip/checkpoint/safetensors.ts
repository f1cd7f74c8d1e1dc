import { stat } from 'node:fs/promises';
import path from 'node:path';
import * as z from 'zod';
import { parseJson } from '../../base/parseJson.ts';
import { openRegularFile, readRegularText } from '../../base/regularFile.ts';
import { UserError, messageOf } from '../../base/userError.ts';

/** Bytes of the element types that a checkpoint may have; the format has more types. */
const elementBytes: Readonly<Record<string, number>> = {
  F64: 8,
  F32: 4,
  F16: 2,
  BF16: 2,
  I64: 8,
  I32: 4,
  I16: 2,
  I8: 1,
  U8: 1,
  BOOL: 1,
};

/** Limit that protects against damaged files. The largest CLIP has about 1,500 tensors. */
const MOST_TENSORS = 50_000;
/** In bytes: 300 for each of the most tensors. */
const LARGEST_HEADER = 15_000_000;
const LENGTH_BYTES = 8;
/** Maximum size of the list of the files of the weights, in bytes. */
const LARGEST_INDEX = 20_000_000;

const entrySchema = z.object({
  dtype: z.string(),
  shape: z.array(z.int().nonnegative()),
  data_offsets: z.tuple([z.int().nonnegative(), z.int().nonnegative()]),
});
const headerSchema = z.record(z.string(), z.unknown());
const indexSchema = z.object({ weight_map: z.record(z.string(), z.string()) });

/** The location of a tensor of a checkpoint. */
export interface StoredTensor {
  readonly name: string;
  readonly type: string;
  readonly shape: readonly number[];
  readonly file: string;
  /** From the start of the file, in bytes. */
  readonly offset: number;
  readonly byteLength: number;
}

/**
 * Reads the header of a .safetensors file: 8 bytes with the length of a JSON object, the object, and then the tensors,
 * which fill the rest of the file without gaps or overlaps.
 * @throws UserError where the file is truncated, inconsistent, or of another format
 */
export async function readSafetensorsHeader(file: string): Promise<Map<string, StoredTensor>> {
  const damaged = (problem: string): UserError =>
    new UserError(`${file} is damaged: ${problem}. Download or export the checkpoint again.`);
  const { length, text, fileBytes } = await readHeaderText(file, damaged);
  let json: unknown;
  try {
    json = parseJson(text);
  } catch (error) {
    throw damaged(`its header is not JSON (${messageOf(error)})`);
  }
  const header = headerSchema.safeParse(json);
  if (!header.success) throw damaged('its header is not a JSON object');

  const dataStart = LENGTH_BYTES + length;
  const entries = Object.entries(header.data).filter(([name]) => name !== '__metadata__');
  if (entries.length > MOST_TENSORS) throw damaged(`its header lists ${entries.length} tensors`);
  const tensors = entries
    .map(([name, entry]) => parseEntry(name, entry, file, dataStart, damaged))
    .sort((a, b) => a.offset - b.offset || a.byteLength - b.byteLength);

  let end = dataStart;
  for (const { name, offset, byteLength } of tensors) {
    if (offset !== end) {
      throw damaged(`tensor "${name}" begins at byte ${offset} instead of ${end} (a gap or an overlap)`);
    }
    end += byteLength;
  }
  if (end !== fileBytes) {
    const difference = fileBytes < end ? 'it is truncated' : 'extra bytes follow its last tensor';
    throw damaged(`it has ${fileBytes} bytes, but its header describes ${end} (${difference})`);
  }
  return new Map(tensors.map((tensor) => [tensor.name, tensor]));
}

/**
 * Reads the headers of all files in a model.safetensors.index.json.
 * @throws UserError where the index is damaged, or a file or a tensor of the index is missing
 */
export async function readShardedHeader(indexFile: string): Promise<Map<string, StoredTensor>> {
  const problem = (clause: string): UserError =>
    new UserError(`${indexFile} ${clause}. Download the checkpoint again, with all of its .safetensors files.`);
  let index;
  try {
    index = indexSchema.parse(parseJson(await readRegularText(indexFile, LARGEST_INDEX)));
  } catch (error) {
    throw problem(`cannot be read as an index of tensors (${messageOf(error)})`);
  }
  const tensors = new Map<string, StoredTensor>();
  for (const shard of new Set(Object.values(index.weight_map))) {
    // The index was downloaded, so it must not refer to files outside of its folder.
    if (path.basename(shard) !== shard) throw problem(`refers to "${shard}", which is not a file in the same folder`);
    const file = path.join(path.dirname(indexFile), shard);
    const exists = await stat(file).then(
      () => true,
      () => false,
    );
    if (!exists) throw problem(`refers to ${shard}, which is missing`);
    for (const [name, tensor] of await readSafetensorsHeader(file)) tensors.set(name, tensor);
  }
  const missing = Object.keys(index.weight_map).filter((name) => !tensors.has(name));
  if (missing.length > 0) throw problem(`lists tensors that no file contains: ${missing.slice(0, 5).join(', ')}`);
  return tensors;
}

type Damaged = (problem: string) => UserError;

async function readHeaderText(
  file: string,
  damaged: Damaged,
): Promise<{ readonly length: number; readonly text: string; readonly fileBytes: number }> {
  const { handle, size: fileBytes } = await openRegularFile(file).catch((error: unknown) => {
    throw new UserError(`${file} cannot be opened (${messageOf(error)}). Check the file, or download it again.`);
  });
  try {
    const lengthBytes = Buffer.alloc(LENGTH_BYTES);
    const { bytesRead } = await handle.read(lengthBytes, 0, LENGTH_BYTES, 0);
    if (bytesRead < LENGTH_BYTES) throw damaged(`it has only ${fileBytes} bytes`);
    const length = Number(lengthBytes.readBigUInt64LE());
    if (length > LARGEST_HEADER) throw damaged(`its first bytes declare a header of ${length} bytes`);
    if (LENGTH_BYTES + length > fileBytes) throw damaged(`its header of ${length} bytes is truncated`);
    const bytes = Buffer.alloc(length);
    await handle.read(bytes, 0, length, LENGTH_BYTES);
    return { length, text: bytes.toString('utf8'), fileBytes };
  } finally {
    await handle.close();
  }
}

function parseEntry(name: string, json: unknown, file: string, dataStart: number, damaged: Damaged): StoredTensor {
  const entry = entrySchema.safeParse(json);
  if (!entry.success) throw damaged(`its entry for tensor "${name}" is malformed`);
  const { dtype, shape, data_offsets: offsets } = entry.data;
  const [begin, end] = offsets;
  const bytes = elementBytes[dtype];
  if (bytes === undefined) {
    throw new UserError(
      `Tensor "${name}" of ${file} has the unsupported type ${dtype}. Convert the weights to F32, F16 or BF16 first.`,
    );
  }
  const expected = shape.reduce((product, size) => product * size, bytes);
  if (end - begin !== expected) {
    throw damaged(`tensor "${name}", ${dtype} [${shape.join(', ')}], needs ${expected} bytes but has ${end - begin}`);
  }
  return { name, type: dtype, shape, file, offset: dataStart + begin, byteLength: expected };
}
