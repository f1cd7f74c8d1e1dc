import type { Trial } from './trial.ts';
import { imagesTrial } from './trials/imagesTrial.ts';
import { killsTrial } from './trials/killsTrial.ts';
import { inferenceKillsTrial } from './trials/inferenceKillsTrial.ts';
import { hubTrial } from './trials/hubTrial.ts';
import { modelsTrial } from './trials/modelsTrial.ts';
import { fullDiskTrial } from './trials/fullDiskTrial.ts';
import { simultaneousTrial } from './trials/simultaneousTrial.ts';
import { changesTrial } from './trials/changesTrial.ts';

/** All trials, in the order of the table. */
export const trials: readonly Trial[] = [
  imagesTrial,
  killsTrial,
  inferenceKillsTrial,
  fullDiskTrial,
  simultaneousTrial,
  changesTrial,
  hubTrial,
  modelsTrial,
];
