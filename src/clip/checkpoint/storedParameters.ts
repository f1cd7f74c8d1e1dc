import type { Parameter, Parameters } from '../families/layers/parameters.ts';
import { UserError } from '../../base/userError.ts';
import { readFloats } from './widen.ts';
import type { StoredTensor } from './safetensors.ts';

/** Buffers that frameworks save beside the weights and that say nothing the configuration does not. */
const notWeights = /(^|\.)(num_batches_tracked|position_ids|attn_mask|input_resolution|context_length|vocab_size)$/;
/** Names to show of many: a wrong architecture can lack hundreds. */
const SHOWN = 8;

export interface StoredParameters extends Parameters {
  /**
   * To be called when an architecture has asked for all of its weights.
   * @throws UserError that names the tensors which are missing, have another shape, or were not asked for.
   */
  readonly assertAllTaken: () => void;
}

/** The tensors of a checkpoint under their own names, keeping account of what an architecture takes. */
export function storedParameters(tensors: ReadonlyMap<string, StoredTensor>, folder: string): StoredParameters {
  const missing: string[] = [];
  const misshapen: string[] = [];
  const taken = new Set<string>();

  const take = (name: string, shape: readonly number[]): Parameter => {
    const stored = tensors.get(name);
    taken.add(name);
    if (!stored) missing.push(name);
    else if (stored.shape.join() !== shape.join()) {
      misshapen.push(`${name} is [${stored.shape.join(', ')}] and not [${shape.join(', ')}]`);
    }
    return {
      shape,
      read: () => {
        if (!stored) throw new Error(`Tensor "${name}" was read although it is missing`);
        return readFloats(stored);
      },
    };
  };

  const assertAllTaken = (): void => {
    const extra = [...tensors.keys()].filter((name) => !taken.has(name) && !notWeights.test(name));
    const problems = [
      ...describe('It lacks', missing),
      ...describe('Of another shape:', misshapen),
      ...describe('It has, beyond that,', extra),
    ];
    if (problems.length === 0) return;
    throw new UserError(
      `The checkpoint in ${folder} does not fit the architecture of its configuration. ${problems.join(' ')} ` +
        'Check that configuration and weights belong together and are those of a CLIP or SigLIP model.',
    );
  };
  return { take, assertAllTaken };
}

function describe(what: string, names: readonly string[]): string[] {
  if (names.length === 0) return [];
  const more = names.length > SHOWN ? ` and ${names.length - SHOWN} more` : '';
  return [`${what} ${names.slice(0, SHOWN).join('; ')}${more}.`];
}
