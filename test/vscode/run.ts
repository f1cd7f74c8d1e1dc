/**
 * `npm run vscode [-- --grep <text>] [--headless] [<name of test/vscode/suite>…]`: the suite inside a real VS Code. In the downloaded
 * one where it can be downloaded and shown, otherwise in code-server with chromium. Where neither is to be had it says so,
 * and fails only with ASSETLENS_REQUIRE_EDITOR=1.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { findHost } from '../../scripts/vscodeHost.ts';
import { bundleSuite } from './bundle.ts';
import { downloadVscode, runElectron } from './electron.ts';
import { runHeadless } from './headless.ts';
import { findChromium } from './host/workbench.ts';
import { judge, readReport, say } from './report.ts';
import { createWorkspace } from './workspace.ts';

const root = path.resolve(import.meta.dirname, '../..');
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { grep: { type: 'string', short: 'g' }, verbose: { type: 'boolean' }, headless: { type: 'boolean' } },
});
const files = positionals.map((file) => `${path.basename(file).replace(/(\.test)?(\.ts)?$/, '')}.test.cjs`);
const selection = { grep: values.grep, ...(files.length > 0 ? { files } : {}) };

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

async function main(): Promise<number> {
  const report = path.join(scratch, 'report.json');
  const tell = async (exitCode: number): Promise<boolean> => {
    const { passed, lines } = judge(await readReport(report), exitCode);
    say(lines.join('\n'));
    return passed;
  };
  const suiteRun = async () => ({
    extension: root,
    suite: await bundleSuite(bundled),
    folder: await createWorkspace(scratch),
    env: { ASSETLENS_TEST_REPORT: report, ASSETLENS_TEST_SELECTION: JSON.stringify(selection) },
  });
  const executable = values.headless ? null : await downloadVscode(root);
  if (executable !== null) {
    say('In-editor suite in VS Code:');
    const exitCode = await runElectron(executable, await suiteRun()).catch(() => 1);
    return (await tell(exitCode)) ? 0 : 1;
  }
  if (host && chromium !== null) {
    say('In-editor suite in code-server:');
    const { exitCode, log } = await runHeadless(host, chromium, await suiteRun());
    const passed = await tell(exitCode);
    if (values.verbose) say(log.join('\n'));
    else if (!passed) say("Run it with `-- --verbose` for the editor's log.");
    return passed ? 0 : 1;
  }
  say(
    'NO EDITOR: the in-editor suite did not run. VS Code could not be downloaded or has no display here, and there is no ' +
      'headless one: install chromium and run `npm run vscode:host`.',
  );
  return process.env['ASSETLENS_REQUIRE_EDITOR'] === '1' ? 1 : 0;
}
