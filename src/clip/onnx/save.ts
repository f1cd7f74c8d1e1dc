import { createHash } from 'node:crypto';
import { open, type FileHandle } from 'node:fs/promises';
import path from 'node:path';
import { encodeModel, type ExternalData } from './encode.ts';
import type { Graph } from './graph.ts';
import type { LazyBytes, Tensor } from './tensor.ts';

/**
 * A protobuf message is limited to 2 GiB, and ONNX Runtime needs twice the memory for a large single file as for
 * external data.
 */
const LARGEST_SINGLE_FILE = 1 << 30;
/**
 * Smaller constants, such as shapes, stay in the model, because ONNX Runtime needs them while it optimises the graph.
 */
const SMALLEST_EXTERNAL = 1024;
/** Weights start at page boundaries, so that they can be mapped into memory. */
const ALIGNMENT = 4096;

export interface SaveOptions {
  /** `auto` puts weights of more than 1 GiB into `<file>.data`. */
  readonly externalData?: 'auto' | 'always' | 'never';
  /** Called with the number of bytes of each piece after it was written. */
  readonly onWritten?: (bytes: number) => void;
  readonly signal?: AbortSignal;
}

/**
 * Writes a model, one weight at a time. Not atomic: write into a folder that is renamed when it is complete.
 * @returns the names of the files written, in the folder of `file`
 */
export async function saveModel(graph: Graph, file: string, options: SaveOptions = {}): Promise<string[]> {
  const { externalData = 'auto' } = options;
  const isExternal = externalData === 'always' || (externalData === 'auto' && weightBytes(graph) > LARGEST_SINGLE_FILE);
  if (!isExternal) {
    await writeParts(file, encodeModel(graph), options);
    return [path.basename(file)];
  }
  const location = `${path.basename(file)}.data`;
  const places = placeExternally(graph, location);
  await writeParts(
    file,
    encodeModel(graph, (name) => places.get(name) ?? null),
    options,
  );
  await writeParts(path.join(path.dirname(file), location), externalParts(graph, places), options);
  return [path.basename(file), location];
}

/**
 * Writes several models that share one weight file, which contains equal weights once. Not atomic, like saveModel.
 * @param models each with its file; all in one folder
 * @param location name of the weight file in that folder
 */
export async function saveSharingWeights(
  models: readonly { readonly graph: Graph; readonly file: string }[],
  location: string,
  options: Omit<SaveOptions, 'externalData'> = {},
): Promise<void> {
  const folder = path.dirname(models[0]?.file ?? '.');
  const offsets = new Map<string, number>(); // by content, because graphs have different names for a weight
  const placed: { readonly graph: Graph; readonly file: string; readonly places: Map<string, ExternalData> }[] = [];
  await writing(path.join(folder, location), async (handle) => {
    let end = 0;
    for (const { graph, file } of models) {
      const places = new Map<string, ExternalData>();
      for (const [name, { data }] of graph.constants) {
        if (data.byteLength < SMALLEST_EXTERNAL) continue;
        options.signal?.throwIfAborted();
        const bytes = await bytesOfPart(data);
        const digest = createHash('sha256').update(bytes).digest('hex');
        let offset = offsets.get(digest);
        if (offset === undefined) {
          offset = Math.ceil(end / ALIGNMENT) * ALIGNMENT;
          await writeAll(handle, new Uint8Array(offset - end));
          await writeAll(handle, bytes);
          end = offset + bytes.byteLength;
          offsets.set(digest, offset);
        }
        places.set(name, { location, offset });
        options.onWritten?.(bytes.byteLength);
      }
      placed.push({ graph, file, places });
    }
  });
  for (const { graph, file, places } of placed) {
    await writeParts(
      file,
      encodeModel(graph, (name) => places.get(name) ?? null),
      { ...(options.signal && { signal: options.signal }) },
    );
  }
}

/** Size of all constants of a graph, in bytes. */
export function weightBytes(graph: Graph): number {
  let sum = 0;
  for (const { data } of graph.constants.values()) sum += data.byteLength;
  return sum;
}

function placeExternally(graph: Graph, location: string): Map<string, ExternalData> {
  const places = new Map<string, ExternalData>();
  let end = 0;
  for (const [name, { data }] of graph.constants) {
    if (data.byteLength < SMALLEST_EXTERNAL) continue;
    const offset = Math.ceil(end / ALIGNMENT) * ALIGNMENT;
    places.set(name, { location, offset });
    end = offset + data.byteLength;
  }
  return places;
}

function* externalParts(graph: Graph, places: ReadonlyMap<string, ExternalData>): Generator<Tensor['data']> {
  let end = 0;
  for (const [name, { data }] of graph.constants) {
    const external = places.get(name);
    if (!external) continue;
    if (external.offset > end) yield new Uint8Array(external.offset - end);
    yield data;
    end = external.offset + data.byteLength;
  }
}

async function writeParts(file: string, parts: Iterable<Uint8Array | LazyBytes>, options: SaveOptions): Promise<void> {
  await writing(file, async (handle) => {
    for (const part of parts) {
      options.signal?.throwIfAborted();
      await writeAll(handle, await bytesOfPart(part));
      options.onWritten?.(part.byteLength);
    }
  });
}

async function writing(file: string, write: (handle: FileHandle) => Promise<void>): Promise<void> {
  const handle = await open(file, 'w');
  try {
    await write(handle);
    // The folder gets its name afterwards. Without sync, a power failure could leave that name with missing bytes.
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function bytesOfPart(part: Uint8Array | LazyBytes): Promise<Uint8Array> {
  if (part instanceof Uint8Array) return part;
  const bytes = await part.read();
  // Lengths that depend on this size are already written.
  if (bytes.byteLength !== part.byteLength) {
    throw new Error(`A weight has ${bytes.byteLength} bytes instead of ${part.byteLength}`);
  }
  return bytes;
}

async function writeAll(handle: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let written = 0; written < bytes.byteLength;) {
    const result = await handle.write(bytes, written);
    written += result.bytesWritten;
  }
}
