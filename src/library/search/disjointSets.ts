/** A set of connected rows. */
export interface ConnectedRows {
  readonly members: number[];
  /** The lowest similarity that joined two parts of the set. */
  readonly least: number;
}

/** Union–find with path halving over the rows 0 to size - 1. */
export class DisjointSets {
  readonly #parents: Uint32Array;
  readonly #leasts: Float32Array;

  constructor(size: number) {
    this.#parents = Uint32Array.from({ length: size }, (_, row) => row);
    this.#leasts = new Float32Array(size).fill(1);
  }

  join(a: number, b: number, similarity: number): void {
    const [x, y] = [this.#root(a), this.#root(b)];
    if (x === y) return;
    this.#parents[y] = x;
    this.#leasts[x] = Math.min(this.#leasts[x] ?? 1, this.#leasts[y] ?? 1, similarity);
  }

  /** Lists the sets of at least two members. */
  list(): ConnectedRows[] {
    const sets = new Map<number, number[]>();
    for (let row = 0; row < this.#parents.length; row++) {
      const root = this.#root(row);
      const members = sets.get(root);
      if (members) members.push(row);
      else sets.set(root, [row]);
    }
    return [...sets]
      .filter(([, members]) => members.length > 1)
      .map(([root, members]) => ({ members, least: this.#leasts[root] ?? 1 }));
  }

  #root(row: number): number {
    const parents = this.#parents;
    let node = row;
    for (let parent = parents[node] ?? node; parent !== node; parent = parents[node] ?? node) {
      parents[node] = parents[parent] ?? parent;
      node = parent;
    }
    return node;
  }
}
