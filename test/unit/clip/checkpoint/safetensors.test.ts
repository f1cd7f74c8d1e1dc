import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { readSafetensorsHeader, readShardedHeader } from '../../../../src/clip/checkpoint/safetensors.ts';
import { StoredParameters } from '../../../../src/clip/checkpoint/storedParameters.ts';
import { readFloats } from '../../../../src/clip/checkpoint/readFloats.ts';
import { UserError } from '../../../../src/base/userError.ts';

function safetensors(header: unknown, data: Uint8Array = new Uint8Array()): Buffer {
  const json = Buffer.from(typeof header === 'string' ? header : JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(json.byteLength));
  return Buffer.concat([length, json, data]);
}

describe('the safetensors reader', () => {
  let folder: string;
  let file: string;
  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'assetlens-safetensors-'));
    file = path.join(folder, 'model.safetensors');
  });
  after(() => rm(folder, { recursive: true }));

  const one = (type: string, shape: readonly number[], from: number, to: number) => ({
    dtype: type,
    shape,
    data_offsets: [from, to],
  });

  it('converts every float type to float32', async () => {
    const values = [0.5, -1.25, 3, 65504];
    const data = Buffer.concat([
      Buffer.from(Float32Array.from(values).buffer),
      Buffer.from(Float16Array.from(values).buffer),
      Buffer.from(Uint16Array.from([0x3f00, 0xbfa0, 0x4040, 0x4780]).buffer), // 65536 is the nearest bfloat16 of 65504
      Buffer.from(Float64Array.from(values).buffer),
    ]);
    const header = {
      __metadata__: { format: 'pt' },
      half: one('F16', [4], 16, 24),
      full: one('F32', [2, 2], 0, 16),
      brain: one('BF16', [4], 24, 32),
      double: one('F64', [4], 32, 64),
    };
    await writeFile(file, safetensors(header, data));
    const tensors = await readSafetensorsHeader(file);
    assert.deepEqual([...tensors.keys()], ['full', 'half', 'brain', 'double']);
    assert.deepEqual(tensors.get('full')?.shape, [2, 2]);
    for (const [name, tensor] of tensors) {
      const expected = name === 'brain' ? [0.5, -1.25, 3, 65536] : values;
      assert.deepEqual([...(await readFloats(tensor))], expected, name);
    }
  });

  const pair = { a: one('F32', [2], 0, 8), b: one('I64', [], 8, 16) };
  const damaged: readonly (readonly [string, Uint8Array, RegExp])[] = [
    ['is empty', new Uint8Array(), /has only 0 bytes/],
    [
      'lists too many tensors',
      safetensors(Object.fromEntries(Array.from({ length: 50_001 }, (_, i) => [`t${i}`, 1]))),
      /lists 50001 tensors/,
    ],
    ['is an error page', Buffer.from('<!DOCTYPE html><html>Not found</html>'), /declare a header of/],
    ['is cut in its header', safetensors(pair).subarray(0, 30), /header of \d+ bytes is truncated/],
    ['is cut in its tensors', safetensors(pair, new Uint8Array(12)), /describes \d+ \(it is truncated\)/],
    ['has bytes after its tensors', safetensors(pair, new Uint8Array(20)), /bytes follow its last tensor/],
    ['has a header that is not JSON', safetensors('{"a":'), /is not JSON/],
    ['has a header that is not an object', safetensors('[1]'), /is not a JSON object/],
    ['has a malformed entry', safetensors({ a: { dtype: 'F32' } }), /entry for tensor "a" is malformed/],
    [
      'has overlapping tensors',
      safetensors({ a: one('F32', [2], 0, 8), b: one('F32', [2], 4, 12) }, new Uint8Array(12)),
      /tensor "b" begins at byte \d+ instead of \d+/,
    ],
    [
      'has a tensor shorter than its shape',
      safetensors({ a: one('F32', [3], 0, 8) }, new Uint8Array(8)),
      /needs 12 bytes but has 8/,
    ],
    ['has an unknown type', safetensors({ a: one('F8_E4M3', [8], 0, 8) }, new Uint8Array(8)), /type F8_E4M3/],
  ];
  for (const [what, bytes, message] of damaged) {
    it(`reports a file that ${what}`, async () => {
      await writeFile(file, bytes);
      await assert.rejects(readSafetensorsHeader(file), (error) => {
        assert.ok(error instanceof UserError);
        assert.match(error.message, message);
        assert.ok(error.message.includes(file));
        return true;
      });
    });
  }

  it('multiplies int8 weights by the scale of their output', async () => {
    const scales = Buffer.from(Float32Array.of(0.5, 2).buffer);
    const header = { w: one('I8', [2, 3], 8, 14), w_scale: one('F32', [2], 0, 8) };
    await writeFile(
      file,
      safetensors(header, Buffer.concat([scales, Buffer.from(Int8Array.of(-127, 0, 127, 1, 2, -3))])),
    );
    const parameters = new StoredParameters(await readSafetensorsHeader(file), folder);
    const weight = parameters.take('w', [2, 3]);
    parameters.assertAllTaken();
    assert.deepEqual([...(await weight.read())], [-63.5, 0, 63.5, 2, 4, -6]);
  });

  it('reports the missing scale of an int8 weight', async () => {
    await writeFile(file, safetensors({ w: one('I8', [2], 0, 2) }, new Uint8Array(2)));
    const parameters = new StoredParameters(await readSafetensorsHeader(file), folder);
    parameters.take('w', [2]);
    assert.throws(() => {
      parameters.assertAllTaken();
    }, /Missing tensors: w_scale/);
  });

  it('refuses weights of an integer type', async () => {
    await writeFile(file, safetensors(pair, new Uint8Array(16)));
    const tensor = (await readSafetensorsHeader(file)).get('b');
    assert.ok(tensor);
    await assert.rejects(readFloats(tensor), /"b" .* has the type I64, but weights must be F32, F16 or BF16/);
  });

  it('reads all files of an index, and reports which one is missing', async () => {
    const index = path.join(folder, 'model.safetensors.index.json');
    const first = safetensors({ a: one('F32', [1], 0, 4) }, new Uint8Array(4));
    await writeFile(path.join(folder, 'part-1.safetensors'), first);
    await writeFile(index, JSON.stringify({ weight_map: { a: 'part-1.safetensors', b: 'part-2.safetensors' } }));
    await assert.rejects(readShardedHeader(index), /refers to part-2.safetensors, which is missing/);
    await writeFile(path.join(folder, 'part-2.safetensors'), first);
    await assert.rejects(readShardedHeader(index), /lists tensors that no file contains: b/);
    const second = safetensors({ b: one('F32', [1], 0, 4) }, new Uint8Array(4));
    await writeFile(path.join(folder, 'part-2.safetensors'), second);
    assert.deepEqual([...(await readShardedHeader(index)).keys()], ['a', 'b']);
  });

  it('refuses an index with files outside of its folder', async () => {
    const index = path.join(folder, 'escape.index.json');
    await writeFile(index, JSON.stringify({ weight_map: { a: '../secret.safetensors' } }));
    await assert.rejects(readShardedHeader(index), /"..\/secret.safetensors", which is not a file in the same folder/);
  });
});
