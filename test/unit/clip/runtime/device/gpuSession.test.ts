import assert from 'node:assert/strict';
import type * as ort from 'onnxruntime-node';
import { UserError } from '../../../../../src/base/userError.ts';
import { gpuSession } from '../../../../../src/clip/runtime/device/gpuSession.ts';
import type { LazySession } from '../../../../../src/clip/encoders/sessions.ts';

const right = Float32Array.of(0.6, 0.8);

/** A session that nobody looks into; what comes out of a use is what is given here. */
function sessionOf(uses: { count: number }, result: () => unknown): LazySession {
  return {
    state: 'loaded',
    async use<T>(work: (session: ort.InferenceSession) => Promise<T>): Promise<T> {
      uses.count++;
      await work({} as ort.InferenceSession);
      return result() as T;
    },
  };
}

function tried(onGpu: () => unknown, onProcessor: () => unknown = () => right) {
  const uses = { gpu: { count: 0 }, processor: { count: 0 } };
  const told: string[] = [];
  const session = gpuSession(sessionOf(uses.gpu, onGpu), sessionOf(uses.processor, onProcessor), 2, {
    onBusy: (busy) => told.push(busy ? 'busy' : 'free'),
    onLost: (reason) => told.push(reason),
  });
  return { use: () => session.use(() => Promise.resolve(right)), uses, told };
}

describe('the image encoder on a GPU', () => {
  it('stays there while it works, and says when it does', async () => {
    const { use, uses, told } = tried(() => right);
    await Promise.all([use(), use()]);
    assert.deepEqual(uses, { gpu: { count: 2 }, processor: { count: 0 } });
    assert.deepEqual(told, ['busy', 'free']);
  });

  it('goes on with the processor when the GPU fails, does what failed again, and says so once', async () => {
    const { use, uses, told } = tried(() => {
      throw new Error('device lost');
    });
    assert.deepEqual(await Promise.all([use(), use()]), [right, right]);
    assert.equal(await use(), right);
    assert.deepEqual(uses, { gpu: { count: 2 }, processor: { count: 3 } });
    assert.deepEqual(told, ['busy', 'free', 'device lost']);
  });

  for (const [what, rows] of [
    ['zeros', Float32Array.of(0.6, 0.8, 0, 0)],
    ['no numbers', Float32Array.of(NaN, NaN)],
    ['anything', Float32Array.of(123, 4)],
  ] as const) {
    it(`does not take ${what} for embeddings`, async () => {
      const { use, told } = tried(() => rows);
      assert.equal(await use(), right);
      assert.match(told.at(-1) ?? '', /no embeddings/);
    });
  }

  it('does not hold against the GPU what the processor cannot do either', async () => {
    const damaged = () => {
      throw new UserError('The image encoder cannot be loaded.');
    };
    const { use, told } = tried(damaged, damaged);
    await assert.rejects(use(), UserError);
    assert.deepEqual(told, ['busy', 'free']);
  });
});
