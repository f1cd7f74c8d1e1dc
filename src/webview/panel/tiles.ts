import * as vscode from 'vscode';
import type { Services } from '../../workspace/services.ts';
import { uriOfImage } from '../../workspace/folders/targets.ts';
import type { Tile } from '../protocol.ts';
import type { GalleryData, KnownImage } from './galleryData.ts';

/** What the page shows of some images. Those that went away meanwhile are left out. */
export async function tilesOf(data: GalleryData, ids: readonly number[]): Promise<Tile[]> {
  const several = (await data.folders()).length > 1;
  const { positions } = await data.content();
  const known = await Promise.all(ids.filter((id) => positions.has(id)).map((id) => data.image(id)));
  return known.map((image) => tileOf(image, several));
}

/** @param several whether images say which workspace folder they are of */
export function tileOf(known: KnownImage, several: boolean): Tile {
  const { folder, path, id, image } = known;
  const { width, height, format, bytes, hash, tags, uncertain } = image;
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
    uncertain: [...uncertain],
  };
}

/** The number of an image by its address; null where it is none of the index. */
export async function findImage({ folders }: Services, data: GalleryData, uri: string): Promise<number | null> {
  const file = uri === '' ? undefined : folders.locate(vscode.Uri.parse(uri));
  return (file && (await data.idOf(file))) ?? null;
}
