import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';

const WORKER = path.join(import.meta.dirname, 'decodingMemory/worker.ts');
const IMAGES = 600;
const SEED = 1;

describe('the memory of decoding', () => {
  before(function () {
    if (process.platform !== 'linux') this.skip();
  });

  it('is not more than announced, whatever the headers of an image say', async () => {
    const { stdout } = await promisify(execFile)(process.execPath, [WORKER, String(IMAGES), String(SEED)]);
    const { decoded, exceeding } = JSON.parse(stdout) as { decoded: number; exceeding: string[] };
    assert.deepEqual(exceeding, []);
    assert.ok(decoded > IMAGES / 10 && decoded < IMAGES / 2, `${decoded} images were decoded`);
  });
});
