import { readdir, readFile, realpath, stat } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { installedRuntime, type InstalledRuntime } from './providers.ts';

/** Where Linux shows a graphics card: Direct Rendering, NVIDIA's own driver (in containers, too), and WSL. */
const LINUX_CARDS = [/^\/dev\/dri\/renderD\d+$/, /^\/dev\/nvidia\d+$/, /^\/dev\/dxg$/];
/** What decides which driver a process gets. */
const DRIVER_VARIABLES = [
  'VK_DRIVER_FILES',
  'VK_ICD_FILENAMES',
  'VK_ADD_DRIVER_FILES',
  'LD_LIBRARY_PATH',
  'CUDA_VISIBLE_DEVICES',
  'CUDA_PATH',
  'MESA_VK_DEVICE_SELECT',
];

/** What the choice of a device depends on. */
export interface Machine {
  readonly runtime: InstalledRuntime;
  /** Whether the system shows a graphics card, as far as that is to be seen without native code: on Linux alone it is. */
  readonly graphicsCard: boolean;
  /** Another machine, or other drivers: other lines. They say nothing to people. */
  readonly identity: readonly string[];
}

/** Without native code there is no list of GPUs; but what a new driver or card brings along can be seen. */
export async function readMachine(): Promise<Machine> {
  const variables = DRIVER_VARIABLES.map((name) => `${name}=${process.env[name] ?? ''}`);
  const processor = `${os.cpus()[0]?.model ?? ''} ${os.availableParallelism()}`;
  const system = `${process.platform} ${process.arch} ${os.release()}`;
  return {
    runtime: await installedRuntime(),
    graphicsCard: process.platform !== 'linux' || (await linuxCards()).length > 0,
    identity: [system, processor, ...variables, ...(await drivers())],
  };
}

async function drivers(): Promise<readonly string[]> {
  if (process.platform === 'linux') return linuxDrivers();
  if (process.platform !== 'win32') return []; // macOS brings its drivers with itself, and its release is told
  // A driver that is installed or updated gets a folder of its own in there.
  return [await changed(path.join(process.env['SystemRoot'] ?? 'C:\\Windows', 'System32/DriverStore/FileRepository'))];
}

async function linuxDrivers(): Promise<readonly string[]> {
  const cards = (await namesIn('/sys/class/drm')).filter((name) => /^card\d+$/.test(name));
  const ids = cards.flatMap((card) => ['vendor', 'device'].map((id) => `/sys/class/drm/${card}/device/${id}`));
  const texts = [...ids, '/proc/driver/nvidia/version', '/sys/module/nvidia/version', '/sys/module/amdgpu/version'];
  // Mesa and others name their Vulkan drivers there, in files that their packages renew.
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
    ...(await Promise.all(manifests.map(changesIn))),
    ...(await Promise.all(libraries.map((folder) => changed(path.join(folder, 'libvulkan.so.1'))))),
  ];
}

async function linuxCards(): Promise<readonly string[]> {
  const devices = ['/dev', '/dev/dri'].map(async (folder) =>
    (await namesIn(folder)).map((name) => `${folder}/${name}`),
  );
  return (await Promise.all(devices)).flat().filter((file) => LINUX_CARDS.some((pattern) => pattern.test(file)));
}

async function changesIn(folder: string): Promise<string> {
  return (await Promise.all((await namesIn(folder)).map((name) => changed(path.join(folder, name))))).join(' ');
}

async function namesIn(folder: string): Promise<readonly string[]> {
  return (await readdir(folder).catch(() => [])).sort();
}

async function textOf(file: string): Promise<string> {
  return (await readFile(file, 'utf8').catch(() => '')).trim();
}

/** The real name of a file, which has its version in it often, and when it changed; empty where there is none. */
async function changed(file: string): Promise<string> {
  try {
    return `${await realpath(file)} ${(await stat(file)).mtimeMs}`;
  } catch {
    return '';
  }
}
