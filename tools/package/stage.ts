import { spawnSync } from 'node:child_process';
import { cp, glob, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { listFiles } from '@vscode/vsce';
import type { Metafile } from 'esbuild';
import { thirdPartyNotices, type ShippedPackage } from './notices.ts';
import { shippedOutputs } from './outputs.ts';
import type { Target } from './targets.ts';

/** The files that are copied from the repository. .vscodeignore selects those that are packed. */
const COPIED = [
  '.vscodeignore',
  'CHANGELOG.md',
  'LICENSE',
  'README.md',
  'docs/*.md',
  'package-lock.json',
  'package.json',
  'package.nls*.json',
  'l10n/*',
  'media/**',
  'models/labels/*',
  'models/assetlens-*/{README,ATTRIBUTIONS}.md',
  'dist/models/*/*',
];
/** The keys of the manifest that only concern development. */
const DEVELOPMENT_KEYS = ['allowScripts', 'bin', 'devDependencies', 'private', 'scripts'];

/** Writes the files of the VSIX for `target` into `folder`, with that platform's binaries from the npm registry. */
export async function stage(root: string, folder: string, target: Target): Promise<void> {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  const metafiles = JSON.parse(await readFile(path.join(root, 'build/metafiles.json'), 'utf8')) as Metafile[];
  const outputs = shippedOutputs(metafiles);
  // By name, because dist may also have chunks of earlier builds.
  for await (const entry of glob([...COPIED, ...outputs.keys()], { cwd: root, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const file = path.relative(root, path.join(entry.parentPath, entry.name));
    await cp(path.join(root, file), path.join(folder, file));
  }
  install(folder, target);
  await keepRuntimeOf(folder, target);
  await stripManifest(folder);
  const notices = await thirdPartyNotices([
    ...packagesIn(root, [...outputs.values()].flat()),
    ...packagesIn(folder, await listFiles({ cwd: folder })),
  ]);
  await writeFile(path.join(folder, 'ThirdPartyNotices.txt'), notices);
}

/** Installs the production packages with the binaries of `target`. */
function install(folder: string, { os, cpu, libc }: Target): void {
  const platform = [`--os=${os}`, `--cpu=${cpu}`, ...(libc === undefined ? [] : [`--libc=${libc}`])];
  const args = ['ci', '--omit=dev', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error', ...platform];
  // On Windows the npm command is a batch file, so npm's script is run directly.
  const script = process.env['npm_execpath'];
  const [command, all] = script === undefined ? ['npm', args] : [process.execPath, [script, ...args]];
  const { status, error } = spawnSync(command, all, { cwd: folder, stdio: ['ignore', 'ignore', 'inherit'] });
  if (error) throw error;
  if (status !== 0) throw new Error(`npm ${args.join(' ')} failed with exit code ${String(status)}.`);
}

/** Removes the binaries of other platforms, and the second copy of the macOS library, from onnxruntime-node. */
async function keepRuntimeOf(folder: string, { os, cpu }: Target): Promise<void> {
  const binaries = path.join(folder, 'node_modules/onnxruntime-node/bin');
  for (const napi of await readdir(binaries)) {
    for (const system of await readdir(path.join(binaries, napi))) {
      for (const processor of await readdir(path.join(binaries, napi, system))) {
        if (system === os && processor === cpu) continue;
        await rm(path.join(binaries, napi, system, processor), { recursive: true });
      }
    }
  }
  for await (const duplicate of glob('**/libonnxruntime.[0-9]*.[0-9]*.dylib', { cwd: binaries })) {
    await rm(path.join(binaries, duplicate)); // the binding loads libonnxruntime.1.dylib
  }
}

async function stripManifest(folder: string): Promise<void> {
  const file = path.join(folder, 'package.json');
  const manifest = JSON.parse(await readFile(file, 'utf8')) as Record<string, unknown>;
  const kept = Object.entries(manifest).filter(([key]) => !DEVELOPMENT_KEYS.includes(key));
  await writeFile(file, JSON.stringify(Object.fromEntries(kept), null, 2));
}

/** The npm packages of the files; `folder` contains their node_modules. */
function packagesIn(folder: string, files: readonly string[]): ShippedPackage[] {
  const names = new Set(files.map(packageOf).filter((name) => name !== null));
  return [...names].map((name) => ({ name, folder: path.join(folder, 'node_modules', name) }));
}

function packageOf(file: string): string | null {
  return /(?:^|[\\/])node_modules[\\/]((?:@[^\\/]+[\\/])?[^\\/]+)/.exec(file)?.[1]?.replaceAll('\\', '/') ?? null;
}
