import { createHash, randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import * as z from 'zod';
import { trialSchema, type Trial } from './verdict.ts';

/** A refusal is valid for this time: the machine may have been busy, and not every change of a driver is visible. */
const REFUSAL_MILLISECONDS = 30 * 24 * 60 * 60_000;

const fileSchema = z.object({ key: z.string(), trials: z.array(trialSchema) });

/** The trials of one model on the disk: one file for each model, in a folder that several processes can share. */
export interface VerdictCache {
  /** The trials that are valid on this machine; empty if there are none, or the file is damaged. */
  read(): Promise<readonly Trial[]>;
  /** Replaces all trials atomically. */
  write(trials: readonly Trial[]): Promise<void>;
}

/**
 * @param folder is created if it is missing
 * @param facts everything that a trial depends on, in a fixed order: trials with other facts are not valid
 */
export function verdictCache(folder: string, modelId: string, facts: readonly string[]): VerdictCache {
  const key = hash(JSON.stringify(facts));
  const file = path.join(folder, `${hash(modelId).slice(0, 16)}.json`);
  return {
    async read() {
      try {
        const stored = fileSchema.parse(JSON.parse(await readFile(file, 'utf8')));
        return stored.key === key ? stored.trials.filter(isValid) : [];
      } catch {
        return []; // missing, unreadable or damaged: the providers are tried again
      }
    },
    async write(trials) {
      const temporary = `${file}.${randomUUID()}.tmp`;
      try {
        await mkdir(folder, { recursive: true });
        await writeFile(temporary, `${JSON.stringify({ key, trials }, null, 2)}\n`);
        await rename(temporary, file);
      } catch (error) {
        await rm(temporary, { force: true }).catch(() => undefined);
        throw error;
      }
    },
  };
}

function isValid({ outcome, at }: Trial): boolean {
  return outcome === 'accepted' || Date.now() - at < REFUSAL_MILLISECONDS;
}

function hash(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
