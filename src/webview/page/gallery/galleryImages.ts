import { isAbortError } from '../../../base/abortError.ts';
import type { Arranged, Arrangement, Choices } from '../../protocol.ts';
import type { Connection } from '../connection.ts';
import { Thumbnails } from '../grid/thumbnails.ts';
import { TileStore } from '../grid/tileStore.ts';

/** The images of the gallery: their arrangement, tiles and thumbnails, and the values that filters can have. */
export class GalleryImages {
  readonly tiles: TileStore;
  readonly thumbnails: Thumbnails;
  readonly #connection: Connection;
  readonly #onChange: () => void;
  #current: Arranged | undefined;
  /** The arrangement of `current`. */
  #arrangement: Arrangement | undefined;
  #arrivals = 0;
  #count: number | undefined;
  #choices: Choices | undefined;
  #areChoicesOutdated = true;
  #running: AbortController | undefined;

  /** @param onChange called when a property has changed */
  constructor(connection: Connection, onChange: () => void) {
    this.#connection = connection;
    this.#onChange = onChange;
    const arrived = (): void => {
      this.#arrivals++;
      onChange();
    };
    this.thumbnails = new Thumbnails(connection, arrived);
    this.tiles = new TileStore(connection, (changed) => {
      if (changed.length > 0) this.thumbnails.refresh(changed);
      arrived();
    });
  }

  /** Increased when a tile or a thumbnail has arrived. */
  get arrivals(): number {
    return this.#arrivals;
  }

  get current(): Arranged | undefined {
    return this.#current;
  }

  /** Number of images, each counted once; undefined before the first arrangement. */
  get count(): number | undefined {
    return this.#count;
  }

  get choices(): Choices | undefined {
    return this.#choices;
  }

  get isBusy(): boolean {
    return this.#running !== undefined;
  }

  idAt(position: number | undefined): number | undefined {
    return this.#current?.order[position ?? -1];
  }

  /** The first position of an image; -1 if it is not shown. */
  positionOf(id: number | null | undefined): number {
    return this.#current?.order.indexOf(id ?? -1) ?? -1;
  }

  /** Call it when images, tags or labels have changed. Requests nothing yet. */
  outdated(): void {
    this.#areChoicesOutdated = true;
    this.tiles.refresh();
    this.thumbnails.refresh([]);
  }

  /**
   * Requests the images in an arrangement. A new request cancels the previous one.
   * @returns undefined if the request was cancelled
   * @throws UserError
   */
  async request(arrangement: Arrangement): Promise<Arranged | undefined> {
    this.#running?.abort();
    const controller = new AbortController();
    this.#running = controller;
    this.#onChange();
    try {
      return await this.#connection.call('arrange', { arrangement }, controller.signal);
    } catch (error) {
      if (isAbortError(error)) return undefined;
      throw error;
    } finally {
      if (this.#running === controller) this.#running = undefined;
      this.#onChange();
    }
  }

  /**
   * Sets the current images.
   * @returns whether their arrangement differs from the previous one
   */
  show(arranged: Arranged, arrangement: Arrangement): boolean {
    const isOther = arrangement !== this.#arrangement;
    this.#current = arranged;
    this.#arrangement = arrangement;
    this.#count = new Set(arranged.order).size;
    this.#onChange();
    return isOther;
  }

  /**
   * Requests the values that filters can have, if they may have changed. The old ones stay until the new ones arrive.
   * @throws UserError
   */
  async loadChoices(): Promise<void> {
    if (!this.#areChoicesOutdated) return;
    this.#areChoicesOutdated = false;
    try {
      this.#choices = await this.#connection.call('choices', null);
      this.#onChange();
    } catch (error) {
      this.#areChoicesOutdated = true;
      if (!isAbortError(error)) throw error;
    }
  }
}
