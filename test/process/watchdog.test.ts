import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Message } from '../../src/base/rpc/message.ts';
import { InferenceProcess, ProcessDied } from '../../src/clip/runtime/process/inferenceProcess.ts';
import type { HostOptions } from '../../src/clip/runtime/protocol.ts';
import { bundledModelFolder, hostScript } from './bundledModel.ts';

const options: HostOptions = {
  modelFolder: bundledModelFolder,
  device: 'cpu',
  batch: 8,
  threads: 1,
  decodeThreads: 1,
  limits: {},
  sessionIdleMilliseconds: 60_000,
};
const patientHost = path.join(import.meta.dirname, 'fixtures/patientHost.ts');

/** Long enough for a child to start on a busy machine, and shorter than a text takes in patientHost.ts. */
const HANG_MILLISECONDS = 3000;

describe('the watchdog of the inference process', function () {
  this.timeout(60_000);

  it('ends a process that hangs, however many requests are sent and aborted in the meantime', async () => {
    const host = new InferenceProcess(patientHost, options, {}, HANG_MILLISECONDS);
    let died: unknown;
    const hanging = host.call('embedTexts', { texts: ['hang'] }).catch((error: unknown) => (died = error));
    for (let i = 0; i < 200 && died === undefined; i++) {
      const controller = new AbortController();
      const request = host.call('embedTexts', { texts: ['other'] }, controller.signal).catch(() => undefined);
      await sleep(100);
      controller.abort();
      await request;
    }
    assert.ok(died instanceof ProcessDied, 'the process still runs');
    assert.equal(died.how, 'signal SIGKILL');
    await hanging;
    await host.stop();
  });

  it('ends a process that hangs on a request that was aborted', async () => {
    const host = new InferenceProcess(patientHost, options, {}, HANG_MILLISECONDS);
    const controller = new AbortController();
    const request = host.call('embedTexts', { texts: ['hang'] }, controller.signal);
    controller.abort();
    await assert.rejects(request, { name: 'AbortError' });
    for (let i = 0; i < 200 && host.isAlive; i++) await sleep(100);
    assert.ok(!host.isAlive);
    await host.stop();
  });

  it('does not end a process that sends "alive"', async () => {
    const host = new InferenceProcess(patientHost, options, {}, HANG_MILLISECONDS);
    const result = await host.call('embedTexts', { texts: ['work'] });
    assert.deepEqual([...result], [1]);
    await host.stop();
  });

  it('receives "alive" before the reply to a long request', async () => {
    const child = fork(hostScript, [JSON.stringify(options)], { serialization: 'advanced', execArgv: [] });
    const received: string[] = [];
    const answered = new Promise<void>((resolve) => {
      child.on('message', (message: Message) => {
        received.push(message.type === 'event' ? message.event : message.type);
        if (message.type === 'reply' || message.type === 'failure') resolve();
      });
    });
    const request: Message = { type: 'request', id: 1, method: 'embedTexts', params: { texts: ['dog'] } };
    child.send(request);
    await answered;
    child.disconnect();
    assert.deepEqual(received, ['ready', 'alive', 'reply']);
  });
});
