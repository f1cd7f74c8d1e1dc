import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import type { VscodeHost } from '../../tools/vscodeHost/hosts.ts';
import { homeVariables } from '../vscode/host/codeServer.ts';

let packaged: Promise<string> | undefined;

/** Packs the VSIX for this machine, once per process. @returns its file @throws Error if the VSIX has faults */
export function packageVsix(root: string): Promise<string> {
  packaged ??= runPackage(root);
  return packaged;
}

async function runPackage(root: string): Promise<string> {
  const script = path.join(root, 'tools/package.ts');
  const { stdout } = await promisify(execFile)(process.execPath, [script], { cwd: root });
  const file = /^\S+: (\S+\.vsix), .+ MB .+ unpacked\)$/m.exec(stdout)?.[1];
  if (file === undefined) throw new Error(`tools/package.ts did not report a VSIX:\n${stdout}`);
  return path.join(root, file);
}

/** Installs a VSIX into the folder `extensions`; the installer uses `home` as home folder. */
export async function installVsix(host: VscodeHost, vsix: string, extensions: string, home: string): Promise<void> {
  const args = [host.entry, '--extensions-dir', extensions, '--user-data-dir', path.join(home, 'install')];
  const { stdout, stderr } = await promisify(execFile)(host.node, [...args, '--install-extension', vsix], {
    env: { ...process.env, ...homeVariables(home) },
  });
  if (!stdout.includes('was successfully installed'))
    throw new Error(`The VSIX was not installed:\n${stdout}${stderr}`);
}
