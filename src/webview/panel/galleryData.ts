import * as vscode from 'vscode';
import type { Disposable } from '../../base/disposable.ts';
import { shared, type Shared } from '../../base/shared.ts';
import { forEachInSlices, timeSlices } from '../../base/timeSlices.ts';
import { UserError } from '../../base/userError.ts';
import type { TaggedImage } from '../../library/index.ts';
import { folderAt, imageAt, joinFolders } from '../../taggedImages/index.ts';
import type { ImageFile, ImageFolder } from '../../workspace/folders/imageFolder.ts';
import type { Services } from '../../workspace/services.ts';
import { loadIndexedFolders, loadTags, type LoadedFolder } from '../../workspace/tags/taggedFolders.ts';
import type { GalleryContent } from './galleryContent.ts';

/** An image that the page refers to by its id. */
export interface KnownImage extends ImageFile {
  readonly id: number;
  readonly image: TaggedImage;
}

interface LoadedGallery {
  readonly content: GalleryContent<LoadedFolder>;
  readonly errors: readonly string[];
}

/** The images of all indexed folders with ids by which the page refers to them. */
export class GalleryData implements Disposable {
  readonly #changed = new vscode.EventEmitter<void>();
  readonly #subscription: vscode.Disposable;
  /** Ids by folder and path: an image that is deleted and created again keeps its id. */
  readonly #ids = new Map<string, number>();
  readonly #loaded: Shared<LoadedGallery>;

  /** Fires when an index, a tag or a setting changes. */
  readonly onDidChange = this.#changed.event;

  constructor({ folders }: Services) {
    this.#loaded = shared(() => this.#load(folders.all()));
    this.#subscription = folders.onDidChange(() => {
      this.#loaded.forget();
      this.#changed.fire();
    });
  }

  /**
   * Returns the images as they are now.
   * @throws UserError if no folder could be loaded
   */
  async content(): Promise<GalleryContent<LoadedFolder>> {
    return (await this.#loaded.get()).content;
  }

  /** Returns the folders of the content in its order. */
  async folders(): Promise<readonly ImageFolder[]> {
    return (await this.content()).folders.map(({ folder }) => folder);
  }

  /** Returns messages for the user: why folders could not be loaded. */
  async errors(): Promise<readonly string[]> {
    return (await this.#loaded.get()).errors;
  }

  /** @throws UserError if the image is no longer in the index */
  async image(id: number): Promise<KnownImage> {
    const content = await this.content();
    const position = content.positions.get(id);
    if (position === undefined) throw new UserError(vscode.l10n.t('This image is no longer indexed.'));
    const image = imageAt(content, position);
    return { folder: folderAt(content, position).folder, path: image.path, id, image };
  }

  /** Returns the id of an image, or undefined if it is not in the index. */
  async idOf(file: ImageFile): Promise<number | undefined> {
    const { positions } = await this.content();
    const id = this.#ids.get(keyOf(file.folder, file.path));
    return id !== undefined && positions.has(id) ? id : undefined;
  }

  dispose(): void {
    this.#subscription.dispose();
    this.#changed.dispose();
  }

  async #load(all: readonly ImageFolder[]): Promise<LoadedGallery> {
    const pause = timeSlices();
    const { folders, errors } = await loadIndexedFolders(all, loadTags);
    const tagged = await joinFolders(folders, pause);
    if (tagged.images.length === 0 && errors.length > 0) throw new UserError(errors.join('\n').split('\n'));
    const ids = new Uint32Array(tagged.images.length);
    const positions = new Map<number, number>();
    const add = ({ path }: TaggedImage, position: number): void => {
      const key = keyOf(folderAt(tagged, position).folder, path);
      const id = this.#ids.get(key) ?? this.#ids.size;
      this.#ids.set(key, id);
      ids[position] = id;
      positions.set(id, position);
    };
    await forEachInSlices(tagged.images, add, pause);
    return { content: { ...tagged, ids, positions }, errors };
  }
}

function keyOf(folder: ImageFolder, path: string): string {
  return `${folder.uri.toString()}\n${path}`;
}
