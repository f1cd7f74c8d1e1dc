import type { Tile } from '../../protocol.ts';
import type { Connection } from '../messages/connection.ts';

/** What is known of images by number; what is not is asked for when it is wanted. */
export interface TileStore {
  get(id: number): Tile | undefined;
  want(ids: readonly number[]): void;
  /** All of them, asked for where they are not known. Those that are gone are left out. */
  load(ids: readonly number[]): Promise<Tile[]>;
  /** Images or tags may be others than before: asks again, and shows what is known until then. */
  refresh(): void;
}

/** Images of one request. */
const BATCH = 300;

/** @param onLoaded told when some have come, and which of them have another content than before */
export function createTileStore(connection: Connection, onLoaded: (changed: readonly number[]) => void): TileStore {
  const tiles = new Map<number, Tile>();
  const fresh = new Set<number>();
  const asked = new Map<number, Promise<void>>();
  let generation = 0;

  const request = (ids: readonly number[]): Promise<void> => {
    const own = generation;
    const loading = connection
      .ask({ kind: 'tiles', ids: [...ids] })
      .then(({ tiles: loaded }) => {
        if (own !== generation) return;
        for (const id of ids) fresh.add(id); // those that are gone, too: asking again would not bring them
        const changed = loaded.filter(({ id, hash }) => (tiles.get(id)?.hash ?? hash) !== hash);
        for (const tile of loaded) tiles.set(tile.id, tile);
        onLoaded(changed.map(({ id }) => id));
      })
      .finally(() => {
        for (const id of ids) if (asked.get(id) === loading) asked.delete(id);
      });
    for (const id of ids) asked.set(id, loading);
    return loading;
  };
  const missingOf = (ids: readonly number[]): number[] => ids.filter((id) => !fresh.has(id) && !asked.has(id));

  return {
    get: (id) => tiles.get(id),
    want(ids) {
      const missing = missingOf(ids);
      // What fails here (an index that is gone, for example) is told by the arrangement, which asks for the same images.
      for (let at = 0; at < missing.length; at += BATCH) request(missing.slice(at, at + BATCH)).catch(() => undefined);
    },
    async load(ids) {
      const own = generation;
      const missing = missingOf(ids);
      for (let at = 0; at < missing.length; at += BATCH) await request(missing.slice(at, at + BATCH));
      await Promise.all(ids.map((id) => asked.get(id)).filter((loading) => loading !== undefined));
      if (own !== generation) return this.load(ids); // what came was of before
      return ids.map((id) => tiles.get(id)).filter((tile) => tile !== undefined);
    },
    refresh() {
      generation++;
      fresh.clear();
      asked.clear();
    },
  };
}
