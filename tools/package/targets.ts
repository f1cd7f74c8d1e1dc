/** A platform that a VSIX is packed for. */
export interface Target {
  /** VS Code's name of the platform. */
  readonly name: string;
  readonly os: NodeJS.Platform;
  readonly cpu: NodeJS.Architecture;
  /** The C library of Linux: glibc, as in VS Code's own builds. */
  readonly libc?: 'glibc';
}

/** All platforms of onnxruntime-node's binaries. Since 1.24, it has none for Macs with Intel processors. */
export const targets: readonly Target[] = [
  { name: 'win32-x64', os: 'win32', cpu: 'x64' },
  { name: 'win32-arm64', os: 'win32', cpu: 'arm64' },
  { name: 'darwin-arm64', os: 'darwin', cpu: 'arm64' },
  { name: 'linux-x64', os: 'linux', cpu: 'x64', libc: 'glibc' },
  { name: 'linux-arm64', os: 'linux', cpu: 'arm64', libc: 'glibc' },
];

/**
 * The targets for the value of `--target`: a name or `all`. The default is the platform of this machine.
 * @throws Error for an unknown name
 */
export function chooseTargets(value = `${process.platform}-${process.arch}`): readonly Target[] {
  if (value === 'all') return targets;
  const chosen = targets.filter(({ name }) => name === value);
  if (chosen.length > 0) return chosen;
  const names = targets.map(({ name }) => name).join(', ');
  throw new Error(`There is no VSIX for ${value}. The targets are: ${names}, all.`);
}
