import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ProcessDied, startProcess } from '../../src/clip/runtime/process/process.ts';
import type { FromHost, HostOptions, ToHost } from '../../src/clip/runtime/protocol.ts';
import { bundledModelFolder, hostScript } from './bundledModel.ts';

const options: HostOptions = {
  modelFolder: bundledModelFolder,
  device: 'cpu',
  batch: 8,
  threads: 1,
  sessionIdleMilliseconds: 60_000,
};
const patientHost = path.join(import.meta.dirname, 'fixtures/patientHost.ts');

/** Enough for a child to start in on a busy machine, and less than patientHost.ts works. */
const HUNG = 3000;

describe('the watchdog of the inference process', function () {
  this.timeout(60_000);

  it('ends a process that hangs, however many requests come and are aborted meanwhile', async () => {
    const host = startProcess(patientHost, options, {}, HUNG);
    let died: unknown;
    const hanging = host.ask({ kind: 'embedTexts', texts: ['hang'] }).catch((error: unknown) => (died = error));
    for (let i = 0; i < 200 && died === undefined; i++) {
      const typed = new AbortController();
      const search = host.ask({ kind: 'embedTexts', texts: ['typed'] }, typed.signal).catch(() => undefined);
      await sleep(100);
      typed.abort();
      await search;
    }
    assert.ok(died instanceof ProcessDied, 'it lives on');
    assert.equal(died.how, 'signal SIGKILL');
    await hanging;
    await host.stop();
  });

  it('ends a process that hangs over a request which was aborted', async () => {
    const host = startProcess(patientHost, options, {}, HUNG);
    const typed = new AbortController();
    const search = host.ask({ kind: 'embedTexts', texts: ['hang'] }, typed.signal);
    typed.abort();
    await assert.rejects(search, { name: 'AbortError' });
    for (let i = 0; i < 200 && host.alive; i++) await sleep(100);
    assert.ok(!host.alive);
    await host.stop();
  });

  it('lets a process work on that gives signs of life', async () => {
    const host = startProcess(patientHost, options, {}, HUNG);
    const reply = await host.ask({ kind: 'embedTexts', texts: ['work'] });
    assert.deepEqual([...reply], [1]);
    await host.stop();
  });

  it('is given signs of life before a long request is answered', async () => {
    const child = fork(hostScript, [JSON.stringify(options)], { serialization: 'advanced', execArgv: [] });
    const seen: string[] = [];
    const answered = new Promise<void>((resolve) => {
      child.on('message', ({ type }: FromHost) => {
        seen.push(type);
        if (type === 'reply' || type === 'failure') resolve();
      });
    });
    const request: ToHost = { type: 'request', id: 1, request: { kind: 'embedTexts', texts: ['dog'] } };
    child.send(request);
    await answered;
    child.disconnect();
    assert.deepEqual(seen, ['ready', 'alive', 'reply']);
  });
});
