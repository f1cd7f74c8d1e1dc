import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { downloadAndUnzipVSCode, runTests } from '@vscode/test-electron';
import type { SuiteRun } from './headless.ts';

/** The downloaded VS Code of the oldest version that the manifest allows; null where it cannot be downloaded or shown. */
export async function downloadVscode(root: string): Promise<string | null> {
  // A window needs a display; on Linux that is not a matter of course.
  if (process.platform === 'linux' && !process.env['DISPLAY'] && !process.env['WAYLAND_DISPLAY']) return null;
  const manifest = JSON.parse(await readFile(path.join(root, 'package.json'), 'utf8')) as {
    engines: { vscode: string };
  };
  try {
    return await downloadAndUnzipVSCode({
      version: manifest.engines.vscode.replace(/^\^/, ''),
      cachePath: path.join(root, '.vscode-test'),
      timeout: 30_000,
    });
  } catch {
    return null;
  }
}

/** Runs the suite in VS Code itself. Answers its exit code. */
export async function runElectron(executable: string, { extension, suite, folder, env }: SuiteRun): Promise<number> {
  return runTests({
    vscodeExecutablePath: executable,
    extensionDevelopmentPath: extension,
    extensionTestsPath: suite,
    extensionTestsEnv: env,
    launchArgs: [folder, '--disable-extensions', '--disable-workspace-trust', '--skip-welcome'],
  });
}
