import { createHash, randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { trialSchema, type Trial } from './verdict.ts';

/** A refusal is looked into again after so long: the machine may have been busy, and not all of a driver can be seen. */
const REFUSED_FOR = 30 * 24 * 60 * 60_000;

const fileSchema = z.object({ key: z.string(), trials: z.array(trialSchema) });

/** Trials of one model's providers on the disk: a file a model, in a folder that several processes may share. */
export interface VerdictCache {
  /** What holds on this machine; empty where nothing is known, or the file is damaged. */
  read(): Promise<readonly Trial[]>;
  /** Puts them in place of what was there, whole or not at all. */
  write(trials: readonly Trial[]): Promise<void>;
}

/**
 * @param folder need not be there yet
 * @param facts all that a trial depends on, in an order that stays: other facts, and it holds no more
 */
export function verdictCache(folder: string, modelId: string, facts: readonly string[]): VerdictCache {
  const key = hash(JSON.stringify(facts));
  const file = path.join(folder, `${hash(modelId).slice(0, 16)}.json`);
  return {
    async read() {
      try {
        const known = fileSchema.parse(JSON.parse(await readFile(file, 'utf8')));
        return known.key === key ? known.trials.filter(holdsStill) : [];
      } catch {
        return []; // missing, unreadable or damaged: it is tried anew
      }
    },
    async write(trials) {
      const half = `${file}.${randomUUID()}.tmp`;
      try {
        await mkdir(folder, { recursive: true });
        await writeFile(half, `${JSON.stringify({ key, trials }, null, 2)}\n`);
        await rename(half, file);
      } catch (error) {
        await rm(half, { force: true }).catch(() => undefined);
        throw error;
      }
    },
  };
}

function holdsStill({ outcome, at }: Trial): boolean {
  return outcome === 'accepted' || Date.now() - at < REFUSED_FOR;
}

function hash(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
