import { float16Values } from '../../base/float16.ts';
import { UserError } from '../../base/userError.ts';
import { readBytes } from './readBytes.ts';
import type { StoredTensor } from './safetensors.ts';

/**
 * Reads one tensor as float32. Float32 tensors are a view of the bytes, without a copy; half precisions are converted
 * exactly.
 * @throws UserError where the file changed since its header was read, or the elements are no floating-point numbers
 */
export async function readFloats(tensor: StoredTensor): Promise<Float32Array> {
  const bytes = await readBytes(tensor);
  switch (tensor.type) {
    case 'F32':
      return new Float32Array(bytes);
    case 'F16':
      return float16Values(new Uint16Array(bytes));
    case 'BF16':
      return widenBfloat16(new Uint16Array(bytes));
    case 'F64':
      return Float32Array.from(new Float64Array(bytes));
    default:
      throw new UserError(
        `Tensor "${tensor.name}" of ${tensor.file} has the type ${tensor.type}, but weights must be F32, F16 or BF16. ` +
          'If this checkpoint is quantised, use the original checkpoint.',
      );
  }
}

/** bfloat16 is the upper half of a float32. */
function widenBfloat16(halves: Uint16Array): Float32Array {
  const bits = new Uint32Array(halves.length);
  for (let at = 0; at < halves.length; at++) bits[at] = (halves[at] ?? 0) << 16;
  return new Float32Array(bits.buffer);
}
