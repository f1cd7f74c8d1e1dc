/**
 * Decodes images with damaged headers, one after another, and prints those that take more memory than their decoders
 * announced, as JSON. Arguments: the number of images and the seed. Linux only.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { crc32 } from 'node:zlib';
import { messageOf } from '../../../src/base/userError.ts';
import type { ImageInput } from '../../../src/clip/base/manifest.ts';
import type { DecodeOptions } from '../../../src/clip/images/decoding/decodeOptions.ts';
import { DecodeQueue, type QueueOptions } from '../../../src/clip/images/decoding/decodeQueue.ts';
import { isPng } from '../../../src/clip/images/formats/png.ts';
import { DECODE_LIMITS } from '../../../src/clip/images/limits.ts';
import { preprocessImage } from '../../../src/clip/images/preprocess.ts';
import { baseImage, FORMATS, type Format } from '../../../tools/torture/images/baseImages.ts';
import { mutate } from '../../../tools/torture/images/mutations.ts';
import { randomOf } from '../../../tools/torture/random.ts';

/** Memory that the process itself takes in addition: garbage, and pages that the allocator keeps. */
const SLACK = 64_000_000;
const fixtures = path.resolve(import.meta.dirname, '../../parity/fixtures/formats');
const input: ImageInput = {
  ...{ graph: '', size: 224, resize: 'longest', interpolation: 'area' },
  background: [255, 255, 255],
};

/** Records the memory that work announces. */
class RecordingQueue extends DecodeQueue {
  announced = 0;

  override run<T>(work: () => Promise<T>, options: QueueOptions): Promise<T> {
    this.announced = Math.max(this.announced, options.bytes ?? 0);
    return super.run(work, options);
  }
}

const [count = 0, seed = 0] = process.argv.slice(2).map(Number);
const samples: { readonly name: string; readonly bytes: Buffer }[] = [];
for (const name of await readdir(fixtures)) {
  if (!name.endsWith('.json')) samples.push({ name, bytes: await readFile(path.join(fixtures, name)) });
}
for (const format of FORMATS) {
  for (const number of [0, 1]) samples.push({ name: `${number}.${format}`, bytes: await baseImage(format, number) });
}
const exceeding: string[] = [];
let decoded = 0;
for (let i = 0; i < count; i++) {
  const random = randomOf(seed, 'memory', i);
  const { name, bytes } = random.pick(samples) ?? { name: '', bytes: Buffer.alloc(0) };
  const format = isPng(bytes) ? 'png' : (path.extname(name).slice(1) as Format);
  const { bytes: damaged, how } = mutate(Buffer.from(bytes), format, random);
  if (isPng(damaged) && damaged.length > 33) damaged.writeUInt32BE(crc32(damaged.subarray(12, 29)), 29);
  const options: DecodeOptions & { readonly queue: RecordingQueue } = {
    queue: new RecordingQueue(),
    limits: DECODE_LIMITS,
  };
  writeFileSync('/proc/self/clear_refs', '5'); // resets the peak
  const before = megabytes('VmRSS');
  const outcome = await preprocessImage({ name, bytes: damaged }, input, options).then(
    () => 'decoded',
    (error: unknown) => messageOf(error),
  );
  if (outcome === 'decoded') decoded++;
  const taken = megabytes('VmHWM') - before;
  const announced = (options.queue.announced + damaged.length) / 1e6;
  if (taken > announced + SLACK / 1e6)
    exceeding.push(`${i} ${name} (${how}): ${taken.toFixed(0)} MB instead of ${announced.toFixed(0)} MB; ${outcome}`);
}
process.stdout.write(JSON.stringify({ decoded, exceeding }));

function megabytes(field: 'VmRSS' | 'VmHWM'): number {
  const status = readFileSync('/proc/self/status', 'utf8');
  return (Number(new RegExp(`^${field}:\\s+(\\d+)`, 'm').exec(status)?.[1]) * 1024) / 1e6;
}
