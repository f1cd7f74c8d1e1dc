import * as vscode from 'vscode';
import { messageOf } from '../base/userError.ts';
import type { Tag } from '../library/index.ts';
import type { Services } from '../workspace/services.ts';
import { keys, readSettings, SECTION } from '../workspace/settings.ts';

const SETTING = `${SECTION}.${keys.decorations}`;

/** If the user wants it: beside images in the Explorer, the first letters of their surest label, and all labels as a tooltip. */
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
        // Once for each file of the Explorer: what is wrong is said where the user asks for tags.
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

/** Undefined where there is nothing to say, or the user wants none. */
export async function decorationOf(services: Services, uri: vscode.Uri): Promise<vscode.FileDecoration | undefined> {
  if (!readSettings().decorations) return undefined;
  const tags = await tagsOf(services, uri);
  const [surest] = tags;
  return surest && new vscode.FileDecoration(badgeOf(surest.label), tags.map(words).join(', '));
}

/** None where it is no image, or its folder was never indexed: its library is not opened then. */
async function tagsOf(services: Services, uri: vscode.Uri): Promise<readonly Tag[]> {
  const { hasImageExtension } = await import('../clip/index.ts');
  if (!hasImageExtension(uri.path)) return [];
  const file = services.folders.locate(uri);
  if (!file || !(await file.folder.hasIndex())) return [];
  const { byPath } = await file.folder.tags();
  return byPath.get(file.path)?.tags ?? [];
}

/** Of two words their initials, of one its first two letters; a badge has room for no more. */
function badgeOf(label: string): string {
  const letters = (text: string): string[] => Array.from(new Intl.Segmenter().segment(text), ({ segment }) => segment);
  const [first = '', second] = label.split(/[\s_-]+/u).filter((word) => word !== '');
  const [initial = '', next = ''] = letters(first);
  return initial.toLocaleUpperCase() + (second === undefined ? next : (letters(second)[0] ?? '').toLocaleUpperCase());
}

function words({ label, score, manual }: Tag): string {
  return manual ? vscode.l10n.t('{0} (by hand)', label) : vscode.l10n.t('{0} {1} %', label, Math.round(100 * score));
}
