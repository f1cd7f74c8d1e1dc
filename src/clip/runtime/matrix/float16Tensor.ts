import * as ort from 'onnxruntime-node';

/**
 * A tensor over float16 bits. In a runtime with Float16Array, the constructor makes one of the bits, whose length the
 * binding of Node reads as 0 (https://github.com/microsoft/onnxruntime/pull/32323). The binding itself accepts
 * Uint16Array in every runtime, so the type is set afterwards.
 */
export function float16Tensor(bits: Uint16Array, dims: readonly number[]): ort.Tensor {
  const tensor = new ort.Tensor('uint16', bits, dims);
  return Object.defineProperty(tensor, 'type', { value: 'float16' });
}
