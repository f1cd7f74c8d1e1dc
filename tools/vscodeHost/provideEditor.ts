import { findBrowser, installBrowser, type Chromium } from './browser.ts';
import { findHost, hostVersions, type HostVersion, type VscodeHost } from './hosts.ts';
import { installHost } from './installHost.ts';

/** A VS Code and a browser that shows it, both without a display. */
export interface HeadlessEditor {
  readonly host: VscodeHost;
  readonly chromium: Chromium;
}

/**
 * Finds the editor for the tests, and installs from npm what is missing.
 * @returns the reason, in one line, where this machine cannot have one
 */
export async function provideEditor(version: HostVersion = hostVersions.newest): Promise<HeadlessEditor | string> {
  if (process.platform !== 'linux') return 'VS Code without a display is for Linux only.';
  let host = findHost(version);
  if (!host) {
    process.stdout.write(`Installing VS Code ${version.vscode} from npm for the tests; about 2 minutes, 500 MB …\n`);
    try {
      await installHost(version);
    } catch (error) {
      return `VS Code could not be installed from npm: ${messageOf(error)}`;
    }
    host = findHost(version);
  }
  if (!host) return `VS Code in ${version.folder} is not complete.`;
  try {
    return { host, chromium: findBrowser() ?? (await installBrowser()) };
  } catch (error) {
    return `With chromium (apt-get install chromium), the tests in VS Code and of the gallery run, too: ${messageOf(error)}`;
  }
}

function messageOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n')[0] ?? '';
}
