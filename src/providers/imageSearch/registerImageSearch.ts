import * as vscode from 'vscode';
import { partialLines } from '../../workspace/indexing/partialText.ts';
import { reportErrors } from '../../workspace/log.ts';
import type { Services } from '../../workspace/services.ts';
import { searchFolders, whyNoImages, type Hits } from '../../workspace/folders/searchFolders.ts';
import { unknownWordsIn } from '../../workspace/folders/unknownWords.ts';
import { folderQuery } from './folderQuery.ts';
import { imageItem, notice, separator, type ImageItem, type ItemOptions } from './imageItems.ts';
import { showImagePick } from './imagePick.ts';
import { remembered, storedQueries } from './recentQueries.ts';
import { unknownWordItem } from './unknownWordItem.ts';

const RESULTS = 100;
/** Key in the workspace's state. */
const RECENT = 'imageSearch.recent';

/**
 * "Search Images by Text…": results while the user types, best first. The box begins with the last query of the
 * workspace.
 */
export function registerImageSearch(services: Services): vscode.Disposable {
  const { log, folders, indexer, context } = services;
  const recent = (): string[] => storedQueries(context.workspaceState.get(RECENT));

  const open = (query?: unknown): void => {
    let names = true;
    let stack = true;
    const toggleNames = (): void => {
      names = !names;
    };
    const toggleStack = (): void => {
      stack = !stack;
    };
    const galleryButton = {
      iconPath: new vscode.ThemeIcon('preview'),
      tooltip: vscode.l10n.t('Show All in the Gallery'),
    };
    const showInGallery = (value: string): void => {
      void reportErrors(log, async () => {
        await vscode.commands.executeCommand('assetlens.openGallery', { query: value });
      });
    };
    showImagePick(services, {
      title: [vscode.l10n.t('Search Images by Text'), ...partialLines(folders.all(), indexer.state)].join(' – '),
      placeholder: vscode.l10n.t('Describe the image, for example: red car -road path:icons/'),
      value: typeof query === 'string' ? query : (recent()[0] ?? ''),
      live: true,
      buttons: () => [
        { button: namesButton(names), onPress: toggleNames },
        { button: stackButton(stack), onPress: toggleStack },
        { button: galleryButton, onPress: showInGallery },
      ],
      list: async (value, items, signal) => {
        if (value.trim() === '') return suggestions(recent());
        const hits = await searchFolders(folders.all(), value, { limit: RESULTS, names, stack, signal });
        const hasLikely = hits.hits.some(({ result }) => result.likely);
        const unknown = await unknownWordsIn(folders.all(), value, { hasLikely, signal });
        return [...unknown.map((word) => unknownWordItem(word, value)), ...lines(hits, items)];
      },
      onClose: async (value) => context.workspaceState.update(RECENT, remembered(recent(), value)),
    });
  };
  return vscode.Disposable.from(
    vscode.commands.registerCommand('assetlens.searchImages', (query?: unknown) =>
      reportErrors(log, () => {
        open(query);
        return Promise.resolve();
      }),
    ),
    vscode.commands.registerCommand('assetlens.searchHere', (clicked?: unknown) =>
      reportErrors(log, () => {
        open(folderQuery(clicked));
        return Promise.resolve();
      }),
    ),
  );
}

/** A toggle button of VS Code 1.109 and later. */
interface ToggleButton extends vscode.QuickInputButton {
  readonly location: number;
  readonly toggle: { readonly checked: boolean };
}

/**
 * The button that controls whether file and folder names are searched. In an editor without toggle buttons, its tooltip
 * shows the state.
 */
function namesButton(isOn: boolean): vscode.QuickInputButton {
  const iconPath = new vscode.ThemeIcon('whole-word');
  const { QuickInputButtonLocation } = vscode as { readonly QuickInputButtonLocation?: { readonly Input: number } };
  if (!QuickInputButtonLocation) {
    const tooltip = isOn
      ? vscode.l10n.t('Ignore Words in the Names of Files and Folders')
      : vscode.l10n.t('Use Words in the Names of Files and Folders');
    return { iconPath, tooltip };
  }
  const button: ToggleButton = {
    iconPath,
    tooltip: vscode.l10n.t('Also Search File and Folder Names'),
    location: QuickInputButtonLocation.Input,
    toggle: { checked: isOn },
  };
  return button;
}

/** The button that lists copies and other sizes of a picture separately, or under the best of them. */
function stackButton(isOn: boolean): vscode.QuickInputButton {
  return {
    iconPath: new vscode.ThemeIcon(isOn ? 'layers' : 'layers-active'),
    tooltip: isOn ? vscode.l10n.t('List Copies and Sizes Separately') : vscode.l10n.t('Stack Copies and Sizes'),
  };
}

function lines({ hits, indexed, folders }: Hits, options: ItemOptions): ImageItem[] {
  if (indexed === 0) return [notice(whyNoImages(folders))];
  if (hits.length === 0) return [notice(vscode.l10n.t('No results in {0} images.', indexed))];
  const likely = hits.filter(({ result }) => result.likely);
  const rest = hits.filter(({ result }) => !result.likely);
  const item = (hit: Hits['hits'][number]): ImageItem => imageItem(hit, options);
  return [
    ...(likely.length > 0 ? [separator(vscode.l10n.t('Likely'))] : []),
    ...likely.map(item),
    ...(rest.length > 0
      ? [separator(likely.length > 0 ? vscode.l10n.t('Less likely') : vscode.l10n.t('No clear match; nearest images'))]
      : []),
    ...rest.map(item),
  ];
}

/** The lines of an empty box: recent queries, and examples of the query language. */
function suggestions(recent: readonly string[]): ImageItem[] {
  const examples: [query: string, meaning: string][] = [
    ['red car', vscode.l10n.t('describes the image')],
    ['emoji face -smile', vscode.l10n.t('avoids images that show "smile"')],
    ['heart color:red', vscode.l10n.t('only images with this colour; words for colours count, too')],
    ['arrow path:icons/', vscode.l10n.t('searches only these paths; -path:test excludes paths')],
    ['2*cloud +sun', vscode.l10n.t('gives the first term double weight; +icon.png uses an image as a term')],
  ];
  return [
    ...(recent.length > 0 ? [separator(vscode.l10n.t('Recent'))] : []),
    ...recent.map((query): ImageItem => ({ label: query, query, iconPath: new vscode.ThemeIcon('history') })),
    separator(vscode.l10n.t('Examples')),
    ...examples.map(([query, description]): ImageItem => {
      return { label: query, description, query, iconPath: new vscode.ThemeIcon('lightbulb') };
    }),
  ];
}
