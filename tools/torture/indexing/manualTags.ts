import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import type { Workspace } from './workspace.ts';

export interface TagWriter {
  /** The tags that are stored so far: "hash label" → whether the label applies. */
  readonly stored: ReadonlyMap<string, boolean>;
  /** Fulfilled when the process has ended. */
  readonly ended: Promise<unknown>;
  readonly errors: () => string;
  readonly kill: () => void;
}

const MOST_HASHES = 20;

/** Starts a process that sets manual tags in an index. */
export function startTagWriter(workspace: Workspace, indexFile: string, prefix: string, count: number): TagWriter {
  const { root, environment, expected } = workspace;
  const hashes = [...expected.embeddings.keys()].slice(0, MOST_HASHES);
  const script = path.join(import.meta.dirname, 'tagWriter.ts');
  const child = spawn(process.execPath, [script, root, indexFile, prefix, String(count), ...hashes], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...environment },
  });
  const stored = new Map<string, boolean>();
  let [rest, errors] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      const [hash = '', label = '', holds] = line.split(' ');
      stored.set(`${hash} ${label}`, holds === 'true');
    }
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text));
  return { stored, ended: once(child, 'close'), errors: () => errors, kill: () => child.kill('SIGKILL') };
}
