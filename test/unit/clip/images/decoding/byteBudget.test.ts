import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { ByteBudget } from '../../../../../src/clip/images/decoding/byteBudget.ts';

/** Holders that hold until the test ends them, and the order in which they started. */
function holders(budget: ByteBudget) {
  const started: string[] = [];
  const hold = (name: string, bytes: number, options: { signal?: AbortSignal; urgent?: boolean } = {}) => {
    const { promise, resolve } = Promise.withResolvers<undefined>();
    const done = budget.hold(bytes, options, () => {
      started.push(name);
      return promise;
    });
    const end = async (): Promise<void> => {
      resolve(undefined);
      await done;
    };
    return { done, end };
  };
  return { started, hold };
}

describe('the budget of bytes', () => {
  it('admits holders in order and within its maximum, and a larger one alone', async () => {
    const budget = new ByteBudget(100);
    const { started, hold } = holders(budget);
    const first = hold('first', 60);
    const large = hold('large', 500);
    const last = hold('last', 10);
    await sleep(0);
    assert.deepEqual(started, ['first']);
    await first.end();
    await sleep(0);
    assert.deepEqual(started, ['first', 'large']);
    assert.equal(budget.held, 500);
    await large.end();
    await sleep(0);
    assert.deepEqual(started, ['first', 'large', 'last']);
    await last.end();
    assert.equal(budget.held, 0);
  });

  it('admits urgent holders first, and frees the place of a holder that is cancelled', async () => {
    const budget = new ByteBudget(100);
    const { started, hold } = holders(budget);
    const controller = new AbortController();
    const first = hold('first', 60);
    const cancelled = hold('cancelled', 90, { signal: controller.signal });
    const small = hold('small', 20);
    const urgent = hold('urgent', 10, { urgent: true });
    await sleep(0);
    assert.deepEqual(started, ['first', 'urgent']);
    controller.abort();
    await assert.rejects(cancelled.done, { name: 'AbortError' });
    await sleep(0);
    assert.deepEqual(started, ['first', 'urgent', 'small']);
    for (const { end } of [first, urgent, small]) await end();
    assert.equal(budget.held, 0);
  });

  it('frees the share of work that fails', async () => {
    const budget = new ByteBudget(100);
    await assert.rejects(
      budget.hold(100, {}, () => Promise.reject(new Error('unreadable'))),
      /unreadable/,
    );
    assert.equal(budget.held, 0);
  });
});
