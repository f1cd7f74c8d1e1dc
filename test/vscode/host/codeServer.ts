import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { VscodeHost } from '../../../tools/vscodeHost/hosts.ts';

/** A running VS Code server. Its home folder is a temporary folder. */
export interface CodeServer extends AsyncDisposable {
  readonly url: string;
  /** The authority of the server in vscode-remote URIs. */
  readonly authority: string;
}

export interface CodeServerOptions {
  readonly host: VscodeHost;
  readonly env?: Readonly<Record<string, string>>;
  /** User settings, in addition to those that turn off notifications. */
  readonly settings?: Readonly<Record<string, unknown>>;
  /** The folder of the installed extensions, by default an empty one. */
  readonly extensions?: string;
  readonly logFile?: string;
  /** Whether the editor asks for trust in a folder, as it does by default. */
  readonly asksForTrust?: boolean;
}

/** Without an extension gallery, the workbench sends no requests for extensions. */
const NO_GALLERY = JSON.stringify({
  serviceUrl: '',
  itemUrl: '',
  resourceUrlTemplate: '',
  controlUrl: '',
  recommendationsUrl: '',
});

const QUIET_SETTINGS = {
  'telemetry.telemetryLevel': 'off',
  'workbench.startupEditor': 'none',
  'workbench.tips.enabled': false,
  'workbench.enableExperiments': false,
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'chat.disableAIFeatures': true,
  'extensions.autoUpdate': false,
  'extensions.autoCheckUpdates': false,
  'extensions.ignoreRecommendations': true,
  'update.mode': 'none',
  'git.enabled': false,
  'typescript.disableAutomaticTypeAcquisition': true,
  'window.commandCenter': false,
};

const START_MILLISECONDS = 120_000;
const STOP_MILLISECONDS = 5_000;

export async function startServer({
  host,
  env,
  settings,
  extensions,
  logFile,
  asksForTrust = false,
}: CodeServerOptions): Promise<CodeServer> {
  const home = await mkdtemp(path.join(tmpdir(), 'assetlens-vscode-'));
  const userData = path.join(home, 'user-data');
  await mkdir(path.join(userData, 'User'), { recursive: true });
  const trust = { 'security.workspace.trust.enabled': asksForTrust };
  const allSettings = JSON.stringify({ ...QUIET_SETTINGS, ...trust, ...settings });
  await writeFile(path.join(userData, 'User/settings.json'), allSettings);
  const config = path.join(home, 'config.yaml');
  await writeFile(config, 'auth: none\n');
  const port = await freePort();
  const authority = `127.0.0.1:${port}`;
  const args = [
    ...[host.entry, '--config', config, '--auth', 'none', '--bind-addr', authority],
    ...['--user-data-dir', userData, '--extensions-dir', extensions ?? path.join(home, 'extensions')],
    ...['--disable-telemetry', '--disable-update-check'],
    ...(asksForTrust ? [] : ['--disable-workspace-trust']),
    ...['--disable-getting-started-override', '--disable-proxy', '--ignore-last-opened'],
  ];
  const child = spawn(host.node, args, {
    env: { ...process.env, ...homeVariables(home), EXTENSIONS_GALLERY: NO_GALLERY, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true, // in a new process group, so that the server, extension host and watchers can be ended together
  });
  const kill = (signal: NodeJS.Signals): void => {
    try {
      if (child.pid !== undefined) process.kill(-child.pid, signal);
    } catch {
      // the group has ended
    }
  };
  process.once('exit', () => {
    kill('SIGKILL');
  });
  let text = '';
  const sink = logFile === undefined ? undefined : createWriteStream(logFile);
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      text += chunk.toString();
      sink?.write(chunk);
    });
  }
  const exited = once(child, 'exit');
  const url = `http://${authority}`;
  const deadline = Date.now() + START_MILLISECONDS;
  while (!(await isReady(`${url}/healthz`))) {
    if (child.exitCode !== null) throw new Error(`code-server ended:\n${text}`);
    if (Date.now() > deadline) throw new Error(`code-server did not start:\n${text}`);
    await sleep(50);
  }
  return {
    url,
    authority,
    async [Symbol.asyncDispose]() {
      kill('SIGTERM');
      const timer = setTimeout(() => {
        kill('SIGKILL');
      }, STOP_MILLISECONDS);
      await exited;
      clearTimeout(timer);
      kill('SIGKILL'); // the rest of the group
      sink?.end();
      await rm(home, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
    },
  };
}

/** Environment variables that give a process another home folder than the user's. */
export function homeVariables(home: string): Record<string, string> {
  return {
    ...{ HOME: home, XDG_CONFIG_HOME: home, XDG_DATA_HOME: home, XDG_RUNTIME_DIR: home, TMPDIR: home },
    ASSETLENS_INDEXES: `${home}/indexes`,
  };
}

async function isReady(url: string): Promise<boolean> {
  return fetch(url).then(
    (response) => response.ok,
    () => false,
  );
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  return port;
}
