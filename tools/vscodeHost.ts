/**
 * `npm run vscode:host [-- --oldest]`: installs a VS Code without display for tests, and a browser for it, from npm
 * alone. With --oldest, the oldest supported VS Code. Linux only. It skips parts that are already installed.
 */
import path from 'node:path';
import { parseArgs } from 'node:util';
import { findBrowser, installBrowser } from './vscodeHost/browser.ts';
import { hostVersions } from './vscodeHost/hosts.ts';
import { installHost } from './vscodeHost/installHost.ts';

const { values } = parseArgs({ options: { oldest: { type: 'boolean', default: false } } });
const version = values.oldest ? hostVersions.oldest : hostVersions.newest;

await installHost(version);
console.log(`VS Code ${version.vscode} is installed in ${path.relative(process.cwd(), version.folder)}.`);
const browser = findBrowser() ?? (await installBrowser());
console.log(`The browser for it is ${browser.executable}.`);
