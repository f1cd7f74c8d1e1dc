import { readdir, readFile, stat } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';

/** The execution providers of ONNX Runtime, by the runtime's own names. */
export const PROVIDERS = ['cpu', 'cuda', 'webgpu', 'dml', 'coreml'] as const;
export type Provider = (typeof PROVIDERS)[number];

/** `auto`: a GPU that a trial has accepted. `gpu`: like `auto`, with a warning if there is none. Or one provider. */
export const DEVICE_SETTINGS = ['auto', 'gpu', ...PROVIDERS] as const;
export type DeviceSetting = (typeof DEVICE_SETTINGS)[number];

/** The names of the providers for the user. */
export const PROVIDER_NAMES: Readonly<Record<Provider, string>> = {
  cpu: 'CPU',
  cuda: 'CUDA',
  webgpu: 'WebGPU',
  dml: 'DirectML',
  coreml: 'Core ML',
};

/** The ONNX Runtime that is installed for this machine. */
export interface InstalledRuntime {
  readonly platform: NodeJS.Platform;
  readonly arch: string;
  readonly version: string;
  /** The files beside the runtime, with size and time of change. Some of them are providers. */
  readonly libraries: readonly { readonly name: string; readonly bytes: number; readonly changed: number }[];
}

/** The library of the CUDA provider. The npm package does not contain it: users copy it to the runtime's folder. */
export const CUDA_LIBRARY = 'libonnxruntime_providers_cuda.so';

/**
 * The GPU providers to try, the best first. The runtime's own list names the providers that were compiled in, whether
 * they work or not. Core ML is not in this list, because wrong scores in half precision and slow partitions are
 * reported: it is used only if the setting names it.
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
      return []; // linux-arm64: the package supports only the CPU
  }
}

/**
 * The reason why the installed runtime does not have a provider; undefined if it has. Without this check, a missing
 * DirectML would silently run on the CPU.
 */
export function missingProvider(provider: Provider, runtime: InstalledRuntime): string | undefined {
  const { platform, arch } = runtime;
  if (provider === 'cpu' || gpuProviders(runtime).includes(provider)) return undefined;
  if (provider === 'coreml' && platform === 'darwin' && arch === 'arm64') return undefined;
  if (provider === 'cuda' && platform === 'linux' && arch === 'x64') {
    return `its library ${CUDA_LIBRARY} is not in the folder of ONNX Runtime`;
  }
  return `ONNX Runtime has no ${PROVIDER_NAMES[provider]} on ${platform}-${arch}`;
}

function hasCuda({ libraries }: InstalledRuntime): boolean {
  return libraries.some(({ name }) => name === CUDA_LIBRARY);
}

/** Reads the files of the installed runtime without loading it. */
export async function installedRuntime(): Promise<InstalledRuntime> {
  const { platform, arch } = process;
  const manifest = createRequire(import.meta.url).resolve('onnxruntime-node/package.json');
  const { version } = JSON.parse(await readFile(manifest, 'utf8')) as { version: string };
  const folder = path.join(path.dirname(manifest), 'bin/napi-v6', platform, arch);
  const names = await readdir(folder).catch(() => []); // the runtime itself reports missing files
  const libraries = await Promise.all(
    names.sort().map(async (name) => {
      const { size, mtimeMs } = await stat(path.join(folder, name));
      return { name, bytes: size, changed: mtimeMs };
    }),
  );
  return { platform, arch, version, libraries };
}
