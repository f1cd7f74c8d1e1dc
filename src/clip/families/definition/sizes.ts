import { UserError } from '../../../base/userError.ts';

/** A start token, an end token and one token between them. */
const SHORTEST_CONTEXT = 3;
/** Limit that protects against damaged configurations. Published models have far fewer layers. */
const MAX_LAYERS = 1000;

interface EncoderSizes {
  readonly width: number;
  readonly heads: number;
}

/**
 * Checks that encoders of certain sizes can be built, before anything is multiplied or divided by these sizes.
 */
export class SizeCheck {
  readonly #folder: string;

  /** @param folder of the checkpoint, for messages */
  constructor(folder: string) {
    this.#folder = folder;
  }

  /** @throws UserError with the field, its value and the rule, where the rule does not hold */
  require(holds: boolean, field: string, value: unknown, rule: string): void {
    if (holds) return;
    throw new UserError(
      `The architecture of the checkpoint in ${this.#folder} cannot be built: ${field} is ${String(value)}, but must be ${rule}. ` +
        'Correct the configuration file, or add the file that was published with the checkpoint.',
    );
  }

  /** Requires that all numbers of an encoder's configuration, except epsilons, are positive integers. */
  positiveIntegers(encoder: string, config: object): void {
    for (const [field, value] of numbersOf(encoder, config)) {
      this.require(Number.isSafeInteger(value) && value > 0, field, value, 'a whole number from 1');
      if (field.includes('layers')) this.require(value <= MAX_LAYERS, field, value, `at most ${MAX_LAYERS}`);
    }
  }

  divisor(field: string, divisor: number, width: number): void {
    this.require(width % divisor === 0, field, divisor, `a divisor of the width ${width}`);
  }

  /** The rules of a vision transformer. */
  patches({
    imageSize,
    patchSize,
    width,
    heads,
  }: EncoderSizes & { readonly imageSize: number; readonly patchSize: number }): void {
    this.divisor('vision.heads', heads, width);
    this.require(patchSize <= imageSize, 'vision.patchSize', patchSize, `at most the image size ${imageSize}`);
  }

  /** The rules of a text transformer. */
  text({ width, heads, contextLength }: EncoderSizes & { readonly contextLength: number }): void {
    this.divisor('text.heads', heads, width);
    const field = 'text.contextLength';
    this.require(contextLength >= SHORTEST_CONTEXT, field, contextLength, `at least ${SHORTEST_CONTEXT}`);
  }
}

/** All numbers of an encoder's configuration with their names. */
function numbersOf(encoder: string, config: object): [string, number][] {
  return Object.entries(config).flatMap(([name, value]: [string, unknown]): [string, number][] => {
    const field = `${encoder}.${name}`;
    if (typeof value === 'number') return name === 'layerNormEpsilon' ? [] : [[field, value]];
    return Array.isArray(value) ? value.map((element, stage) => [`${field}[${stage}]`, Number(element)]) : [];
  });
}
