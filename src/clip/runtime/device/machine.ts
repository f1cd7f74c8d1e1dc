import { readdir, readFile, realpath, stat } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { installedRuntime, type InstalledRuntime } from './providers.ts';

/** The device files of graphics cards on Linux: Direct Rendering, NVIDIA's own driver (also in containers), and WSL. */
const LINUX_CARDS = [/^\/dev\/dri\/renderD\d+$/, /^\/dev\/nvidia\d+$/, /^\/dev\/dxg$/];
/** Environment variables that choose the driver of a process. */
const DRIVER_VARIABLES = [
  'VK_DRIVER_FILES',
  'VK_ICD_FILENAMES',
  'VK_ADD_DRIVER_FILES',
  'LD_LIBRARY_PATH',
  'CUDA_VISIBLE_DEVICES',
  'CUDA_PATH',
  'MESA_VK_DEVICE_SELECT',
];

/** The facts that the choice of a device depends on. */
export interface Machine {
  readonly runtime: InstalledRuntime;
  /** Whether there is a graphics card. Only Linux shows that without native code; elsewhere it is true. */
  readonly graphicsCard: boolean;
  /** Strings that differ between machines and drivers, for comparison. */
  readonly identity: readonly string[];
}

/** Reads the facts without native code: there is no list of GPUs, but changes of drivers and cards are visible. */
export async function readMachine(): Promise<Machine> {
  const variables = DRIVER_VARIABLES.map((name) => `${name}=${process.env[name] ?? ''}`);
  const cpu = `${os.cpus()[0]?.model ?? ''} ${os.availableParallelism()}`;
  const system = `${process.platform} ${process.arch} ${os.release()}`;
  return {
    runtime: await installedRuntime(),
    graphicsCard: process.platform !== 'linux' || (await linuxCards()).length > 0,
    identity: [system, cpu, ...variables, ...(await drivers())],
  };
}

async function drivers(): Promise<readonly string[]> {
  if (process.platform === 'linux') return linuxDrivers();
  if (process.platform !== 'win32') return []; // the drivers of macOS change with its release, which is in `system`
  // Windows adds a folder to this one for each driver that is installed or updated.
  return [
    await identityOf(path.join(process.env['SystemRoot'] ?? 'C:\\Windows', 'System32/DriverStore/FileRepository')),
  ];
}

async function linuxDrivers(): Promise<readonly string[]> {
  const cards = (await namesIn('/sys/class/drm')).filter((name) => /^card\d+$/.test(name));
  const ids = cards.flatMap((card) => ['vendor', 'device'].map((id) => `/sys/class/drm/${card}/device/${id}`));
  const texts = [...ids, '/proc/driver/nvidia/version', '/sys/module/nvidia/version', '/sys/module/amdgpu/version'];
  // Vulkan drivers, such as Mesa's, are listed in files here, which an update of their package replaces.
  const manifests = [
    '/usr/share/vulkan/icd.d',
    '/etc/vulkan/icd.d',
    path.join(os.homedir(), '.local/share/vulkan/icd.d'),
  ];
  const libraries = ['/usr/lib', '/usr/lib64', ...(process.env['LD_LIBRARY_PATH'] ?? '').split(':').filter(Boolean)];
  if (process.arch === 'x64') libraries.push('/usr/lib/x86_64-linux-gnu');
  return [
    ...(await linuxCards()),
    ...(await Promise.all(texts.map(textOf))),
    ...(await Promise.all(manifests.map(identityOfFilesIn))),
    ...(await Promise.all(libraries.map((folder) => identityOf(path.join(folder, 'libvulkan.so.1'))))),
  ];
}

async function linuxCards(): Promise<readonly string[]> {
  const devices = ['/dev', '/dev/dri'].map(async (folder) =>
    (await namesIn(folder)).map((name) => `${folder}/${name}`),
  );
  return (await Promise.all(devices)).flat().filter((file) => LINUX_CARDS.some((pattern) => pattern.test(file)));
}

async function identityOfFilesIn(folder: string): Promise<string> {
  return (await Promise.all((await namesIn(folder)).map((name) => identityOf(path.join(folder, name))))).join(' ');
}

/** The names in a folder, sorted; empty if it cannot be read. */
async function namesIn(folder: string): Promise<readonly string[]> {
  return (await readdir(folder).catch(() => [])).sort();
}

/** The text of a file; empty if it cannot be read. */
async function textOf(file: string): Promise<string> {
  return (await readFile(file, 'utf8').catch(() => '')).trim();
}

/** The real path of a file, which often contains its version, and its time of change; empty if there is no file. */
async function identityOf(file: string): Promise<string> {
  try {
    return `${await realpath(file)} ${(await stat(file)).mtimeMs}`;
  } catch {
    return '';
  }
}
