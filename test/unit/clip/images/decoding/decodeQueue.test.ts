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
    await sleep(0);
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

  describe('with a budget of memory', () => {
    const MEMORY = 1000;
    let works: ReturnType<typeof hangingWork>[];
    let started: number[];
    let most: number;
    let budget: DecodeQueue;
    /** Queues work that needs a part of the budget. */
    const add = (part: number, options: Partial<Parameters<DecodeQueue['run']>[1]> = {}): Promise<void> => {
      const index = works.length;
      const hanging = hangingWork();
      works.push(hanging);
      return budget.run(
        () => {
          started.push(index);
          most = Math.max(most, budget.held);
          return hanging.work();
        },
        { ...LONG, bytes: part * budget.bytes, ...options },
      );
    };
    beforeEach(() => {
      budget = new DecodeQueue(8, MEMORY);
      works = [];
      started = [];
      most = 0;
    });

    it('runs as many works at a time as the budget allows, and a large one alone', async () => {
      const runs = [add(0.4), add(0.6), add(0.1), add(1), add(0.1)];
      await sleep(0);
      assert.deepEqual(started, [0, 1]);
      works[1]?.end();
      await runs[1];
      await sleep(0);
      assert.deepEqual(started, [0, 1, 2], 'the small work does not overtake the large one');
      works[0]?.end();
      works[2]?.end();
      await Promise.all([runs[0], runs[2]]);
      await sleep(0);
      assert.deepEqual(started, [0, 1, 2, 3]);
      works[3]?.end();
      await runs[3];
      await sleep(0);
      assert.deepEqual(started, [0, 1, 2, 3, 4]);
      works[4]?.end();
      await runs[4];
      assert.equal(budget.held, 0);
    });

    it('never admits more than the budget, in whatever order works of all sizes end', async () => {
      const parts = Array.from({ length: 200 }, (_, i) => ((i * 37) % 100) / 99);
      const runs = parts.map((part) => add(part));
      for (let ended = 0; ended < parts.length; ended++) {
        await sleep(0);
        assert.ok(started.length > ended, 'no work starves');
        // The newest of the running works ends first.
        const at = ended % 2 === 0 ? started.length - 1 : ended;
        const [last, next] = [started[at] ?? 0, started[ended] ?? 0];
        [started[at], started[ended]] = [next, last];
        works[last]?.end();
        await runs[last];
      }
      assert.ok(most <= budget.bytes + 1e-6);
      assert.ok(Math.abs(budget.held) < 1e-6);
    });

    it('frees the share of work that is cancelled, before it starts and when it ends', async () => {
      const controller = new AbortController();
      const running = add(0.7, { signal: controller.signal });
      const waiting = add(0.9, { signal: controller.signal });
      const next = add(0.3);
      await sleep(0);
      assert.deepEqual(started, [0]);
      controller.abort();
      await assert.rejects(running, { name: 'AbortError' });
      await assert.rejects(waiting, { name: 'AbortError' });
      await sleep(0);
      assert.deepEqual(started, [0, 2]);
      assert.ok(budget.held > 0.9 * budget.bytes, 'the decoder still runs');
      works[0]?.end();
      works[2]?.end();
      await next;
      await sleep(0);
      assert.equal(budget.held, 0);
    });

    it('rejects work that needs more than the whole budget, and says how much', async () => {
      await assert.rejects(add(2), { message: 'decoding needs about 1.6 kB of memory, more than the limit of 800 B' });
    });

    it('is stuck when overdue work leaves no memory for the next work', async () => {
      const overdue = add(0.6, SHORT);
      const large = add(0.5);
      await assert.rejects(overdue, DecodeTimeout);
      await assert.rejects(large, NoThreadLeft);
      assert.ok(budget.isStuck, 'another process decodes the rest');
      works[0]?.end();
      await sleep(0);
      assert.ok(!budget.isStuck);
    });

    it('continues beside overdue work that leaves enough memory', async () => {
      const overdue = add(0.3, SHORT);
      await assert.rejects(overdue, DecodeTimeout);
      assert.ok(!budget.isStuck);
      const next = add(0.5);
      await sleep(0);
      works[1]?.end();
      await next;
      works[0]?.end();
    });
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
