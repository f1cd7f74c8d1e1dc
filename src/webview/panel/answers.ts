import * as vscode from 'vscode';
import type { Services } from '../../workspace/services.ts';
import type { PageReplies, PageRequest } from '../protocol.ts';
import { act, openReference, savePicture, setTag } from './actions.ts';
import { arrange } from './arrangeAnswer.ts';
import { choicesOf } from './choicesOf.ts';
import { detailsOf, duplicatesOf, referencesOf } from './detailsAnswer.ts';
import type { GalleryData } from './galleryData.ts';
import { heatmapOf } from './heatmapAnswer.ts';
import { pictureOf } from './pictures.ts';
import { findImage, tilesOf } from './tiles.ts';

/** The reply to a request of the page. Its kind is checked by the page, as everything that crosses over. */
export async function answer(
  services: Services,
  data: GalleryData,
  request: PageRequest,
  signal: AbortSignal,
): Promise<PageReplies[PageRequest['kind']]> {
  switch (request.kind) {
    case 'arrange':
      return arrange(services, data, request.arrangement, signal);
    case 'choices':
      return choicesOf(await data.content());
    case 'find':
      return { ids: await Promise.all(request.uris.map((uri) => findImage(services, data, uri))) };
    case 'tiles':
      return { tiles: await tilesOf(data, request.ids) };
    case 'thumbnail':
    case 'picture':
      return pictureOf(services, await data.image(request.id), request, signal);
    case 'details':
      return detailsOf(services, data, request.id, signal);
    case 'references':
      return referencesOf(services, await data.image(request.id), signal);
    case 'duplicates':
      return duplicatesOf(data, await data.image(request.id), signal);
    case 'heatmap':
      return heatmapOf(await data.image(request.id), request, signal);
    case 'setTag':
      await setTag(services, data, request);
      return null;
    case 'act':
      await act(data, request.action, request.ids);
      return null;
    case 'openReference':
      await openReference(services, request);
      return null;
    case 'savePicture':
      return { saved: await savePicture(data, request.id, request.png) };
    case 'tagWorkspace':
      await vscode.commands.executeCommand('assetlens.tagWorkspace');
      return null;
  }
}
