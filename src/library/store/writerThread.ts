import { once } from 'node:events';
import type { SQLInputValue } from 'node:sqlite';
import { Worker } from 'node:worker_threads';

/** One change: SQL and its parameters. A BLOB owns its buffer, which is copied whole. */
export type Statement = readonly [sql: string, ...parameters: SQLInputValue[]];

/** Writes to the index file on a thread of its own, because a commit may wait: for the disk, or for another process. */
export interface WriterThread extends AsyncDisposable {
  /**
   * Runs the statements in one transaction: all are kept, or none.
   * @returns how many rows each has changed
   * @throws SQLite's error
   */
  write(statements: readonly Statement[]): Promise<number[]>;
}

/** How long another process may hold the index before we give up, in milliseconds; its transactions take a few. */
const PATIENCE = 15_000;

/** As text, because the extension and the CLI are bundled into one file each; it is told all it needs. */
const SCRIPT = `
  const { parentPort, workerData } = require('node:worker_threads');
  const { DatabaseSync } = require('node:sqlite');
  let connection;
  const prepared = new Map();
  const run = ([sql, ...parameters]) => {
    if (!prepared.has(sql)) prepared.set(sql, connection.prepare(sql));
    return Number(prepared.get(sql).run(...parameters).changes);
  };
  const transaction = (statements) => {
    if (!connection) {
      connection = new DatabaseSync(workerData.file);
      connection.exec(workerData.pragmas);
    }
    connection.exec('BEGIN IMMEDIATE');
    try {
      const changes = statements.map(run);
      connection.exec('COMMIT');
      return { changes };
    } finally {
      if (connection.isTransaction) connection.exec('ROLLBACK');
    }
  };
  parentPort.on('message', (message) => {
    if (message === 'close') {
      connection?.close();
      parentPort.close();
      return;
    }
    try {
      parentPort.postMessage(transaction(message));
    } catch ({ message, errcode }) {
      parentPort.postMessage({ failure: { message, errcode } });
    }
  });
`;

type Reply =
  | { readonly changes: number[]; readonly failure?: undefined }
  | { readonly failure: { readonly message: string; readonly errcode: number | undefined } };

interface Waiting {
  readonly resolve: (changes: number[]) => void;
  readonly reject: (error: unknown) => void;
}

/** Starts no thread yet: that is for the first write. It keeps the process alive only while a write waits. */
export function createWriterThread(file: string): WriterThread {
  let worker: Worker | undefined;
  /** Replies come in the order of the requests. */
  const waiting: Waiting[] = [];

  const start = (): Worker => {
    const thread = new Worker(SCRIPT, {
      eval: true,
      // A commit survives a crash of the process; a loss of power costs the last commits at most, never the file.
      workerData: { file, pragmas: `PRAGMA busy_timeout = ${PATIENCE}; PRAGMA synchronous = NORMAL;` },
      execArgv: [],
    });
    thread.on('message', (reply: Reply) => {
      const first = waiting.shift();
      if (waiting.length === 0) thread.unref();
      if (reply.failure) first?.reject(Object.assign(new Error(reply.failure.message), reply.failure));
      else first?.resolve(reply.changes);
    });
    let reason: unknown = new Error('The thread that writes the index ended.');
    thread.on('error', (error) => {
      reason = error;
    });
    thread.on('exit', () => {
      worker = undefined;
      for (const { reject } of waiting.splice(0)) reject(reason);
    });
    return thread;
  };

  return {
    write: (statements) =>
      new Promise((resolve, reject) => {
        worker ??= start();
        waiting.push({ resolve, reject });
        worker.ref();
        worker.postMessage(statements);
      }),
    async [Symbol.asyncDispose]() {
      if (!worker) return;
      const exit = once(worker, 'exit');
      worker.ref();
      worker.postMessage('close');
      await exit;
    },
  };
}
