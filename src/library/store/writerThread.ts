import { once } from 'node:events';
import type { SQLInputValue } from 'node:sqlite';
import { Worker } from 'node:worker_threads';
import { DEFENSIVE_PRAGMAS } from './openSqlite.ts';

/** SQL with its parameters. The buffer of a BLOB is copied as a whole. */
export type Statement = readonly [sql: string, ...parameters: SQLInputValue[]];

/** Time in milliseconds that a write waits for other processes, whose transactions take a few milliseconds each. */
const PATIENCE = 15_000;

const PRAGMAS = `${DEFENSIVE_PRAGMAS} PRAGMA busy_timeout = ${PATIENCE}; PRAGMA synchronous = NORMAL;`;

/** The thread's code is text, because the extension and the CLI are bundled into one file each. */
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
      connection = new DatabaseSync(workerData.file, { defensive: true });
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

interface PendingWrite {
  readonly resolve: (changes: number[]) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Writes to the index file on a separate thread, because a commit may wait for the disk or for another process. The
 * first write starts the thread, which keeps the process alive only while a write is pending.
 */
export class WriterThread implements AsyncDisposable {
  readonly #file: string;
  /** In the order of the requests, which is the order of the replies. */
  readonly #pending: PendingWrite[] = [];
  #worker: Worker | undefined;

  constructor(file: string) {
    this.#file = file;
  }

  /**
   * Runs the statements in one transaction.
   * @returns the number of rows that each statement changed
   * @throws the error of SQLite
   */
  write(statements: readonly Statement[]): Promise<number[]> {
    return new Promise((resolve, reject) => {
      this.#worker ??= this.#start();
      this.#pending.push({ resolve, reject });
      this.#worker.ref();
      this.#worker.postMessage(statements);
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#worker) return;
    const exit = once(this.#worker, 'exit');
    this.#worker.ref();
    this.#worker.postMessage('close');
    await exit;
  }

  #start(): Worker {
    const worker = new Worker(SCRIPT, {
      eval: true,
      // A commit survives a crash of the process. A loss of power may undo the last commits but does not damage the
      // file.
      workerData: { file: this.#file, pragmas: PRAGMAS },
      execArgv: [],
    });
    worker.on('message', (reply: Reply) => {
      this.#settle(reply);
      if (this.#pending.length === 0) worker.unref();
    });
    let reason: unknown = new Error('The thread that writes the index ended.');
    worker.on('error', (error) => {
      reason = error;
    });
    worker.on('exit', () => {
      this.#worker = undefined;
      for (const { reject } of this.#pending.splice(0)) reject(reason);
    });
    return worker;
  }

  #settle(reply: Reply): void {
    const first = this.#pending.shift();
    if (reply.failure) first?.reject(Object.assign(new Error(reply.failure.message), reply.failure));
    else first?.resolve(reply.changes);
  }
}
