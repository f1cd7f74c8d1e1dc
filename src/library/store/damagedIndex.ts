import { writeFileSync } from 'node:fs';
import { open, readFile, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { UserError, messageOf } from '../../clip/index.ts';
import { isMissing } from '../../base/fileErrors.ts';
import { resultCode } from './sqliteErrors.ts';

/** "ASLN": marks the file as ours in SQLite's header. */
export const APPLICATION_ID = 0x41534c4e;

/** What was done about a damaged index: it was kept under another name, and a new one begun. */
export interface RecoveredIndex {
  /** Where the damaged file is now. */
  readonly keptAs: string;
  /** Tags given by hand that were read from it, and are in the new index. */
  readonly manualTags: number;
  /** False where there may be more of them in the damaged file. */
  readonly complete: boolean;
}

/** A row of hand_tags. */
export type ManualTagRow = readonly [hash: string, label: string, holds: number, givenAt: number];

const markerOf = (file: string): string => `${file}-damaged`;

/**
 * To be thrown where the open index turns out to be damaged. Nobody can take the file away while it is in use, so a marker
 * beside it says so to whoever opens it next.
 * @param id of the file that was opened: by now, another one may have its name
 */
export function damageFound(file: string, id: bigint | undefined, detail: string): UserError {
  const found = `The index ${file} is damaged (${detail}).`;
  try {
    writeFileSync(markerOf(file), `${id ?? ''}`);
  } catch (error) {
    return new UserError(
      `${found} Move it to another folder, with ${file}-wal and ${file}-shm: the images are indexed anew, but tags given by ` +
        `hand are in it. (It could not be marked as damaged: ${messageOf(error)}.)`,
    );
  }
  return new UserError(
    `${found} Reload the window, or run the command again: AssetLens then keeps it under another name and begins a new one, ` +
      'with those of the tags given by hand that can still be read.',
  );
}

/** Whether this very file was found damaged while it was open. */
export async function isMarkedDamaged(file: string, id: bigint | undefined): Promise<boolean> {
  try {
    return id !== undefined && (await readFile(markerOf(file), 'utf8')) === String(id);
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
}

/** Whether a file that SQLite cannot read may be taken for an index: nothing else is ever moved. */
export async function wasIndex(file: string): Promise<boolean> {
  const header = Buffer.alloc(72);
  await using handle = await open(file);
  const { bytesRead } = await handle.read(header, 0, header.length, 0);
  if (bytesRead === header.length && header.toString('latin1').startsWith('SQLite format 3\0')) {
    return header.readUInt32BE(68) === APPLICATION_ID;
  }
  return path.extname(file) === '.db';
}

/** Tells a file from another one of the same name; undefined where there is none to be seen. */
export function idOf(file: string): Promise<bigint | undefined> {
  return stat(file, { bigint: true }).then(
    ({ ino }) => ino,
    () => undefined,
  );
}

/** A recovery takes a moment; who died in one has left this long ago. Milliseconds. */
const STALE = 30_000;

/** Does something while no other process does it for the same index. */
export async function recoverAlone<T>(file: string, work: () => Promise<T>): Promise<T> {
  const lock = `${file}-recovering`;
  for (;;) {
    try {
      await (await open(lock, 'wx')).close();
      break;
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw cannotRename(file, error);
    }
    const since = await stat(lock).then(
      ({ mtimeMs }) => mtimeMs,
      () => Date.now(), // gone meanwhile
    );
    if (Date.now() - since > STALE) await rm(lock, { force: true });
    else await sleep(20);
  }
  try {
    return await work();
  } finally {
    await rm(lock, { force: true });
  }
}

/**
 * Gives a damaged index, which no process opens meanwhile for a recovery of its own, another name.
 * @returns its path now
 */
export async function moveAside(file: string): Promise<string> {
  const { dir, name, ext } = path.parse(file);
  const now = new Date().toISOString().slice(0, 19).replace('T', '-').replaceAll(':', '');
  const keptAs = path.join(dir, `${name}.damaged-${now}${ext}`);
  try {
    // The log first: left behind, it would be taken for that of the new file.
    for (const part of ['-wal', '-shm', '']) {
      await rename(file + part, keptAs + part).catch((error: unknown) => {
        if (part === '' || !isMissing(error)) throw error;
      });
    }
    await rm(markerOf(file), { force: true });
    return keptAs;
  } catch (error) {
    throw cannotRename(file, error);
  }
}

function cannotRename(file: string, error: unknown): UserError {
  return new UserError(
    `The index ${file} is damaged and cannot be renamed (${messageOf(error)}). Close other windows and programs that use it, ` +
      'check that its folder can be written, and try again.',
  );
}

/** Reads what SQLite can still read of the tags given by hand; those alone cannot be made anew from the images. */
export function salvageManualTags(damaged: string): { readonly rows: ManualTagRow[]; readonly complete: boolean } {
  const rows = new Map<string, ManualTagRow>();
  // What lies before the first page that cannot be read, and what lies behind the last one.
  const complete = readManualTagRows(damaged, 'ASC', rows);
  if (!complete) readManualTagRows(damaged, 'DESC', rows);
  return { rows: [...rows.values()], complete };
}

/** @returns whether it came to the end */
function readManualTagRows(file: string, order: 'ASC' | 'DESC', rows: Map<string, ManualTagRow>): boolean {
  let connection: DatabaseSync | undefined;
  try {
    connection = new DatabaseSync(file, { readOnly: true, defensive: false });
    connection.exec('PRAGMA writable_schema = ON'); // so that SQLite reads what is left of a file that was cut short
    if (!connection.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'hand_tags'").get()) return true; // an old version
    const sql = `SELECT hash, label, holds, given_at FROM hand_tags ORDER BY hash ${order}, label ${order}`;
    for (const { hash, label, holds, given_at: givenAt } of connection.prepare(sql).iterate()) {
      if (typeof hash !== 'string' || typeof label !== 'string' || !/^[0-9a-f]{64}$/.test(hash)) continue;
      if (typeof givenAt !== 'number' || (holds !== 0 && holds !== 1)) continue;
      rows.set(`${hash} ${label}`, [hash, label, holds, givenAt]);
    }
    return true;
  } catch (error) {
    if (resultCode(error) === undefined) throw error;
    return false;
  } finally {
    connection?.close();
  }
}
