import * as vscode from 'vscode';
import { percent } from '../base/format.ts';
import { messageOf } from '../base/userError.ts';
import type { Tag } from '../library/index.ts';
import type { Services } from '../workspace/services.ts';
import { keys, readSettings, SECTION } from '../workspace/settings.ts';
import { oneLine, printable } from '../base/printable.ts';

const SETTING = `${SECTION}.${keys.decorations}`;

/**
 * Registers the decorations of images in the Explorer, which a setting enables: the first letters of the best label as
 * a badge, and all labels as a tooltip.
 */
export function registerTagDecorations(services: Services): vscode.Disposable {
  const changed = new vscode.EventEmitter<undefined>();
  const fire = (): void => {
    changed.fire(undefined);
  };
  const provider: vscode.FileDecorationProvider = {
    onDidChangeFileDecorations: changed.event,
    async provideFileDecoration(uri) {
      try {
        return await decorationOf(services, uri);
      } catch (error) {
        // The editor asks for each file of the Explorer. Other features show the error when the user asks for tags.
        services.log.debug(messageOf(error));
        return undefined;
      }
    },
  };
  return vscode.Disposable.from(
    changed,
    vscode.window.registerFileDecorationProvider(provider),
    services.folders.onDidChange(() => {
      if (readSettings().decorations) fire();
    }),
    vscode.workspace.onDidChangeConfiguration((event) => {
      if (event.affectsConfiguration(SETTING)) fire();
    }),
  );
}

/** Returns the decoration of a file, or undefined if it has no tags or decorations are disabled. */
export async function decorationOf(services: Services, uri: vscode.Uri): Promise<vscode.FileDecoration | undefined> {
  if (!readSettings().decorations) return undefined;
  const tags = await tagsOf(services, uri);
  const [best] = tags;
  return best && new vscode.FileDecoration(badgeOf(oneLine(best.label)), printable(tags.map(describeTag).join(', ')));
}

/** Returns the tags of an image. It opens no library of a folder that was never indexed. */
async function tagsOf(services: Services, uri: vscode.Uri): Promise<readonly Tag[]> {
  const { hasImageExtension } = await import('../clip/index.ts');
  if (!hasImageExtension(uri.path)) return [];
  const file = services.folders.locate(uri);
  if (!file || !(await file.folder.hasIndex())) return [];
  const { byPath } = await file.folder.tags();
  return byPath.get(file.path)?.tags ?? [];
}

/**
 * Returns the initials of the first two words, or the first two letters of a single word: a badge has at most two
 * letters.
 */
function badgeOf(label: string): string {
  const letters = (text: string): string[] => Array.from(new Intl.Segmenter().segment(text), ({ segment }) => segment);
  const [first = '', second] = label.split(/[\s_-]+/u).filter((word) => word !== '');
  const [initial = '', next = ''] = letters(first);
  return initial.toLocaleUpperCase() + (second === undefined ? next : (letters(second)[0] ?? '').toLocaleUpperCase());
}

function describeTag({ label, score, manual }: Tag): string {
  return manual ? vscode.l10n.t('{0} (manual)', label) : `${label} ${percent(score)}`;
}
