import assert from 'node:assert/strict';
import type { ImageInput, TextInput, TextTensors } from '../../../../../src/clip/base/manifest.ts';
import { imageRuns, normaliseRows, textRuns } from '../../../../../src/clip/runtime/encoders/feeds.ts';

const image: ImageInput = { graph: '', size: 1, resize: 'squash', interpolation: 'bicubic', background: 'contrast' };
const float: ImageInput['tensors'] = {
  type: 'float32',
  input: 'x',
  output: 'y',
  batch: null,
  mean: [0, 0.5, 1],
  std: [1, 0.5, 0.25],
};
const text: TextInput = { graph: '', tokenizer: '', contextLength: 5, startToken: 8, endToken: 9, padToken: 9 };
const tensors: TextTensors = { type: 'int32', input: 'x', attentionMask: null, output: 'y', batch: null, length: null };
const tokens = { ids: BigInt64Array.of(8n, 1n, 9n, 8n, 9n, 9n), shape: [2, 3] } as const;
const values = (data: ArrayLike<number | bigint> | undefined): number[] => Array.from(data ?? [], Number);

describe('the input of a graph', () => {
  it('has unchanged pixels for our own graphs', () => {
    const [run, ...others] = imageRuns(image, [Uint8Array.of(0, 128, 255), Uint8Array.of(1, 2, 3)]);
    assert.equal(others.length, 0);
    assert.deepEqual(run?.feeds, [
      { input: 'pixels', type: 'uint8', data: Uint8Array.of(0, 128, 255, 1, 2, 3), dims: [2, 1, 1, 3] },
    ]);
  });

  it('is in the given memory if it is large enough, and only if it is one run', () => {
    const pixels = [Uint8Array.of(1, 2, 3), Uint8Array.of(4, 5, 6)];
    const memory = new Uint8Array(7);
    const dataOf = (input: ImageInput, given: Uint8Array) =>
      imageRuns(input, pixels, given).map(({ feeds }) => feeds[0]?.data as Uint8Array);
    const [data] = dataOf(image, memory);
    assert.deepEqual([data?.buffer === memory.buffer, values(data)], [true, [1, 2, 3, 4, 5, 6]]);
    assert.notEqual(dataOf(image, memory.subarray(0, 5))[0]?.buffer, memory.buffer);
    const one: ImageInput = { ...image, tensors: { ...float, type: 'uint8', batch: 1 } };
    assert.deepEqual(dataOf(one, memory).map(values), [
      [1, 2, 3],
      [4, 5, 6],
    ]);
  });

  it('has planes of normalised pixels for float32 graphs', () => {
    const wide = imageRuns({ ...image, size: 2, tensors: float }, [
      Uint8Array.from({ length: 12 }, (_, i) => (i % 3) * 51),
    ]);
    const [feed] = wide[0]?.feeds ?? [];
    assert.deepEqual(feed?.dims, [1, 3, 2, 2]);
    const expected = [0, (0.2 - 0.5) / 0.5, (0.4 - 1) / 0.25];
    values(feed.data).forEach((value, at) => {
      assert.ok(Math.abs(value - (expected[Math.floor(at / 4)] ?? NaN)) < 1e-6);
    });
  });

  it('has one image or text if the graph accepts only one', () => {
    const pixels = [Uint8Array.of(1, 1, 1), Uint8Array.of(2, 2, 2)];
    const images = imageRuns({ ...image, tensors: { ...float, batch: 1 } }, pixels);
    assert.deepEqual(
      images.map(({ rows, feeds }) => [rows, feeds[0]?.dims]),
      [
        [1, [1, 3, 1, 1]],
        [1, [1, 3, 1, 1]],
      ],
    );
    const texts = textRuns({ ...text, tensors: { ...tensors, batch: 1 } }, tokens);
    assert.deepEqual(
      texts.map(({ feeds }) => values(feeds[0]?.data as Int32Array)),
      [
        [8, 1, 9],
        [8, 9, 9],
      ],
    );
  });

  it('has ids of the required length, and a mask that ends with the first end token', () => {
    const attentionMask = { input: 'mask', type: 'int64' } as const;
    const [run] = textRuns({ ...text, tensors: { ...tensors, length: 5, attentionMask } }, tokens);
    assert.deepEqual(
      run?.feeds.map(({ input, type, data, dims }) => [input, type, values(data), dims]),
      [
        ['x', 'int32', [8, 1, 9, 9, 9, 8, 9, 9, 9, 9], [2, 5]],
        ['mask', 'int64', [1, 1, 1, 0, 0, 1, 1, 0, 0, 0], [2, 5]],
      ],
    );
  });

  it('has a mask that hides nothing if the encoder attends to the padding', () => {
    const attentionMask = { input: 'mask', type: 'int64' } as const;
    const padded = { ...text, startToken: null, padToken: 0, paddedLength: 3, tensors: { ...tensors, attentionMask } };
    const [run] = textRuns(padded, { ids: BigInt64Array.of(1n, 9n, 0n), shape: [1, 3] });
    assert.deepEqual(
      run?.feeds.map(({ data }) => values(data as BigInt64Array)),
      [
        [1, 9, 0],
        [1, 1, 1],
      ],
    );
  });

  it('is normalised to unit rows, and zeros stay zeros', () => {
    const rows = Float32Array.of(3, 4, 0, 0);
    normaliseRows(rows, 2);
    assert.deepEqual(
      values(rows).map((value) => Math.round(value * 10) / 10),
      [0.6, 0.8, 0, 0],
    );
  });
});
