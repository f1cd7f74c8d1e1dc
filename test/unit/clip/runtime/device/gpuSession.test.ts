import assert from 'node:assert/strict';
import type * as ort from 'onnxruntime-node';
import { UserError } from '../../../../../src/base/userError.ts';
import { gpuSession } from '../../../../../src/clip/runtime/device/gpuSession.ts';
import type { LazySession } from '../../../../../src/clip/runtime/encoders/sessions.ts';

const embedding = Float32Array.of(0.6, 0.8);

/** A fake session that returns a given result. */
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

function useGpu(onGpu: () => unknown, onCpu: () => unknown = () => embedding) {
  const uses = { gpu: { count: 0 }, cpu: { count: 0 } };
  const reports: string[] = [];
  const session = gpuSession(sessionOf(uses.gpu, onGpu), sessionOf(uses.cpu, onCpu), 2, {
    onBusy: (busy) => reports.push(busy ? 'busy' : 'free'),
    onLost: (reason) => reports.push(reason),
  });
  return { use: () => session.use(() => Promise.resolve(embedding)), uses, reports };
}

describe('the image encoder on a GPU', () => {
  it('is used while it works, and reports when it is busy', async () => {
    const { use, uses, reports } = useGpu(() => embedding);
    await Promise.all([use(), use()]);
    assert.deepEqual(uses, { gpu: { count: 2 }, cpu: { count: 0 } });
    assert.deepEqual(reports, ['busy', 'free']);
  });

  it('is replaced by the CPU if the GPU fails: the run is repeated, and the loss is reported once', async () => {
    const { use, uses, reports } = useGpu(() => {
      throw new Error('device lost');
    });
    assert.deepEqual(await Promise.all([use(), use()]), [embedding, embedding]);
    assert.equal(await use(), embedding);
    assert.deepEqual(uses, { gpu: { count: 2 }, cpu: { count: 3 } });
    assert.deepEqual(reports, ['busy', 'free', 'device lost']);
  });

  for (const [what, rows] of [
    ['zeros', Float32Array.of(0.6, 0.8, 0, 0)],
    ['NaN', Float32Array.of(NaN, NaN)],
    ['arbitrary values', Float32Array.of(123, 4)],
  ] as const) {
    it(`does not accept ${what} as embeddings`, async () => {
      const { use, reports } = useGpu(() => rows);
      assert.equal(await use(), embedding);
      assert.match(reports.at(-1) ?? '', /not a set of embeddings/);
    });
  }

  it('is not lost if the CPU fails as well', async () => {
    const damaged = () => {
      throw new UserError('The image encoder cannot be loaded.');
    };
    const { use, reports } = useGpu(damaged, damaged);
    await assert.rejects(use(), UserError);
    assert.deepEqual(reports, ['busy', 'free']);
  });
});
