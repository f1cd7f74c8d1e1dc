import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { run } from './runCli.ts';

/** Keeps the command running for ever, as a handle does that nothing closes. */
const HANGING = "--import=data:text/javascript,if(process.argv[1]?.endsWith('cli.js'))setInterval(()=>{},1e6)";
/** The limit of a command is 10 seconds; the machine may be busy. */
const MILLISECONDS = 30_000;

describe('An interrupted command', function () {
  this.timeout(120_000);
  let folder: string;

  beforeEach(async function () {
    if (process.platform === 'win32') this.skip();
    folder = await mkdtemp(path.join(tmpdir(), 'assetlens-interruption-'));
    await writeFile(path.join(folder, 'a.svg'), '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>');
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    it(`ends soon after ${signal}, even if something hangs`, async () => {
      let interruptedAt = NaN;
      const interruptAfter = sleep(3000).then(() => {
        interruptedAt = performance.now();
      });
      const { code } = await run(['tag', folder, '--index', path.join(folder, 'index.db')], {
        environment: { NODE_OPTIONS: HANGING },
        interruptAfter,
        interruptBy: signal,
      });
      assert.equal(code, 130);
      assert.ok(performance.now() - interruptedAt < MILLISECONDS);
    });
  }
});
