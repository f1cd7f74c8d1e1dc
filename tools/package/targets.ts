/** A platform that a VSIX is made for, by VS Code's name of it. */
export interface Target {
  readonly name: string;
  readonly os: NodeJS.Platform;
  readonly cpu: NodeJS.Architecture;
  /** The C library of Linux: glibc, as in VS Code's own builds. */
  readonly libc?: 'glibc';
}

/** Every platform that onnxruntime-node has binaries for. It has none for Macs with Intel processors since 1.24. */
export const targets: readonly Target[] = [
  { name: 'win32-x64', os: 'win32', cpu: 'x64' },
  { name: 'win32-arm64', os: 'win32', cpu: 'arm64' },
  { name: 'darwin-arm64', os: 'darwin', cpu: 'arm64' },
  { name: 'linux-x64', os: 'linux', cpu: 'x64', libc: 'glibc' },
  { name: 'linux-arm64', os: 'linux', cpu: 'arm64', libc: 'glibc' },
];

/** The targets that `--target` asks for: a name, `all`, or by default this machine's own. Throws for an unknown name. */
export function chooseTargets(asked = `${process.platform}-${process.arch}`): readonly Target[] {
  if (asked === 'all') return targets;
  const chosen = targets.filter(({ name }) => name === asked);
  if (chosen.length > 0) return chosen;
  const names = targets.map(({ name }) => name).join(', ');
  throw new Error(`There is no VSIX for ${asked}. The targets are: ${names}, all.`);
}
