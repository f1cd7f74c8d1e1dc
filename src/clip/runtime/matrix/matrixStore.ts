import { EmbeddingMatrix } from './embeddingMatrix.ts';
import type { MatrixOperations } from './operations.ts';

/** The matrices that the inference process holds, by key. The parent decides which ones; see MatrixUploads. */
export class MatrixStore {
  readonly #operations: MatrixOperations;
  readonly #matrices = new Map<string, EmbeddingMatrix>();

  constructor(operations: MatrixOperations) {
    this.#operations = operations;
  }

  /** Starts an empty matrix, in place of an earlier one of this key. */
  begin(key: string, columns: number): void {
    this.#matrices.set(key, new EmbeddingMatrix(columns, this.#operations));
  }

  forget(key: string): void {
    this.#matrices.delete(key);
  }

  get(key: string): EmbeddingMatrix {
    const matrix = this.#matrices.get(key);
    if (!matrix) throw new Error(`There is no matrix ${key}.`);
    return matrix;
  }
}
