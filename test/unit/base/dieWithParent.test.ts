import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

/** A process that blocks its main thread for ever, as a native call may do. */
const module = JSON.stringify(path.join(import.meta.dirname, '../../../src/base/dieWithParent.ts'));
const blocked = `const { dieWithParent } = await import(${module}); dieWithParent();
  await new Promise((resolve) => setTimeout(resolve, 500));
  process.send(process.pid); setTimeout(() => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0), 100);`;
const parent = `const { spawn } = require('node:child_process');
  const child = spawn(process.execPath, ['--input-type=module', '-e', ${JSON.stringify(blocked)}], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  child.on('message', (pid) => console.log(pid)); setInterval(() => {}, 1000);`;

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

describe('dieWithParent', () => {
  it('ends a blocked process when its parent is killed', async function () {
    this.timeout(60_000);
    const started = spawn(process.execPath, ['-e', parent], { stdio: ['ignore', 'pipe', 'inherit'] });
    const [line] = (await once(started.stdout, 'data')) as [Buffer];
    const pid = Number(line.toString());
    assert.ok(isRunning(pid));
    started.kill('SIGKILL');
    await once(started, 'exit');
    while (isRunning(pid)) await delay(100); // the limit is that of the test
  });
});
