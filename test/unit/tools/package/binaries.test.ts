import assert from 'node:assert/strict';
import { globSync } from 'node:fs';
import { open } from 'node:fs/promises';
import path from 'node:path';
import { binaryPlatform, HEADER_BYTES } from '../../../../tools/package/binaries.ts';

const root = path.resolve(import.meta.dirname, '../../../..');

describe('The platform of a native binary', () => {
  const runtime = path.join(root, 'node_modules/onnxruntime-node/bin');
  const files = globSync('*/*/*/*', { cwd: runtime }).map((file) => file.replaceAll('\\', '/'));

  it('is detected for every library of the runtime on every platform', async () => {
    const platforms = new Set<string>();
    for (const file of files) {
      const [, system = '', processor = ''] = file.split('/');
      platforms.add(`${system}-${processor}`);
      assert.equal(binaryPlatform(await startOf(path.join(runtime, file))), `${system}-${processor}`, file);
    }
    assert.deepEqual([...platforms].sort(), ['darwin-arm64', 'linux-arm64', 'linux-x64', 'win32-arm64', 'win32-x64']);
  });

  it('is null for files that are not native binaries', async () => {
    for (const file of ['media/icon.png', 'package.json', 'LICENSE', 'test/parity/fixtures/preprocess/24-bits.bmp']) {
      assert.equal(binaryPlatform(await startOf(path.join(root, file))), null, file);
    }
    assert.equal(binaryPlatform(Buffer.alloc(0)), null);
    assert.equal(
      binaryPlatform(
        Buffer.from('MZ are the first two letters of this text, which is longer than 64 characters but no program'),
      ),
      null,
    );
  });

  it('names an unknown processor by its number', () => {
    const header = Buffer.alloc(64);
    header.set([0x7f, 0x45, 0x4c, 0x46]);
    header.writeUInt16LE(0xf3, 18); // RISC-V
    assert.equal(binaryPlatform(header), 'linux-0xf3');
  });
});

async function startOf(file: string): Promise<Buffer> {
  await using handle = await open(file);
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(HEADER_BYTES), 0, HEADER_BYTES, 0);
  return buffer.subarray(0, bytesRead);
}
