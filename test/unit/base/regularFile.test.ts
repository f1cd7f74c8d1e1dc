import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { openRegularFile, readRegularFile, readRegularText, RefusedFile } from '../../../src/base/regularFile.ts';

describe('readRegularFile', () => {
  let folder: string;
  const at = (name: string): string => path.join(folder, name);
  beforeEach(async () => (folder = await mkdtemp(path.join(tmpdir(), 'regular '))));
  afterEach(() => rm(folder, { recursive: true }));
  const refused = (file: string, message: RegExp): Promise<void> =>
    assert.rejects(readRegularFile(file, 1000), (error) => error instanceof RefusedFile && message.test(error.message));

  it('reads a file up to the limit, and refuses a larger one', async () => {
    await writeFile(at('a'), 'x'.repeat(1000));
    assert.equal((await readRegularText(at('a'), 1000)).length, 1000);
    await writeFile(at('a'), 'x'.repeat(1001));
    await refused(at('a'), /^1\.001 kB exceeds the limit of 1 kB$/);
    await assert.rejects(openRegularFile(at('a'), 1000), RefusedFile);
    await assert.rejects(readRegularFile(at('none'), 1000), { code: 'ENOENT' });
  });

  it('refuses folders', () => refused(folder, /^it is a folder, not a file$/));

  it('refuses pipes, sockets and devices without waiting for them', async function () {
    if (process.platform === 'win32') this.skip();
    execFileSync('mkfifo', [at('pipe')]);
    await refused(at('pipe'), /^it is a pipe, not a file$/);
    for (const device of ['/dev/zero', '/dev/stdin', '/dev/tty', '/dev/null']) {
      await assert.rejects(
        readRegularFile(device, 1000),
        (error) => !(error instanceof RefusedFile) || error.message.includes('not a file'),
      );
    }
    await refused('/dev/zero', /^it is a device, not a file$/);
    await symlink('/dev/zero', at('link'));
    await refused(at('link'), /^it is a device, not a file$/);
    const server = createServer().listen(at('socket'));
    await once(server, 'listening');
    await refused(at('socket'), /^it is a socket, not a file$/);
    server.close();
    await once(server, 'close');
  });

  it('reads files of the system, whose size is not known, up to the limit', async function () {
    if (process.platform !== 'linux') this.skip();
    assert.match(await readRegularText('/proc/self/status', 100_000), /^Name:/);
    await refused('/proc/self/maps', /exceeds the limit of 1(\.0)? kB$/);
  });

  it('does not follow a link if this is not wanted', async function () {
    if (process.platform === 'win32') this.skip();
    await writeFile(at('secret'), 'secret');
    await symlink('secret', at('link'));
    assert.equal(await readRegularText(at('link'), 1000), 'secret');
    await assert.rejects(readRegularText(at('link'), 1000, { followLinks: false }), { code: 'ELOOP' });
  });
});
