import * as z from 'zod';
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
    `${file} describes a SigLIP in an unsupported layout. Use a checkpoint of transformers or the graphs of transformers.js. "assetlens models list" shows a recommended SigLIP.`,
  );
}
