import { readdir, readFile, stat } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';

/** What ONNX Runtime can compute with, by the runtime's own names. */
export const PROVIDERS = ['cpu', 'cuda', 'webgpu', 'dml', 'coreml'] as const;
export type Provider = (typeof PROVIDERS)[number];

/** `auto`: a GPU where one proved itself. `gpu`: as `auto`, and one is told where there is none. Or a provider by its name. */
export const DEVICE_SETTINGS = ['auto', 'gpu', ...PROVIDERS] as const;
export type DeviceSetting = (typeof DEVICE_SETTINGS)[number];

/** As people know them. */
export const PROVIDER_NAMES: Readonly<Record<Provider, string>> = {
  cpu: 'CPU',
  cuda: 'CUDA',
  webgpu: 'WebGPU',
  dml: 'DirectML',
  coreml: 'Core ML',
};

/** The runtime that is installed for this machine. */
export interface InstalledRuntime {
  readonly platform: NodeJS.Platform;
  readonly arch: string;
  readonly version: string;
  /** Files beside the runtime, each with its size and time: providers among them. */
  readonly libraries: readonly { readonly name: string; readonly bytes: number; readonly changed: number }[];
}

/** Of CUDA, which is no part of the package: who wants it puts it beside the runtime. */
export const CUDA_LIBRARY = 'libonnxruntime_providers_cuda.so';

/**
 * The GPU providers to try, the best first. What the runtime lists as supported is what was compiled in, and says nothing of what
 * works. Core ML is not among them: wrong scores in half precision and slow partitions are reported of it, so it is for
 * those who ask for it by name.
 */
export function gpuProviders(runtime: InstalledRuntime): readonly Provider[] {
  switch (`${runtime.platform}-${runtime.arch}`) {
    case 'linux-x64':
      return hasCuda(runtime) ? ['cuda', 'webgpu'] : ['webgpu'];
    case 'win32-x64':
    case 'win32-arm64':
      return ['dml', 'webgpu'];
    case 'darwin-arm64':
      return ['webgpu'];
    default:
      return []; // linux-arm64: the package has the processor alone
  }
}

/** Why this machine's runtime has no such provider; undefined where it has. DirectML would run on the processor and say nothing. */
export function missingProvider(provider: Provider, runtime: InstalledRuntime): string | undefined {
  const { platform, arch } = runtime;
  if (provider === 'cpu' || gpuProviders(runtime).includes(provider)) return undefined;
  if (provider === 'coreml' && platform === 'darwin' && arch === 'arm64') return undefined;
  if (provider === 'cuda' && platform === 'linux' && arch === 'x64') {
    return `its library ${CUDA_LIBRARY} does not lie beside ONNX Runtime`;
  }
  return `ONNX Runtime has no ${PROVIDER_NAMES[provider]} on ${platform}-${arch}`;
}

function hasCuda({ libraries }: InstalledRuntime): boolean {
  return libraries.some(({ name }) => name === CUDA_LIBRARY);
}

/** Reads what lies there, and loads none of it. */
export async function installedRuntime(): Promise<InstalledRuntime> {
  const { platform, arch } = process;
  const manifest = createRequire(import.meta.url).resolve('onnxruntime-node/package.json');
  const { version } = JSON.parse(await readFile(manifest, 'utf8')) as { version: string };
  const folder = path.join(path.dirname(manifest), 'bin/napi-v6', platform, arch);
  const names = await readdir(folder).catch(() => []); // the runtime itself says best what is missing
  const libraries = await Promise.all(
    names.sort().map(async (name) => {
      const { size, mtimeMs } = await stat(path.join(folder, name));
      return { name, bytes: size, changed: mtimeMs };
    }),
  );
  return { platform, arch, version, libraries };
}
