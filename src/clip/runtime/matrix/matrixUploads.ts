import type { Call } from '../../../base/rpc/protocol.ts';
import type { InferenceProtocol } from '../protocol.ts';
import type { MatrixSource } from './matrixSource.ts';

/** Maximum number of matrices in a process, one for each workspace folder. */
const MAX_MATRICES = 3;

/** The parent's record of the matrices that one inference process holds. It sends the rows that are missing. */
export class MatrixUploads {
  readonly #call: Call<InferenceProtocol>;
  /** The number of rows that the process holds, by key. The most recently used key is last. */
  readonly #rows = new Map<string, number>();

  constructor(call: Call<InferenceProtocol>) {
    this.#call = call;
  }

  /**
   * Sends the rows of a matrix that the process does not hold yet. Call it for one matrix at a time.
   * @throws the reason of the signal if it is aborted; the rows that were sent stay, and the next upload continues
   *   there
   */
  async upload(source: MatrixSource, signal?: AbortSignal): Promise<void> {
    const { key, columns } = source;
    let rows = this.#rows.get(key) ?? Infinity;
    if (rows > source.rows) {
      await this.#begin(source);
      rows = 0;
    }
    this.#rows.delete(key);
    this.#rows.set(key, rows);
    if (rows === source.rows) return;
    for await (const chunk of source.chunks(rows)) {
      signal?.throwIfAborted();
      await this.#call('appendRows', { key, rows: chunk });
      rows += chunk.length / columns;
      this.#rows.set(key, rows);
    }
    if (rows !== source.rows) throw new Error(`The matrix ${key} has ${rows} rows, not ${source.rows}.`);
  }

  /** Starts a matrix, and removes the one that was not used for the longest time if there are too many. */
  async #begin({ key, columns }: MatrixSource): Promise<void> {
    for (const other of this.#rows.keys()) {
      if (this.#rows.size < MAX_MATRICES || this.#rows.has(key)) break;
      this.#rows.delete(other);
      await this.#call('forgetMatrix', { key: other });
    }
    this.#rows.delete(key);
    await this.#call('beginMatrix', { key, columns });
  }
}
