import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { findHost, nodePackage, stampOf, type HostVersion } from './hosts.ts';

const platform = `linux-${process.arch}`;
const quiet = ['--no-audit', '--no-fund', '--loglevel=error'];
/** A machine without a registry should fail soon, because every suite that needs an editor tries to install it. */
const fewRetries = ['--fetch-retries=2', '--fetch-retry-mintimeout=1000', '--fetch-retry-maxtimeout=5000'];
const install = ['install', '--omit=dev', '--ignore-scripts', ...quiet, ...fewRetries];

/**
 * Installs a version of VS Code into its folder, unless it is there. An incomplete installation is removed first.
 * @throws Error where npm fails, and on other systems than Linux
 */
export async function installHost(version: HostVersion): Promise<void> {
  if (process.platform !== 'linux') throw new Error('VS Code without a display is for Linux only.');
  if (findHost(version)) return;
  const { folder, node, codeServer } = version;
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  await writeFile(path.join(folder, 'package.json'), '{"name":"vscode-host","private":true,"version":"0.0.0"}\n');
  const nodeFolder = path.join(folder, 'node_modules', nodePackage);
  const vscode = path.join(folder, 'node_modules/code-server/lib/vscode');

  // npm runs on the Node of the PATH, and refuses the packages on any other than code-server's own.
  const env = { ...process.env, PATH: `${path.join(nodeFolder, 'bin')}:${process.env['PATH'] ?? ''}`, JOBS: 'max' };
  const packages = [`${nodePackage}@${node}`, `code-server@${codeServer}`];
  npm(folder, [...install, '--no-package-lock', '--engine-strict=false', ...packages], env);
  await replaceGitDependency(vscode);
  // The same steps as in code-server's install script, without the scripts of its packages.
  npm(vscode, install, env);
  npm(path.join(vscode, 'extensions'), install, env);
  await buildNativeModules(vscode, nodeFolder, env);
  await replacePasswordHashing(path.join(folder, 'node_modules/argon2'));
  await removeUnused(path.join(vscode, 'node_modules'));
  await writeFile(stampOf(version), '');
}

/** The dependency that older versions fetch from GitHub; it is a fork of a package on npm. */
const GIT_DEPENDENCY = { name: '@vscode/watcher', replacement: 'npm:@parcel/watcher@2.5.1' };

/** Replaces the git dependency, so that the npm registry suffices. */
async function replaceGitDependency(vscode: string): Promise<void> {
  const { name, replacement } = GIT_DEPENDENCY;
  const manifestFile = path.join(vscode, 'package.json');
  const manifest = JSON.parse(await readFile(manifestFile, 'utf8')) as { dependencies: Record<string, string> };
  if (!manifest.dependencies[name]?.includes('#')) return;
  manifest.dependencies[name] = replacement;
  await writeFile(manifestFile, JSON.stringify(manifest, null, 2));
  const lockFile = path.join(vscode, 'npm-shrinkwrap.json');
  const lock = JSON.parse(await readFile(lockFile, 'utf8')) as { packages: Record<string, unknown> };
  lock.packages[''] = manifest;
  lock.packages = Object.fromEntries(
    Object.entries(lock.packages).filter(([entry]) => entry !== `node_modules/${name}`),
  );
  await writeFile(lockFile, JSON.stringify(lock, null, 2));
}

/** Builds the module that writes logs and output channels, and the watchdog. Node's package contains the headers. */
async function buildNativeModules(vscode: string, nodeFolder: string, env: NodeJS.ProcessEnv): Promise<void> {
  const modules = ['@vscode/spdlog', '@vscode/native-watchdog', 'native-watchdog'];
  const present = modules.filter((name) => existsSync(path.join(vscode, 'node_modules', name)));
  // make does not find headers in a path with a space, so they are given by a link.
  const scratch = await mkdtemp(path.join(tmpdir(), 'node-headers-'));
  const headers = path.join(scratch, 'node');
  await symlink(nodeFolder, headers);
  npm(vscode, ['rebuild', '--loglevel=error', ...present], { ...env, npm_config_nodedir: headers });
  await rm(scratch, { recursive: true });
}

/** Replaces a native module that older versions would have to compile. The server of the tests has no password. */
async function replacePasswordHashing(argon2: string): Promise<void> {
  if (existsSync(path.join(argon2, 'prebuilds'))) return;
  const { main } = JSON.parse(await readFile(path.join(argon2, 'package.json'), 'utf8')) as { main: string };
  await writeFile(path.join(argon2, main), 'module.exports = {};\n');
}

/**
 * Removes large parts that the tests do not use. Other built-in extensions must stay, because the workbench loads them.
 */
async function removeUnused(modules: string): Promise<void> {
  await keepOnly(path.join(modules, '@vscode/ripgrep-universal/bin'), platform);
  await keepOnly(path.join(modules, 'node-pty/prebuilds'), platform);
  const unused = ['@github', '@microsoft/mxc-sdk', 'node-pty/third_party', 'node-pty/deps', '../extensions/copilot'];
  for (const name of unused) await rm(path.join(modules, name), { recursive: true, force: true });
}

function npm(cwd: string, args: readonly string[], env: NodeJS.ProcessEnv): void {
  const { status, error } = spawnSync('npm', args, { cwd, env, stdio: ['ignore', 'inherit', 'inherit'] });
  if (error) throw error;
  if (status !== 0) throw new Error(`npm ${args[0] ?? ''} failed with exit code ${String(status)} in ${cwd}`);
}

async function keepOnly(folder: string, name: string): Promise<void> {
  if (!existsSync(folder)) return;
  const others = (await readdir(folder)).filter((entry) => entry !== name);
  await Promise.all(others.map((entry) => rm(path.join(folder, entry), { recursive: true, force: true })));
}
