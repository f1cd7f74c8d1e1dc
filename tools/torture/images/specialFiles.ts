import { spawnSync } from 'node:child_process';
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { once } from 'node:events';
import path from 'node:path';
import type { Canary } from '../canary.ts';
import type { Random } from '../random.ts';

/**
 * Something in a folder that is no regular image. `closed` is called after the trial.
 */
export interface SpecialFile {
  readonly how: string;
  readonly close?: () => void;
}

type Maker = (folder: string, canary: Canary) => Promise<SpecialFile>;

const program = (name: string, ...args: string[]): boolean => spawnSync(name, args, { stdio: 'ignore' }).status === 0;
const at = (folder: string, name: string): string => path.join(folder, name);

const makers: readonly [Maker, ...Maker[]] = [
  (folder) => Promise.resolve({ how: `FIFO (${program('mkfifo', at(folder, 'fifo.png'))})` }),
  async (folder) => {
    const server = createServer().listen(path.relative(process.cwd(), at(folder, 's.png')));
    await once(server, 'listening');
    return { how: 'socket', close: () => server.close() };
  },
  (folder) => Promise.resolve({ how: `endless device (${program('mknod', at(folder, 'zero.png'), 'c', '1', '5')})` }),
  async (folder) => {
    await symlink('/dev/zero', at(folder, 'zero.jpg'));
    return { how: 'link to an endless device' };
  },
  async (folder) => {
    await symlink('/proc/self/mem', at(folder, 'memory.png'));
    await symlink('/proc/self/fd', at(folder, 'handles'));
    return { how: 'links to /proc' };
  },
  async (folder, canary) => {
    await symlink(canary.image, at(folder, 'out.png'));
    return { how: 'link to an image outside' };
  },
  async (folder, canary) => {
    await symlink(canary.folder, at(folder, 'out'));
    await symlink(path.relative(folder, canary.folder), at(folder, 'out.png'));
    return { how: 'links to a folder outside' };
  },
  async (folder, canary) => {
    await symlink(canary.text, at(folder, '.gitignore'));
    return { how: '.gitignore that is a link to a file outside' };
  },
  async (folder) => {
    await symlink('.', at(folder, 'self'));
    await symlink('..', at(folder, 'up'));
    await mkdir(at(folder, 'a/b'), { recursive: true });
    await symlink('../..', at(folder, 'a/b/c'));
    return { how: 'links that form circles' };
  },
  async (folder) => {
    await symlink('b.png', at(folder, 'a.png'));
    await symlink('a.png', at(folder, 'b.png'));
    return { how: 'links to each other' };
  },
  async (folder) => {
    await symlink('nothing.png', at(folder, 'dangling.png'));
    await symlink('nothing', at(folder, 'dangling'));
    return { how: 'dangling links' };
  },
  async (folder) => {
    await mkdir(at(folder, 'folder.png'));
    await writeFile(at(folder, '.gitignore'), '\\'.repeat(1000) + '\n' + '*'.repeat(50) + '\n[\n');
    return { how: 'folder with the name of an image, and a strange .gitignore' };
  },
  async (folder, canary) => {
    await mkdir(at(folder, '.assetlens'));
    await symlink(canary.text, at(folder, '.assetlens/index.db'));
    return { how: 'an index that is a link to a file outside' };
  },
  async (folder) => {
    await writeFile(at(folder, 'text.png'), 'a text\n');
    return { how: 'text with the name of an image' };
  },
];

export function specialFile(folder: string, canary: Canary, random: Random): Promise<SpecialFile> {
  return random.pick(makers)(folder, canary);
}
