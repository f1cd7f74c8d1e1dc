import * as vscode from 'vscode';
import type { Handlers } from '../../base/rpc/protocol.ts';
import type { Services } from '../../workspace/services.ts';
import type { GalleryProtocol } from '../protocol.ts';
import { act, openReference, savePicture, setTag } from './actions.ts';
import { arrange } from './arrangeAnswer.ts';
import { choicesOf } from './choicesOf.ts';
import { detailsOf, duplicatesOf, referencesOf } from './detailsAnswer.ts';
import type { GalleryData } from './galleryData.ts';
import { heatmapOf } from './heatmapAnswer.ts';
import { pictureOf } from './pictures.ts';
import { findImage, tilesOf } from './tiles.ts';

/** Most encoded bytes of the picture of a tile, and of the detail pane. */
const THUMBNAIL_BYTES = 64 * 1024;
const PICTURE_BYTES = 2 * 1024 * 1024;

/** The methods that the panel offers to its page. */
export function galleryHandlers(services: Services, data: GalleryData): Handlers<GalleryProtocol> {
  return {
    arrange: ({ arrangement }, signal) => arrange(services, data, arrangement, signal),
    choices: async () => choicesOf(await data.content()),
    find: async ({ uris }) => ({ ids: await Promise.all(uris.map((uri) => findImage(services, data, uri))) }),
    tiles: async ({ ids }) => ({ tiles: await tilesOf(data, ids) }),
    thumbnail: async (params, signal) =>
      pictureOf(services, await data.image(params.id), { ...params, bytes: THUMBNAIL_BYTES }, signal),
    picture: async (params, signal) =>
      pictureOf(services, await data.image(params.id), { ...params, bytes: PICTURE_BYTES }, signal),
    details: ({ id }, signal) => detailsOf(services, data, id, signal),
    references: async ({ id }, signal) => referencesOf(services, await data.image(id), signal),
    duplicates: async ({ id }, signal) => duplicatesOf(data, await data.image(id), signal),
    heatmap: async (params, signal) => heatmapOf(await data.image(params.id), params, signal),
    async setTag(params) {
      await setTag(services, data, params);
      return null;
    },
    async act({ action, ids }) {
      await act(data, action, ids);
      return null;
    },
    async openReference(params) {
      await openReference(services, params);
      return null;
    },
    savePicture: async ({ id, png }) => ({ saved: await savePicture(services, data, id, png) }),
    async tagWorkspace() {
      await vscode.commands.executeCommand('assetlens.tagWorkspace');
      return null;
    },
  };
}
