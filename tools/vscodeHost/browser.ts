import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { brotliDecompress } from 'node:zlib';

/** A Chromium that runs without a display. */
export interface Chromium {
  readonly executable: string;
  /** Environment variables that it needs. */
  readonly env: Readonly<Record<string, string>>;
}

/** A package that contains a Chromium with almost no system requirements, for Linux on x64. */
const PACKAGE = '@sparticuz/chromium';
const VERSION = '153.0.0';
const folder = path.resolve(import.meta.dirname, '../../.vscode-host-browser');
const stamp = path.join(folder, `.ok-${VERSION}`);
const executable = path.join(folder, 'chromium');
const libraries = path.join(folder, 'al2023/lib');
const fontConfiguration = path.join(folder, 'fonts.conf');

/**
 * Finds the Chromium that ASSETLENS_CHROMIUM names, the system's one, or the one from npm. With ASSETLENS_CHROMIUM=npm,
 * it ignores the system's one.
 * @returns null where there is none
 */
export function findBrowser(): Chromium | null {
  const choice = process.env['ASSETLENS_CHROMIUM'];
  const candidates = choice === undefined ? ['/usr/bin/chromium', '/usr/bin/chromium-browser'] : [choice];
  const found = choice === 'npm' ? undefined : candidates.find((file) => existsSync(file));
  if (found !== undefined) return { executable: found, env: {} };
  if (!existsSync(stamp)) return null;
  const searchPath = [libraries, process.env['LD_LIBRARY_PATH']].filter((entry) => entry !== undefined).join(':');
  return { executable, env: { LD_LIBRARY_PATH: searchPath, FONTCONFIG_FILE: fontConfiguration } };
}

/**
 * Installs Chromium from npm. An incomplete installation is removed first.
 * @throws Error where npm fails, and on other systems than Linux on x64
 */
export async function installBrowser(): Promise<Chromium> {
  if (process.platform !== 'linux' || process.arch !== 'x64')
    throw new Error('npm has a Chromium for Linux on x64 only.');
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  await writeFile(
    path.join(folder, 'package.json'),
    '{"name":"vscode-host-browser","private":true,"version":"0.0.0"}\n',
  );
  const npmOptions = [
    '--ignore-scripts',
    '--no-package-lock',
    '--no-audit',
    '--no-fund',
    '--loglevel=error',
    '--fetch-retries=1',
  ];
  run('npm', ['install', ...npmOptions, `${PACKAGE}@${VERSION}`]);
  const packed = path.join(folder, 'node_modules', PACKAGE, 'bin');
  await decompress(path.join(packed, 'chromium.br'), executable);
  await chmod(executable, 0o755);
  for (const name of ['al2023', 'fonts']) {
    const archive = path.join(folder, `${name}.tar`);
    await decompress(path.join(packed, `${name}.tar.br`), archive);
    await mkdir(path.join(folder, name));
    run('tar', ['--extract', '--file', archive, '--directory', path.join(folder, name)]);
    await rm(archive);
  }
  await writeFile(fontConfiguration, FONT_CONFIGURATION);
  await rm(path.join(folder, 'node_modules'), { recursive: true });
  await writeFile(stamp, '');
  const installed = findBrowser();
  if (!installed) throw new Error(`${folder} is not complete.`);
  return installed;
}

/** The fonts of the system, and those of the package for systems without any. */
const FONT_CONFIGURATION = `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir>/usr/share/fonts</dir>
  <dir prefix="xdg">fonts</dir>
  <dir>${path.join(folder, 'fonts')}</dir>
  <cachedir>${path.join(folder, 'cache')}</cachedir>
</fontconfig>
`;

async function decompress(from: string, to: string): Promise<void> {
  await writeFile(to, await promisify(brotliDecompress)(await readFile(from)));
}

function run(command: string, args: readonly string[]): void {
  const { status, error } = spawnSync(command, args, { cwd: folder, stdio: ['ignore', 'inherit', 'inherit'] });
  if (error) throw error;
  if (status !== 0) throw new Error(`${command} ${args[0] ?? ''} failed with exit code ${String(status)} in ${folder}`);
}
