import { parseArgs } from 'node:util';
import type { Trial } from './trial.ts';

export interface TortureOptions {
  readonly seed: number;
  /** The run starts no further case after this time. */
  readonly minutes: number;
  readonly isShort: boolean;
  readonly trials: readonly Trial[];
  /** The only case to try. */
  readonly number: number | undefined;
}

const FULL_MINUTES = 15;
const SHORT_MINUTES = 2;

/** @throws Error for an option that is not valid */
export function readOptions(all: readonly Trial[]): TortureOptions {
  const { values } = parseArgs({
    options: {
      seed: { type: 'string', default: '1' },
      minutes: { type: 'string' },
      short: { type: 'boolean', default: false },
      only: { type: 'string', multiple: true },
      case: { type: 'string' },
    },
  });
  const { only, short } = values;
  for (const name of only ?? []) {
    if (!all.some((trial) => trial.name === name)) {
      throw new Error(`There is no trial "${name}". The trials: ${all.map((trial) => trial.name).join(', ')}.`);
    }
  }
  if (values.case !== undefined && only?.length !== 1) throw new Error('--case needs one --only.');
  return {
    seed: integer('seed', values.seed),
    minutes:
      values.minutes === undefined ? (short ? SHORT_MINUTES : FULL_MINUTES) : positive('minutes', values.minutes),
    isShort: short,
    trials: all.filter(({ name }) => !only || only.includes(name)),
    number: values.case === undefined ? undefined : integer('case', values.case),
  };
}

function integer(name: string, text: string): number {
  if (!/^\d+$/.test(text)) throw new Error(`--${name} is "${text}", which is not an integer from 0.`);
  return Number(text);
}

function positive(name: string, text: string): number {
  if (!(Number(text) > 0)) throw new Error(`--${name} is "${text}", which is not a number above 0.`);
  return Number(text);
}
