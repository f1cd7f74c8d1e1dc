import { z } from 'zod';
import { UserError } from '../../../base/userError.ts';

/** Models that are trained with a sigmoid loss begin with a bias. */
const siglipModel = z.object({ init_logit_bias: z.number() });

/** @param modelConfig `model_cfg` of an open_clip_config.json */
export function isSiglip(modelConfig: unknown): boolean {
  return siglipModel.safeParse(modelConfig).success;
}

/** @throws UserError always: the files of open_clip do not contain how texts are prepared */
export function unsupportedOpenClip(_: unknown, file: string): never {
  throw new UserError(
    `${file} describes a SigLIP, which can be used as a checkpoint of transformers or as the graphs of transformers.js, but not as it is laid out here. "assetlens models list" names one.`,
  );
}
