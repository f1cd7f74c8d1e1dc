import path from 'node:path';
import * as vscode from 'vscode';
import { UserError } from '../../base/userError.ts';
import { reportErrors } from '../../workspace/log.ts';
import type { Services } from '../../workspace/services.ts';
import { pathOfUri } from '../../workspace/folders/pathOfUri.ts';
import { targetsOf } from '../../workspace/folders/targets.ts';
import { similarInFolders, whyNoImages, type Hit, type Hits } from '../../workspace/folders/searchFolders.ts';
import { imageItem, notice, separator, type ImageItem, type ItemOptions } from './imageItems.ts';
import { showImagePick } from './imagePick.ts';

const RESULTS = 100;
/** The cosine from which two images are nearly the same: the default of nearDuplicates in the library. */
const NEARLY_THE_SAME = 0.97;

/** "Find Similar Images", for an image in the workspace or elsewhere. */
export function registerFindSimilar(services: Services): vscode.Disposable {
  const { log, folders } = services;
  return vscode.commands.registerCommand('assetlens.findSimilar', (clicked?: unknown, selected?: unknown) =>
    reportErrors(log, () => {
      const [uri] = targetsOf(clicked, selected);
      if (uri?.scheme !== 'file') {
        throw new UserError(vscode.l10n.t('Select an image in the Explorer or open one to find similar images.'));
      }
      showImagePick(services, {
        title: vscode.l10n.t('Similar to {0}', path.basename(pathOfUri(uri))),
        placeholder: vscode.l10n.t('Type to filter by name or folder'),
        live: false,
        list: async (_, items, signal) =>
          lines(await similarInFolders(folders.all(), pathOfUri(uri), { limit: RESULTS, signal }), items),
      });
      return Promise.resolve();
    }),
  );
}

function lines({ hits, indexed, folders }: Hits, options: ItemOptions): ImageItem[] {
  if (indexed === 0) return [notice(whyNoImages(folders))];
  if (hits.length === 0) return [notice(vscode.l10n.t('This workspace contains no other image.'))];
  // The most similar group comes first.
  const groups = new Map<string, Hit[]>();
  for (const name of [
    vscode.l10n.t('Copies'),
    vscode.l10n.t('Near Duplicates'),
    vscode.l10n.t('Similar'),
    vscode.l10n.t('Less likely'),
  ])
    groups.set(name, []);
  const names = [...groups.keys()];
  for (const hit of hits) groups.get(names[groupOf(hit)] ?? '')?.push(hit);
  return [...groups].flatMap(([name, members]) =>
    members.length === 0 ? [] : [separator(name), ...members.map((hit) => imageItem(hit, options))],
  );
}

function groupOf({ result: { score, likely } }: Hit): number {
  if (score === 1) return 0;
  if (score >= NEARLY_THE_SAME) return 1;
  return likely ? 2 : 3;
}
