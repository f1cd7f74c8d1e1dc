import type { Trial } from './trial.ts';
import { changesTrial } from './trials/changesTrial.ts';
import { fullDiskTrial } from './trials/fullDiskTrial.ts';
import { fuzzTrials } from './trials/fuzzTrials.ts';
import { hubTrial } from './trials/hubTrial.ts';
import { imagesTrial } from './trials/imagesTrial.ts';
import { inferenceKillsTrial } from './trials/inferenceKillsTrial.ts';
import { killsTrial } from './trials/killsTrial.ts';
import { modelsTrial } from './trials/modelsTrial.ts';
import { simultaneousTrial } from './trials/simultaneousTrial.ts';

/** All trials, in the order of the table. The fast ones come first, so that a short run reaches them. */
export const trials: readonly Trial[] = [
  ...fuzzTrials(),
  modelsTrial,
  hubTrial,
  imagesTrial,
  killsTrial,
  inferenceKillsTrial,
  fullDiskTrial,
  simultaneousTrial,
  changesTrial,
];
