import * as l10n from '@vscode/l10n';
import type { Group, PageRequest } from '../../protocol.ts';
import { isAbort, messageOf, type Connection } from '../messages/connection.ts';
import { menuContext } from './menuContext.ts';
import type { TileStore } from '../grid/tileStore.ts';

export type Action = Extract<PageRequest, { kind: 'act' }>['action'];
type Label = NonNullable<Group['label']>;

/** What is done with images: by keys, by menus, by dragging. */
export interface ImageCommands {
  readonly ask: (request: PageRequest) => Promise<void>;
  readonly act: (action: Action, ids: readonly number[]) => Promise<void>;
  /** Says of those of the images that carry a label that it does not hold. */
  readonly withdraw: (label: Label, ids: readonly number[]) => Promise<void>;
  /** A menu, or what is dragged, is for all of these or for nothing: says so where not all of it is known yet. */
  readonly areKnown: (ids: readonly number[]) => boolean;
  /** What the editor's menu is told; null where it is for nothing. */
  readonly menuOf: (ids: readonly number[], label: Label | null) => string | null;
}

export interface CommandWords {
  /** Of something that failed, for people; empty: nothing did. */
  readonly failed: (problem: string) => void;
  readonly noted: (notice: string) => void;
}

/** Images that a context menu is given, or that are dragged. */
export const MOST_IN_MENU = 5000;

export function createImageCommands(connection: Connection, tiles: TileStore, words: CommandWords): ImageCommands {
  const ask = async (request: PageRequest): Promise<void> => {
    words.failed('');
    try {
      await connection.ask(request);
    } catch (error) {
      if (!isAbort(error)) words.failed(messageOf(error));
    }
  };
  const areKnown = (ids: readonly number[]): boolean => {
    const tooMany = ids.length > MOST_IN_MENU;
    if (!tooMany && ids.every((id) => tiles.get(id))) {
      words.noted('');
      return true;
    }
    words.noted(
      tooMany
        ? l10n.t(
            'Menu and dragging take up to {0} images; the keys T and Ctrl+C take all that are selected.',
            MOST_IN_MENU.toLocaleString(),
          )
        : l10n.t('The selected images are being read. Try again in a moment.'),
    );
    return false;
  };
  return {
    ask,
    async act(action, ids) {
      if (ids.length > 0) await ask({ kind: 'act', action, ids: [...ids] });
    },
    async withdraw({ set, label }, ids) {
      const known = await tiles.load(ids);
      const carrying = known.filter(({ tags }) => tags.some((tag) => tag.set === set && tag.label === label));
      if (carrying.length === 0) return;
      await ask({ kind: 'setTag', ids: carrying.map(({ id }) => id), label, holds: false, undo: true });
    },
    areKnown,
    menuOf(ids, label) {
      if (!areKnown(ids)) return null;
      const known = ids.map((id) => tiles.get(id)).filter((tile) => tile !== undefined);
      return menuContext(known, label);
    },
  };
}
