/** The rows of a matrix of image embeddings, for the inference process to hold. */
export interface MatrixSource {
  /** Two sources of the same key agree in all rows that both have: one of them only has more rows. */
  readonly key: string;
  readonly rows: number;
  readonly columns: number;
  /** The rows from index `from` on: float16 bit patterns, row-major, whole rows in each chunk. */
  chunks(from: number): AsyncIterable<Uint16Array> | Iterable<Uint16Array>;
}
