/**
 * `npm run vscode [-- --oldest] [--headless] [--grep <text>] [<file of test/vscode/suite>…]`: runs the suite inside VS
 * Code. It uses a downloaded VS Code if the machine can download one and has a display, and code-server with Chromium
 * otherwise. With --oldest, it runs the essential tests in the oldest supported version. A machine that can have no
 * editor skips the suite, and fails only with ASSETLENS_REQUIRE_EDITOR=1.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { hostVersions } from '../../tools/vscodeHost/hosts.ts';
import { provideEditor, type HeadlessEditor } from '../../tools/vscodeHost/provideEditor.ts';
import { bundleSuite } from './bundle.ts';
import { downloadVscode, runElectron } from './electron.ts';
import { runHeadless, type SuiteRun } from './headless.ts';
import { evaluateReport, print, readReport } from './report.ts';
import { addSecondFolder, createWorkspace } from './workspace.ts';

const root = path.resolve(import.meta.dirname, '../..');
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    grep: { type: 'string', short: 'g' },
    verbose: { type: 'boolean' },
    headless: { type: 'boolean' },
    oldest: { type: 'boolean' },
  },
});
const version = values.oldest ? hostVersions.oldest : hostVersions.newest;

/** The tests of a workspace with two folders, which need a separate editor. */
const TWO_FOLDERS = 'multiRoot.test.cjs';
/** The tests that together use every part of the editor's API, and of Node, that the extension depends on. */
const ESSENTIAL = ['activation', 'tagging', 'search', 'tagTree', 'gallery', 'hover', 'models', 'watching'];
const selected = positionals.length === 0 && values.oldest ? ESSENTIAL : positionals;
const files = selected.map((file) => `${path.basename(file).replace(/(\.test)?(\.ts)?$/, '')}.test.cjs`);

// Named by process, because several runs may go on at the same time.
const bundled = path.join(root, `build/vscode-${process.pid}`);
const scratch = await mkdtemp(path.join(tmpdir(), 'assetlens-suite-'));
try {
  process.exitCode = await main();
} finally {
  for (const folder of [scratch, bundled]) await rm(folder, { recursive: true, force: true });
}

/** A start of the editor: the folder or workspace that it opens, and the tests that run in it. */
interface Start {
  readonly name: string;
  readonly open: (folder: string) => Promise<string>;
  readonly files?: readonly string[];
  readonly except?: readonly string[];
}

function starts(): Start[] {
  const singleFiles = files.filter((file) => file !== TWO_FOLDERS);
  const single: Start = {
    name: 'a folder',
    open: (folder) => Promise.resolve(folder),
    except: [TWO_FOLDERS],
    ...(singleFiles.length > 0 ? { files: singleFiles } : {}),
  };
  const two: Start = { name: 'a workspace of two folders', open: addSecondFolder, files: [TWO_FOLDERS] };
  if (files.length > 0) {
    return [...(singleFiles.length > 0 ? [single] : []), ...(files.includes(TWO_FOLDERS) ? [two] : [])];
  }
  return values.grep === undefined ? [single, two] : [single];
}

/** Runs a suite and returns the exit code and the log of the editor. */
type Runner = (run: SuiteRun) => Promise<{ exitCode: number; log: readonly string[] }>;

/** @returns the reason, in one line, where this machine can have no editor */
async function editorRunner(): Promise<{ readonly name: string; readonly run: Runner } | string> {
  const executable = values.headless || values.oldest ? null : await downloadVscode(root);
  if (executable !== null) {
    const run: Runner = async (suite) => ({ exitCode: await runElectron(executable, suite).catch(() => 1), log: [] });
    return { name: 'VS Code', run };
  }
  const editor: HeadlessEditor | string = await provideEditor(version);
  if (typeof editor === 'string') return editor;
  return { name: `code-server with VS Code ${version.vscode}`, run: (suite) => runHeadless(editor, suite) };
}

async function main(): Promise<number> {
  const editor = await editorRunner();
  if (typeof editor === 'string') {
    print(`NO EDITOR: the suite in VS Code did not run. ${editor}`);
    return process.env['ASSETLENS_REQUIRE_EDITOR'] === '1' ? 1 : 0;
  }
  const suite = await bundleSuite(bundled);
  let hasPassed = true;
  for (const { name, open, ...filter } of starts()) {
    const parent = await mkdtemp(path.join(scratch, 'run-'));
    const report = path.join(parent, 'report.json');
    const selection = JSON.stringify({ grep: values.grep, ...filter });
    print(`In-editor suite in ${editor.name}, in ${name}:`);
    const { exitCode, log } = await editor.run({
      extension: root,
      suite,
      folder: await open(await createWorkspace(parent)),
      env: {
        ...{ ASSETLENS_TEST_REPORT: report, ASSETLENS_TEST_SELECTION: selection },
        ASSETLENS_INDEXES: path.join(parent, 'indexes'), // not in the user's data folder
      },
    });
    const { passed, lines } = evaluateReport(await readReport(report), exitCode);
    print(lines.join('\n'));
    if (values.verbose) print(log.join('\n'));
    else if (!passed) print('Run it with `-- --verbose` for the log of the editor.');
    hasPassed &&= passed;
  }
  return hasPassed ? 0 : 1;
}
