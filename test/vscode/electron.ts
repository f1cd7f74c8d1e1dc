import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { downloadAndUnzipVSCode, runTests } from '@vscode/test-electron';
import type { SuiteRun } from './headless.ts';

/**
 * Downloads the oldest VS Code that the manifest allows.
 * @returns null if it cannot be downloaded, or if there is no display
 */
export async function downloadVscode(root: string): Promise<string | null> {
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

/** Runs the suite in VS Code. @returns its exit code */
export async function runElectron(executable: string, { extension, suite, folder, env }: SuiteRun): Promise<number> {
  return runTests({
    vscodeExecutablePath: executable,
    extensionDevelopmentPath: extension,
    extensionTestsPath: suite,
    extensionTestsEnv: env,
    launchArgs: [folder, '--disable-extensions', '--disable-workspace-trust', '--skip-welcome'],
  });
}
