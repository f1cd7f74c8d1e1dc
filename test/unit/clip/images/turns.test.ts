import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { inTurn, isStuck, NoThreadLeft, TooSlow } from '../../../../src/clip/images/turns.ts';

/** Work that ends when it is told to. */
function hanging(): { readonly work: () => Promise<void>; readonly end: () => void } {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  return {
    work: () => promise,
    end: () => {
      resolve(undefined);
    },
  };
}

describe('turns of the decoders', () => {
  const turns = Number(process.env['UV_THREADPOOL_SIZE'] ?? 4) - 1;

  it('that all hang past their time are given up, and so is what waits for them', async () => {
    const hung = Array.from({ length: turns }, hanging);
    const slow = hung.map(({ work }) => inTurn(work, 20));
    const good = inTurn(() => Promise.resolve('good'), 10_000);
    for (const one of slow) await assert.rejects(one, TooSlow);
    await assert.rejects(good, NoThreadLeft);
    assert.ok(isStuck());
    await assert.rejects(
      inTurn(() => Promise.resolve('late'), 10_000),
      NoThreadLeft,
    );

    for (const { end } of hung) end();
    await sleep(0);
    assert.ok(!isStuck());
    assert.equal(await inTurn(() => Promise.resolve('after'), 10_000), 'after');
  });

  it('count as held past their time also where nobody waits for the work any more', async () => {
    const hung = Array.from({ length: turns }, hanging);
    const controller = new AbortController();
    const aborted = hung.map(({ work }) => inTurn(work, 20, controller.signal));
    controller.abort();
    for (const one of aborted) await assert.rejects(one, { name: 'AbortError' });
    const good = inTurn(() => Promise.resolve('good'), 10_000);
    await assert.rejects(good, NoThreadLeft);
    for (const { end } of hung) end();
    await sleep(0);
    assert.ok(!isStuck());
  });

  it('that hang one short of all leave one for the others', async () => {
    const hung = Array.from({ length: turns - 1 }, hanging);
    for (const { work } of hung) await assert.rejects(inTurn(work, 20), TooSlow);
    assert.ok(!isStuck());
    assert.equal(await inTurn(() => Promise.resolve('good'), 10_000), 'good');
    for (const { end } of hung) end();
  });

  it('are given first to what is urgent, in the order it came', async () => {
    const held = Array.from({ length: turns }, hanging);
    const holding = held.map(({ work }) => inTurn(work, 10_000));
    const order: string[] = [];
    const add = (name: string) => () => Promise.resolve(order.push(name));
    const waiting = [
      inTurn(add('ordinary'), 10_000),
      inTurn(add('urgent 1'), 10_000, undefined, true),
      inTurn(add('urgent 2'), 10_000, undefined, true),
      inTurn(add('last'), 10_000),
    ];
    held[0]?.end();
    await Promise.all(waiting);
    assert.deepEqual(order, ['urgent 1', 'urgent 2', 'ordinary', 'last']);
    for (const { end } of held) end();
    await Promise.all(holding);
  });
});
