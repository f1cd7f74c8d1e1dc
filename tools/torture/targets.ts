import { stat } from 'node:fs/promises';
import path from 'node:path';
import { FAILURE_KINDS } from './trial.ts';
import type { TrialReport } from './table.ts';

const model = path.resolve(import.meta.dirname, '../../dist/models/assetlens-icons');
/** Memory of both processes together in addition to the weights. */
const BUDGET_MEGABYTES = 600;

/** The targets that a run missed, in words. */
export async function missedTargets(reports: readonly TrialReport[], isShort: boolean): Promise<string[]> {
  const missed: string[] = [];
  const most = (await weightMegabytes()) + BUDGET_MEGABYTES;
  for (const { trial, tally, planned } of reports) {
    for (const kind of FAILURE_KINDS) {
      if (tally.count(kind) > 0) missed.push(`${trial.name}: ${tally.count(kind)} ${kind}, target 0`);
    }
    // The short form checks that the trials work, and a slow machine may try less in its time.
    const least = isShort ? Math.min(planned, 1) : planned;
    if (tally.tried < least) missed.push(`${trial.name}: ${tally.tried} ${trial.unit} tried, target ${least}`);
    const peak = tally.peak.command + tally.peak.inference;
    if (trial.hasMemoryBudget && peak > most) {
      missed.push(`${trial.name}: peak memory ${peak.toFixed(0)} MB, target ${most.toFixed(0)} MB`);
    }
  }
  return missed;
}

async function weightMegabytes(): Promise<number> {
  const sizes = await Promise.all(
    ['visual.onnx', 'textual.onnx'].map(async (name) => (await stat(path.join(model, name))).size),
  );
  return sizes.reduce((sum, size) => sum + size, 0) / 1e6;
}
