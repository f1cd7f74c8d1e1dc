import { UserError } from '../../base/userError.ts';
import type { Parameter, Parameters } from '../families/index.ts';
import { readFloats } from './readFloats.ts';
import { readQuantised } from './readQuantised.ts';
import type { StoredTensor } from './safetensors.ts';

/** Buffers that frameworks save beside the weights and that the configuration determines. */
const notWeights = /(^|\.)(num_batches_tracked|position_ids|attn_mask|input_resolution|context_length|vocab_size)$/;
/** Maximum number of names in a message: a wrong architecture can lack hundreds. */
const SHOWN = 8;

/** A weight of type I8 is stored with a scale for each of its outputs under the name of the weight with this suffix. */
const SCALE_SUFFIX = '_scale';

/** The tensors of a checkpoint under their original names. Records which tensors an architecture takes. */
export class StoredParameters implements Parameters {
  readonly #tensors: ReadonlyMap<string, StoredTensor>;
  readonly #folder: string;
  readonly #missing: string[] = [];
  readonly #wrongShapes: string[] = [];
  readonly #taken = new Set<string>();

  constructor(tensors: ReadonlyMap<string, StoredTensor>, folder: string) {
    this.#tensors = tensors;
    this.#folder = folder;
  }

  take(name: string, shape: readonly number[]): Parameter {
    const stored = this.#tensors.get(name);
    this.#taken.add(name);
    if (!stored) this.#missing.push(name);
    else if (stored.shape.join() !== shape.join()) {
      this.#wrongShapes.push(`${name} has shape [${stored.shape.join(', ')}] instead of [${shape.join(', ')}]`);
    }
    if (stored?.type === 'I8') return this.#quantised(stored, shape);
    return {
      shape,
      read: () => {
        if (!stored) throw new Error(`Tensor "${name}" was read although it is missing`);
        return readFloats(stored);
      },
    };
  }

  #quantised(stored: StoredTensor, shape: readonly number[]): Parameter {
    const [outputs = 1] = shape;
    const scale = this.take(stored.name + SCALE_SUFFIX, [outputs]);
    return { shape, read: async () => readQuantised(stored, await scale.read()) };
  }

  /** @throws UserError with the tensors that are missing, have another shape, or were not taken */
  assertAllTaken(): void {
    const extra = [...this.#tensors.keys()].filter((name) => !this.#taken.has(name) && !notWeights.test(name));
    const problems = [
      ...describe('Missing tensors:', this.#missing),
      ...describe('Wrong shapes:', this.#wrongShapes),
      ...describe('Unexpected tensors:', extra),
    ];
    if (problems.length === 0) return;
    throw new UserError(
      `The checkpoint in ${this.#folder} does not match the architecture in its configuration. ${problems.join(' ')} ` +
        'Check that the configuration and the weights belong to the same, supported model.',
    );
  }
}

function describe(problem: string, names: readonly string[]): string[] {
  if (names.length === 0) return [];
  const more = names.length > SHOWN ? ` and ${names.length - SHOWN} more` : '';
  return [`${problem} ${names.slice(0, SHOWN).join('; ')}${more}.`];
}
