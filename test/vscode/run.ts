/**
 * `npm run vscode [-- --grep <text>] [--headless] [<name of test/vscode/suite>…]`: the suite inside a real VS Code. In the downloaded
 * one where it can be downloaded and shown, otherwise in code-server with chromium. Where neither is to be had it says so,
 * and fails only with ASSETLENS_REQUIRE_EDITOR=1.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { findHost } from '../../tools/vscodeHost.ts';
import { bundleSuite } from './bundle.ts';
import { downloadVscode, runElectron } from './electron.ts';
import { runHeadless } from './headless.ts';
import { findChromium } from './host/workbench.ts';
import { judge, readReport, say } from './report.ts';
import { addSecondFolder, createWorkspace } from './workspace.ts';

const root = path.resolve(import.meta.dirname, '../..');
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { grep: { type: 'string', short: 'g' }, verbose: { type: 'boolean' }, headless: { type: 'boolean' } },
});
/** Tests of a workspace with two folders need an editor of their own. */
const TWO_FOLDERS = 'multiRoot.test.cjs';
const files = positionals.map((file) => `${path.basename(file).replace(/(\.test)?(\.ts)?$/, '')}.test.cjs`);

const host = findHost();
const chromium = findChromium();
// Of this run alone: several may go on at once.
const bundled = path.join(root, `build/vscode-${process.pid}`);
const scratch = await mkdtemp(path.join(tmpdir(), 'assetlens-suite-'));
try {
  process.exitCode = await main();
} finally {
  for (const folder of [scratch, bundled]) await rm(folder, { recursive: true, force: true });
}

/** A start of the editor: what it opens, and which tests run in it. */
interface Start {
  readonly name: string;
  readonly open: (folder: string) => Promise<string>;
  readonly files?: readonly string[];
  readonly except?: readonly string[];
}

function starts(): Start[] {
  const one = files.filter((file) => file !== TWO_FOLDERS);
  const single: Start = {
    name: 'a folder',
    open: (folder) => Promise.resolve(folder),
    except: [TWO_FOLDERS],
    ...(one.length > 0 ? { files: one } : {}),
  };
  const two: Start = { name: 'a workspace of two folders', open: addSecondFolder, files: [TWO_FOLDERS] };
  if (files.length > 0) return [...(one.length > 0 ? [single] : []), ...(files.includes(TWO_FOLDERS) ? [two] : [])];
  return values.grep === undefined ? [single, two] : [single];
}

async function main(): Promise<number> {
  const executable = values.headless ? null : await downloadVscode(root);
  if (executable === null && (!host || chromium === null)) {
    say(
      'NO EDITOR: the in-editor suite did not run. VS Code could not be downloaded or has no display here, and there is no ' +
        'headless one: install chromium and run `npm run vscode:host`.',
    );
    return process.env['ASSETLENS_REQUIRE_EDITOR'] === '1' ? 1 : 0;
  }
  const suite = await bundleSuite(bundled);
  let passed = true;
  for (const { name, open, ...filter } of starts()) {
    const parent = await mkdtemp(path.join(scratch, 'run-'));
    const report = path.join(parent, 'report.json');
    const selection = JSON.stringify({ grep: values.grep, ...filter });
    const run = {
      extension: root,
      suite,
      folder: await open(await createWorkspace(parent)),
      env: {
        ...{ ASSETLENS_TEST_REPORT: report, ASSETLENS_TEST_SELECTION: selection },
        ASSETLENS_INDEXES: path.join(parent, 'indexes'), // not in the user's data folder
      },
    };
    say(`In-editor suite in ${executable === null ? 'code-server' : 'VS Code'}, in ${name}:`);
    let exitCode: number;
    let log: readonly string[] = [];
    if (executable !== null) exitCode = await runElectron(executable, run).catch(() => 1);
    else if (host && chromium !== null) ({ exitCode, log } = await runHeadless(host, chromium, run));
    else return 1;
    const verdict = judge(await readReport(report), exitCode);
    say(verdict.lines.join('\n'));
    if (values.verbose) say(log.join('\n'));
    else if (!verdict.passed) say("Run it with `-- --verbose` for the editor's log.");
    passed &&= verdict.passed;
  }
  return passed ? 0 : 1;
}
