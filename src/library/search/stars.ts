/** A row with the rows that are connected with it. */
export interface Star {
  /** The centre first, then the others in the order of rows. */
  readonly members: readonly number[];
  /** The lowest similarity of a member with the centre. */
  readonly least: number;
}

/**
 * Groups of connected rows in which every member is connected with the centre. Unlike the connected components of a
 * graph, a group does not grow along chains of connections.
 */
export class Stars {
  readonly #neighbours = new Map<number, Map<number, number>>();

  join(a: number, b: number, similarity: number): void {
    this.#add(a, b, similarity);
    this.#add(b, a, similarity);
  }

  /** Lists the stars. The row with the most connections becomes the first centre; a row belongs to one star only. */
  list(): Star[] {
    const taken = new Set<number>();
    const stars: Star[] = [];
    const centres = [...this.#neighbours].sort(([a, x], [b, y]) => y.size - x.size || a - b);
    for (const [centre, neighbours] of centres) {
      if (taken.has(centre)) continue;
      const others = [...neighbours].filter(([row]) => !taken.has(row)).sort(([a], [b]) => a - b);
      if (others.length === 0) continue;
      for (const row of [centre, ...others.map(([other]) => other)]) taken.add(row);
      stars.push({
        members: [centre, ...others.map(([row]) => row)],
        least: Math.min(...others.map(([, similarity]) => similarity)),
      });
    }
    return stars;
  }

  #add(from: number, to: number, similarity: number): void {
    const known = this.#neighbours.get(from);
    if (known) known.set(to, similarity);
    else this.#neighbours.set(from, new Map([[to, similarity]]));
  }
}
