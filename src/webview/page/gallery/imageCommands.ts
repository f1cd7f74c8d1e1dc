import * as l10n from '@vscode/l10n';
import { isAbortError } from '../../../base/abortError.ts';
import { messageOf } from '../../../base/userError.ts';
import type { GalleryMethod, GalleryParams, Group, ImageAction } from '../../protocol.ts';
import type { Connection } from '../connection.ts';
import type { TileStore } from '../grid/tileStore.ts';
import { menuContext } from './menuContext.ts';

type Label = NonNullable<Group['label']>;

/** Maximum number of images in a context menu, or in a drag operation. */
const MAX_IN_MENU = 5000;

export interface CommandMessages {
  /** Shows why a command failed; an empty message removes the previous one. */
  readonly error: (message: string) => void;
  /** Shows a note; an empty one removes the previous one. */
  readonly note: (message: string) => void;
}

/** The commands for images, by keys, by the context menu and by dragging. */
export class ImageCommands {
  readonly #connection: Connection;
  readonly #tiles: TileStore;
  readonly #show: CommandMessages;

  constructor(connection: Connection, tiles: TileStore, show: CommandMessages) {
    this.#connection = connection;
    this.#tiles = tiles;
    this.#show = show;
  }

  /** Calls a method of the panel, and shows its error. */
  async run<M extends GalleryMethod>(method: M, params: GalleryParams<M>): Promise<void> {
    this.#show.error('');
    try {
      await this.#connection.call(method, params);
    } catch (error) {
      if (!isAbortError(error)) this.#show.error(messageOf(error));
    }
  }

  async act(action: ImageAction, ids: readonly number[]): Promise<void> {
    if (ids.length > 0) await this.run('act', { action, ids: [...ids] });
  }

  /** Removes a label from those of the images that have it. */
  async removeLabel({ set, label }: Label, ids: readonly number[]): Promise<void> {
    const tiles = await this.#tiles.load(ids);
    const labelled = tiles.filter(({ tags }) => tags.some((tag) => tag.set === set && tag.label === label));
    if (labelled.length === 0) return;
    await this.run('setTag', { ids: labelled.map(({ id }) => id), label, holds: false, undo: true });
  }

  /** Loads the tiles of images that a menu or a drag operation may need soon. Never rejects. */
  async preload(ids: readonly number[]): Promise<void> {
    await this.#tiles.load(ids.slice(0, MAX_IN_MENU)).catch(() => undefined);
  }

  /**
   * Whether a menu or a drag operation is possible: the tiles of all images must be loaded. If not, a note gives the
   * reason. Bound, so that it can be passed on.
   */
  readonly areLoaded = (ids: readonly number[]): boolean => {
    const tooMany = ids.length > MAX_IN_MENU;
    if (!tooMany && ids.every((id) => this.#tiles.get(id))) {
      this.#show.note('');
      return true;
    }
    this.#show.note(
      tooMany
        ? l10n.t(
            'The menu and drag and drop work with up to {0} images. The keys T and Ctrl+C work with all selected images.',
            MAX_IN_MENU.toLocaleString(),
          )
        : l10n.t('AssetLens is reading the selected images. Try again in a moment.'),
    );
    return false;
  };

  /** The context of the editor's menu for images; null if there is no menu for them. */
  menuContextOf(ids: readonly number[], label: Label | null): string | null {
    if (!this.areLoaded(ids)) return null;
    const tiles = ids.map((id) => this.#tiles.get(id)).filter((tile) => tile !== undefined);
    return menuContext(tiles, label);
  }
}
