import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { DecodeQueue, DecodeTimeout, NoThreadLeft } from '../../../../../src/clip/images/decoding/decodeQueue.ts';

const THREADS = 3;
const SHORT = { milliseconds: 20 };
const LONG = { milliseconds: 10_000 };

/** Work that runs until the test ends it. */
function hangingWork(): { readonly work: () => Promise<void>; readonly end: () => void } {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  return {
    work: () => promise,
    end: () => {
      resolve(undefined);
    },
  };
}

describe('the decode queue', () => {
  let queue: DecodeQueue;
  beforeEach(() => {
    queue = new DecodeQueue(THREADS);
  });

  it('runs as many works at a time as it has threads', async () => {
    const hanging = Array.from({ length: THREADS + 1 }, hangingWork);
    const started: number[] = [];
    const running = hanging.map(({ work }, i) =>
      queue.run(() => {
        started.push(i);
        return work();
      }, LONG),
    );
    await sleep(0);
    assert.deepEqual(started, [0, 1, 2]);
    hanging[1]?.end();
    await running[1];
    await sleep(0);
    assert.deepEqual(started, [0, 1, 2, 3]);
    for (const { end } of hanging) end();
    await Promise.all(running);
  });

  it('rejects all waiting work when overdue work holds every thread, until a thread is free again', async () => {
    const hanging = Array.from({ length: THREADS }, hangingWork);
    const overdue = hanging.map(({ work }) => queue.run(work, SHORT));
    const waiting = queue.run(() => Promise.resolve('waiting'), LONG);
    for (const run of overdue) await assert.rejects(run, DecodeTimeout);
    await assert.rejects(waiting, NoThreadLeft);
    assert.ok(queue.isStuck);
    await assert.rejects(
      queue.run(() => Promise.resolve('late'), LONG),
      NoThreadLeft,
    );

    for (const { end } of hanging) end();
    await sleep(0);
    assert.ok(!queue.isStuck);
    assert.equal(await queue.run(() => Promise.resolve('after'), LONG), 'after');
  });

  it('counts cancelled work as overdue while it still holds its thread', async () => {
    const hanging = Array.from({ length: THREADS }, hangingWork);
    const controller = new AbortController();
    const cancelled = hanging.map(({ work }) => queue.run(work, { ...SHORT, signal: controller.signal }));
    controller.abort();
    for (const run of cancelled) await assert.rejects(run, { name: 'AbortError' });
    await assert.rejects(
      queue.run(() => Promise.resolve('waiting'), LONG),
      NoThreadLeft,
    );
    for (const { end } of hanging) end();
    await sleep(0);
    assert.ok(!queue.isStuck);
  });

  it('continues with the last thread when overdue work holds all others', async () => {
    const hanging = Array.from({ length: THREADS - 1 }, hangingWork);
    for (const { work } of hanging) await assert.rejects(queue.run(work, SHORT), DecodeTimeout);
    assert.ok(!queue.isStuck);
    assert.equal(await queue.run(() => Promise.resolve('good'), LONG), 'good');
    for (const { end } of hanging) end();
  });

  it('starts urgent work first, in the order in which it came', async () => {
    const hanging = Array.from({ length: THREADS }, hangingWork);
    const running = hanging.map(({ work }) => queue.run(work, LONG));
    const order: string[] = [];
    const add = (name: string) => () => Promise.resolve(order.push(name));
    const waiting = [
      queue.run(add('ordinary'), LONG),
      queue.run(add('urgent 1'), { ...LONG, urgent: true }),
      queue.run(add('urgent 2'), { ...LONG, urgent: true }),
      queue.run(add('last'), LONG),
    ];
    hanging[0]?.end();
    await Promise.all(waiting);
    assert.deepEqual(order, ['urgent 1', 'urgent 2', 'ordinary', 'last']);
    for (const { end } of hanging) end();
    await Promise.all(running);
  });

  it('does not share its state with other queues', async () => {
    const { work, end } = hangingWork();
    const other = new DecodeQueue(1);
    await assert.rejects(other.run(work, SHORT), DecodeTimeout);
    assert.ok(other.isStuck);
    assert.ok(!queue.isStuck);
    end();
  });
});
