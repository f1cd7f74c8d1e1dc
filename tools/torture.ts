/**
 * `npm run torture [-- --short] [--seed <n>] [--minutes <n>] [--only <trial>] [--case <n>]`: tries hostile images,
 * models, servers and texts, kills processes and fills disks, and prints how often something was lost, wrong, crashed,
 * hung, or read or written outside. Failures go to standard error when they are found. The exit code is 1 if a target
 * is missed. The same seed gives the same cases. Each failure names its case, which `--only <trial> --case <n>`
 * repeats. --short runs every trial in about two minutes, to check that they work.
 */
import { rmSync } from 'node:fs';
import { mkdir, mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { endAllCommands } from './torture/command.ts';
import { readOptions } from './torture/options.ts';
import { markdownTable, type TrialReport } from './torture/table.ts';
import { missedTargets } from './torture/targets.ts';
import { Tally, type Trial, type TrialFailure } from './torture/trial.ts';
import { trials } from './torture/trials.ts';

const options = readOptions(trials);
const { seed, isShort } = options;
const deadline = AbortSignal.timeout(options.minutes * 60_000);
const scratch = await realpath(await mkdtemp(path.join(tmpdir(), 'assetlens-torture-')));

const reports: TrialReport[] = [];
for (const name of ['SIGINT', 'SIGTERM'] as const) {
  process.once(name, () => {
    endAllCommands();
    rmSync(scratch, { recursive: true, force: true });
    process.exit(1);
  });
}
try {
  for (const trial of options.trials) reports.push(await attempt(trial));
} finally {
  await rm(scratch, { recursive: true, force: true, maxRetries: 3 });
}
console.log(markdownTable(reports));
for (const { trial, tally } of reports) for (const note of tally.notes) console.log(`${trial.name}: ${note}`);
const missed = options.number === undefined ? await missedTargets(reports, isShort) : [];
for (const target of missed) console.log(`Missed: ${target}.`);
const hasFailed = reports.some(({ tally }) => tally.failures.length > 0);
process.exitCode = missed.length > 0 || hasFailed ? 1 : 0;

async function attempt(trial: Trial): Promise<TrialReport> {
  const planned = isShort ? trial.cases.short : trial.cases.full;
  const folder = path.join(scratch, trial.name);
  await mkdir(folder);
  const tally = new Tally((failure) => {
    report(trial, failure);
  });
  const start = performance.now();
  console.error(`Trying ${planned} ${trial.unit} …`);
  function* cases(): Generator<number> {
    if (options.number !== undefined) {
      yield options.number;
      return;
    }
    for (let number = 0; number < planned && (number === 0 || !deadline.aborted); number++) yield number;
  }
  await trial.run({ seed, isShort, folder, tally, cases, signal: deadline });
  return { trial, tally, planned, seconds: (performance.now() - start) / 1000 };
}

function report({ name }: Trial, { kind, number, what }: TrialFailure): void {
  console.error(`${name}: ${kind}: ${what}`);
  console.error(`  repeat with: npm run torture -- --only ${name} --case ${number} --seed ${seed}`);
}
