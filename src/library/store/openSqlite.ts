import { DatabaseSync } from 'node:sqlite';

/**
 * SQLite's settings for a file that strangers may have written: functions with effects outside the database are not
 * called from its schema, each page is checked before it is used, and the file is read rather than mapped, because
 * another process may cut it. See https://www.sqlite.org/security.html.
 */
export const DEFENSIVE_PRAGMAS = 'PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON; PRAGMA mmap_size = 0;';

/** Bytes of a row. The largest one has an embedding of some KB. */
const MOST_ROW_BYTES = 16 * 1024 * 1024;
/** Our triggers start at most one other trigger. */
const MOST_TRIGGER_DEPTH = 8;

export interface SqliteOptions {
  readonly readOnly?: boolean;
  /** Whether SQLite refuses SQL that can damage the file. Default: true. */
  readonly defensive?: boolean;
}

/**
 * Opens an SQLite file that strangers may have written.
 * @throws the error of SQLite
 */
export function openSqlite(address: string | URL, options: SqliteOptions = {}): DatabaseSync {
  const { readOnly = false, defensive = true } = options;
  // Node before 24.12 and its types do not have the option `defensive`; Node before 24.15 has no limits.
  const connection = new DatabaseSync(address, { readOnly, ...{ defensive } });
  try {
    setLimits(connection);
    connection.exec(DEFENSIVE_PRAGMAS);
    return connection;
  } catch (error) {
    connection.close();
    throw error;
  }
}

function setLimits(connection: DatabaseSync): void {
  if (!('limits' in connection) || typeof connection.limits !== 'object' || !connection.limits) return;
  Object.assign(connection.limits, { length: MOST_ROW_BYTES, triggerDepth: MOST_TRIGGER_DEPTH, attach: 0 });
}
