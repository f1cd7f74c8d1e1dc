import type { Tile } from '../../protocol.ts';
import type { Connection } from '../connection.ts';

/** Number of tiles of one request. */
const BATCH = 300;

/** The tiles of images by id. Missing ones are requested when they are wanted. */
export class TileStore {
  readonly #connection: Connection;
  readonly #onLoaded: (changed: readonly number[]) => void;
  readonly #tiles = new Map<number, Tile>();
  /** Ids that were requested in this generation. */
  readonly #fresh = new Set<number>();
  readonly #running = new Map<number, Promise<void>>();
  /** Increased when the tiles may be out of date. */
  #generation = 0;

  /** @param onLoaded called when tiles have arrived, with the ids of images whose content has changed */
  constructor(connection: Connection, onLoaded: (changed: readonly number[]) => void) {
    this.#connection = connection;
    this.#onLoaded = onLoaded;
  }

  get(id: number): Tile | undefined {
    return this.#tiles.get(id);
  }

  want(ids: readonly number[]): void {
    for (const batch of this.#missingBatches(ids)) {
      // The arrangement asks for the same images, and its error is shown.
      this.#request(batch).catch(() => undefined);
    }
  }

  /** The tiles of images, requested if they are missing. Images that no longer exist are skipped. */
  async load(ids: readonly number[]): Promise<Tile[]> {
    const generation = this.#generation;
    for (const batch of this.#missingBatches(ids)) await this.#request(batch);
    await Promise.all(ids.map((id) => this.#running.get(id)).filter((request) => request !== undefined));
    if (generation !== this.#generation) return this.load(ids); // the tiles are out of date
    return ids.map((id) => this.#tiles.get(id)).filter((tile) => tile !== undefined);
  }

  /** Call it when images or tags may have changed: tiles are requested again, and the old ones shown until then. */
  refresh(): void {
    this.#generation++;
    this.#fresh.clear();
    this.#running.clear();
  }

  #missingBatches(ids: readonly number[]): number[][] {
    const missing = ids.filter((id) => !this.#fresh.has(id) && !this.#running.has(id));
    const batches = Array.from({ length: Math.ceil(missing.length / BATCH) }, (_, i) => i * BATCH);
    return batches.map((start) => missing.slice(start, start + BATCH));
  }

  #request(ids: readonly number[]): Promise<void> {
    const request = this.#load(ids, this.#generation).finally(() => {
      for (const id of ids) if (this.#running.get(id) === request) this.#running.delete(id);
    });
    for (const id of ids) this.#running.set(id, request);
    return request;
  }

  async #load(ids: readonly number[], generation: number): Promise<void> {
    const { tiles } = await this.#connection.call('tiles', { ids: [...ids] });
    if (generation !== this.#generation) return;
    for (const id of ids) this.#fresh.add(id); // also those without a tile: another request would not find them
    const changed = tiles.filter(({ id, hash }) => (this.#tiles.get(id)?.hash ?? hash) !== hash);
    for (const tile of tiles) this.#tiles.set(tile.id, tile);
    this.#onLoaded(changed.map(({ id }) => id));
  }
}
