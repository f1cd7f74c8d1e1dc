import { UserError } from '../../../base/userError.ts';
import type { ModelConfig } from './clip.ts';
import { DOWNSAMPLING } from './modifiedResNet.ts';

/** A start token, an end token and one between them. */
const SHORTEST_CONTEXT = 3;
/** Far beyond any CLIP, and few enough to be counted. */
const MOST_LAYERS = 1000;

/**
 * Checks that encoders can be built of these sizes, before anything is multiplied or divided by them.
 * @param folder of the checkpoint, for the message
 * @throws UserError that names the first size that is wrong, and its value
 */
export function assertShape({ vision, text }: ModelConfig, folder: string): void {
  const require = (isRight: boolean, field: string, value: unknown, rule: string): void => {
    if (isRight) return;
    throw new UserError(
      `The architecture of the checkpoint in ${folder} cannot be built: ${field} is ${String(value)}, but must be ${rule}. ` +
        'Correct its configuration file; a checkpoint without one needs that which it was published with.',
    );
  };
  for (const [field, value] of [...sizesOf('vision', vision), ...sizesOf('text', text)]) {
    require(Number.isSafeInteger(value) && value > 0, field, value, 'a whole number from 1');
    if (field.includes('layers')) require(value <= MOST_LAYERS, field, value, `at most ${MOST_LAYERS}`);
  }
  const divides = (field: string, heads: number, width: number): void => {
    require(width % heads === 0, field, heads, `a divisor of the width ${width}`);
  };
  const { imageSize } = vision;
  if ('patchSize' in vision) {
    divides('vision.heads', vision.heads, vision.width);
    require(vision.patchSize <= imageSize, 'vision.patchSize', vision.patchSize, `at most the image size ${imageSize}`);
  } else {
    divides('vision.heads', vision.heads, vision.width * DOWNSAMPLING);
    require(vision.width % 2 === 0, 'vision.width', vision.width, 'even');
    require(imageSize % DOWNSAMPLING === 0, 'vision.imageSize', imageSize, `a multiple of ${DOWNSAMPLING}`);
  }
  divides('text.heads', text.heads, text.width);
  const { contextLength } = text;
  require(contextLength >= SHORTEST_CONTEXT, 'text.contextLength', contextLength, `at least ${SHORTEST_CONTEXT}`);
}

/** All sizes of an encoder by name; each must be a positive integer. */
function sizesOf(encoder: string, config: ModelConfig['vision'] | ModelConfig['text']): [string, number][] {
  return Object.entries(config).flatMap(([name, value]: [string, unknown]): [string, number][] => {
    const field = `${encoder}.${name}`;
    if (typeof value === 'number') return name === 'layerNormEpsilon' ? [] : [[field, value]];
    return Array.isArray(value) ? value.map((one, stage) => [`${field}[${stage}]`, Number(one)]) : [];
  });
}
