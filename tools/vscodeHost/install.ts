/**
 * `npm run vscode:host`: installs a real VS Code that needs no display, code-server with its own Node, into the git-ignored
 * `.vscode-host`, from npm alone. For machines that cannot download VS Code itself; Linux only. Does nothing when it is there.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rm, writeFile, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** code-server 4.139 is VS Code 1.139, and asks for Node 24. */
const CODE_SERVER = '4.139.1';
const NODE = '24.21.0';

/** Where the host lies, unless ASSETLENS_VSCODE_HOST names another folder. */
export const hostFolder = process.env['ASSETLENS_VSCODE_HOST'] ?? path.resolve(import.meta.dirname, '../.vscode-host');

export interface VscodeHost {
  /** The Node that runs the server. */
  readonly node: string;
  /** The server's script. */
  readonly entry: string;
}

/** The host in `folder`; null when none is installed there completely. */
export function findHost(folder = hostFolder): VscodeHost | null {
  if (!existsSync(stampOf(folder))) return null;
  const modules = path.join(folder, 'node_modules');
  return {
    node: path.join(modules, nodePackage, 'bin/node'),
    entry: path.join(modules, 'code-server/out/node/entry.js'),
  };
}

const nodePackage = `node-linux-${process.arch}`;
const platform = `linux-${process.arch}`;

function stampOf(folder: string): string {
  return path.join(folder, `.ok-${CODE_SERVER}-${NODE}-spdlog1`);
}

/** Installs the host into `folder`, which is emptied first when what lies there is not complete. */
export async function installHost(folder = hostFolder): Promise<void> {
  if (process.platform !== 'linux') throw new Error('The headless VS Code host is for Linux.');
  if (findHost(folder)) return;
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  await writeFile(path.join(folder, 'package.json'), '{"name":"vscode-host","private":true,"version":"0.0.0"}\n');
  const nodeFolder = path.join(folder, 'node_modules', nodePackage);
  const modules = path.join(folder, 'node_modules/code-server/lib/vscode/node_modules');
  const vscode = path.dirname(modules);
  const quiet = ['--no-audit', '--no-fund', '--loglevel=error'];
  const install = ['install', '--omit=dev', '--ignore-scripts', ...quiet];

  // npm itself picks its Node from the path: under another one than code-server's own it refuses the packages.
  const env = { ...process.env, PATH: `${path.join(nodeFolder, 'bin')}:${process.env['PATH'] ?? ''}`, JOBS: 'max' };
  const packages = [`${nodePackage}@${NODE}`, `code-server@${CODE_SERVER}`];
  npm(folder, [...install, '--no-package-lock', '--engine-strict=false', ...packages], env);
  // What code-server's own install script does, without the scripts of its packages.
  npm(vscode, install, env);
  npm(path.join(vscode, 'extensions'), install, env);
  // Without spdlog no log file is written and output channels stay empty. The headers to build it come with Node's package.
  const built = ['@vscode/spdlog', '@vscode/native-watchdog'];
  // By a link: make does not find headers below a path with a space.
  const scratch = await mkdtemp(path.join(tmpdir(), 'node-headers-'));
  const headers = path.join(scratch, 'node');
  await symlink(nodeFolder, headers);
  npm(vscode, ['rebuild', '--loglevel=error', ...built], { ...env, npm_config_nodedir: headers });
  await rm(scratch, { recursive: true });

  await keepOnly(path.join(modules, '@vscode/ripgrep-universal/bin'), platform);
  await keepOnly(path.join(modules, 'node-pty/prebuilds'), platform);
  // Large, and of no use here. Other built-in extensions must stay: the workbench expects those with a browser part.
  for (const unused of [
    '@github',
    '@microsoft/mxc-sdk',
    'node-pty/third_party',
    'node-pty/deps',
    '../extensions/copilot',
  ]) {
    await rm(path.join(modules, unused), { recursive: true, force: true });
  }
  await writeFile(stampOf(folder), '');
}

function npm(cwd: string, args: readonly string[], env: NodeJS.ProcessEnv): void {
  const { status, error } = spawnSync('npm', args, { cwd, env, stdio: ['ignore', 'inherit', 'inherit'] });
  if (error) throw error;
  if (status !== 0) throw new Error(`npm ${args.join(' ')} failed with ${String(status)} in ${cwd}`);
}

async function keepOnly(folder: string, name: string): Promise<void> {
  const others = (await readdir(folder)).filter((entry) => entry !== name);
  await Promise.all(others.map((entry) => rm(path.join(folder, entry), { recursive: true, force: true })));
}

if (import.meta.main) {
  await installHost();
  console.log(`VS Code ${CODE_SERVER.replace('4', '1')} is installed in ${path.relative(process.cwd(), hostFolder)}.`);
}
