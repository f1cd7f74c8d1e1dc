import * as vscode from 'vscode';
import type { Services } from '../../workspace/services.ts';
import { uriOfImage } from '../../workspace/folders/targets.ts';
import type { Tile } from '../protocol.ts';
import type { GalleryData, KnownImage } from './galleryData.ts';

/** The tiles of some images, without those that are no longer in the index. */
export async function tilesOf(data: GalleryData, ids: readonly number[]): Promise<Tile[]> {
  const several = (await data.folders()).length > 1;
  const { positions } = await data.content();
  const known = await Promise.all(ids.filter((id) => positions.has(id)).map((id) => data.image(id)));
  return known.map((image) => tileOf(image, several));
}

/** @param several whether there are several workspace folders, so that the tile names its folder */
export function tileOf(known: KnownImage, several: boolean): Tile {
  const { folder, path, id, image } = known;
  const { width, height, format, bytes, hash, tags, maybe } = image;
  const uri = uriOfImage(known);
  return {
    id,
    path,
    folder: several ? folder.name : '',
    uri: uri.toString(),
    fsPath: uri.fsPath,
    folderUri: folder.uri.toString(),
    width,
    height,
    format,
    bytes,
    hash,
    tags: [...tags],
    maybe: [...maybe],
  };
}

/** The id of an image by its URI; null if it is not in the index. */
export async function findImage({ folders }: Services, data: GalleryData, uri: string): Promise<number | null> {
  const file = uri === '' ? undefined : folders.locate(vscode.Uri.parse(uri));
  return (file && (await data.idOf(file))) ?? null;
}
