import { products } from './cellScores.ts';

/** Makes maps of prompts over the cells of a square. It is cached, so that a map of another prompt needs no encoder. */
export interface CellMaps {
  /** Cells a side. */
  readonly cells: number;
  /** Memory that they take, in bytes. */
  readonly byteLength: number;
  /** prompts [P, D] unit rows → [P, cells²] */
  mapsOf(prompts: Float32Array): Promise<Float32Array>;
}

/** Maps that are products of prompts with a vector for each cell. */
export class CellVectors implements CellMaps {
  readonly #vectors: Float32Array;
  readonly #dimensions: number;

  /** @param vectors [cells², D] */
  constructor(vectors: Float32Array, dimensions: number) {
    this.#vectors = vectors;
    this.#dimensions = dimensions;
  }

  get cells(): number {
    return Math.sqrt(this.#vectors.length / this.#dimensions);
  }

  get byteLength(): number {
    return this.#vectors.byteLength;
  }

  mapsOf(prompts: Float32Array): Promise<Float32Array> {
    return Promise.resolve(products(prompts, this.#vectors, this.#dimensions));
  }
}
