import path from 'node:path';
import { createFuzzProcess, type FuzzProcess } from '../fuzz/fuzzProcess.ts';
import { CHUNK, inputsOf, shownInput } from '../fuzz/inputsOf.ts';
import type { FuzzTarget } from '../fuzz/target.ts';
import { fuzzTargets } from '../fuzz/targets.ts';
import type { Trial, TrialContext } from '../trial.ts';

/** The number of inputs of each target in the full form, and their name in the table. */
const INPUTS: Readonly<Record<string, readonly [full: number, unit: string]>> = {
  queries: [50_000, 'queries'],
  globs: [100_000, 'globs'],
  'ignore-files': [20_000, '.gitignore files'],
  labels: [30_000, 'labels files'],
  'label-settings': [10_000, 'values of the setting of labels'],
  sidecars: [20_000, 'XMP sidecars'],
  'alternative-texts': [20_000, 'documents with images to describe'],
  references: [20_000, 'documents with references'],
  'written-images': [10_000, 'references to write'],
  messages: [30_000, 'messages of the gallery'],
  'tool-inputs': [10_000, 'inputs of tools for agents'],
};
const SHORT_SHARE = 1 / 50;
/** Cases of a job, so that the run can end between jobs. */
const JOB = 40 * CHUNK;
/** Hangs and ends of the process after which a trial stops, because each takes long. */
const MOST_RESTARTS = 5;

/** A trial for each target of the fuzzer: an error must be one of the product, and come within a time limit. */
export function fuzzTrials(): Trial[] {
  const process = createFuzzProcess();
  return fuzzTargets.map((target) => {
    const [full, unit] = INPUTS[target.name] ?? [10_000, 'inputs'];
    return {
      name: target.name,
      unit,
      cases: { full, short: Math.ceil(full * SHORT_SHARE) },
      run: (context) => readInputs(context, target, process),
    };
  });
}

async function readInputs(context: TrialContext, target: FuzzTarget, process: FuzzProcess): Promise<void> {
  const { seed, tally, folder } = context;
  const file = path.join(folder, 'position');
  let restarts = 0;
  for (const range of ranges(context)) {
    for (let { first } = range; first < range.end;) {
      const job = { target: target.name, seed, first, end: range.end, file };
      const end = await process.run(job, ({ kind, number, what }) => {
        tally.fail(kind, number, what);
      });
      tally.memory({ command: process.peak(), inference: 0 });
      const last = end.kind === 'done' ? range.end : end.at + 1;
      tally.try(last - first);
      first = last;
      if (end.kind === 'done') continue;
      const input = shownInput(inputsOf(target, seed, Math.floor(end.at / CHUNK))[end.at % CHUNK]);
      tally.fail(end.kind, end.at, `${input} ${end.log}`);
      if (++restarts > MOST_RESTARTS) return;
    }
  }
}

function* ranges({ cases }: TrialContext): Generator<{ readonly first: number; readonly end: number }> {
  let range: { first: number; end: number } | undefined;
  for (const number of cases()) {
    range ??= { first: number, end: number };
    range.end = number + 1;
    if (range.end - range.first < JOB) continue;
    yield range;
    range = undefined;
  }
  if (range) yield range;
}
