import { spawnSync } from 'node:child_process';
import { mkdir } from 'node:fs/promises';

/** A disk of a limited size, or a limit of the size of files where no disk can be mounted. */
export interface SmallDisk {
  readonly folder: string;
  /** Limit for commands, in blocks of 1024 bytes; undefined on a disk. */
  readonly fileSizeLimit: number | undefined;
  /** Makes room: the disk becomes large, and the limit ends. */
  readonly enlarge: () => void;
  readonly remove: () => void;
}

const LARGE_KILOBYTES = 256_000;

/** Mounts a file system in memory if this process may; otherwise the disk is a folder with a limit. */
export async function createSmallDisk(folder: string, kilobytes: number): Promise<SmallDisk> {
  await mkdir(folder, { recursive: true });
  const mount = (...args: string[]): boolean => spawnSync('mount', args, { stdio: 'ignore' }).status === 0;
  const isMounted = mount('-t', 'tmpfs', '-o', `size=${kilobytes}k`, 'assetlens-torture', folder);
  return {
    folder,
    fileSizeLimit: isMounted ? undefined : kilobytes,
    enlarge() {
      if (isMounted && !mount('-o', `remount,size=${LARGE_KILOBYTES}k`, folder))
        throw new Error(`${folder} cannot grow.`);
    },
    remove() {
      if (isMounted) spawnSync('umount', ['-l', folder], { stdio: 'ignore' });
    },
  };
}
