import * as vscode from 'vscode';
import { UserError } from '../../base/userError.ts';
import type { Disposable } from '../../base/disposable.ts';
import type { ImageFile, ImageFolder } from '../../workspace/folders/imageFolders.ts';
import type { Services } from '../../workspace/services.ts';
import { shared } from '../../base/shared.ts';
import { timeSlices } from '../../base/timeSlices.ts';
import type { GalleryContent, GalleryFolder, GalleryImage } from './galleryContent.ts';

/** An image that the page named by its number. */
export interface KnownImage extends ImageFile {
  readonly one: GalleryImage;
}

/** The images of all indexed folders under numbers that the page can name them by. */
export interface GalleryData extends Disposable {
  /** Read anew after each change of an index, a tag or a setting. */
  content(): Promise<GalleryContent>;
  /** @throws UserError where the image is not in the index any more */
  image(id: number): Promise<KnownImage>;
  /** The number of an image of a folder; undefined where the index does not know it. */
  idOf(file: ImageFile): Promise<number | undefined>;
  /** For people: why folders could not be read. */
  mistakes(): Promise<readonly string[]>;
  /** The folders of the content, in its order. */
  folders(): Promise<readonly ImageFolder[]>;
  readonly onDidChange: vscode.Event<void>;
}

interface Loaded {
  readonly content: GalleryContent;
  readonly folders: readonly ImageFolder[];
  /** For people: why folders could not be read. */
  readonly mistakes: readonly string[];
}

export function createGalleryData(services: Services): GalleryData {
  const onDidChange = new vscode.EventEmitter<void>();
  /** By folder and path: an image that goes and comes again keeps its number. */
  const ids = new Map<string, number>();
  const idFor = (folder: ImageFolder, path: string): number => {
    const key = `${folder.uri.toString()}\n${path}`;
    const id = ids.get(key) ?? ids.size;
    ids.set(key, id);
    return id;
  };

  const loaded = shared(async (): Promise<Loaded> => {
    const pause = timeSlices();
    const folders: ImageFolder[] = [];
    const infos: GalleryFolder[] = [];
    const images: GalleryImage[] = [];
    const mistakes: string[] = [];
    for (const folder of services.folders.all()) {
      if (!(await folder.hasIndex())) continue;
      try {
        const [tags, labelSets] = [await folder.tags(), await folder.labelSets()];
        const place = folders.push(folder) - 1;
        infos.push({ key: folder.uri.toString(), name: folder.name, labelSets });
        for (const [i, image] of tags.images.entries()) {
          images.push({ id: idFor(folder, image.path), folder: place, image });
          if ((i & 255) === 0) await pause();
        }
      } catch (error) {
        // What is wrong with one folder does not hide the others.
        if (!(error instanceof UserError)) throw error;
        mistakes.push(error.message);
      }
    }
    if (images.length === 0 && mistakes.length > 0) throw new UserError(mistakes.join('\n'));
    const byId = new Map<number, GalleryImage>();
    for (const [i, one] of images.entries()) {
      byId.set(one.id, one);
      if ((i & 255) === 0) await pause();
    }
    return { content: { folders: infos, images, byId }, folders, mistakes };
  });

  const subscription = services.folders.onDidChange(() => {
    loaded.forget();
    onDidChange.fire();
  });

  return {
    content: async () => (await loaded.get()).content,
    folders: async () => (await loaded.get()).folders,
    mistakes: async () => (await loaded.get()).mistakes,
    async image(id) {
      const { content, folders } = await loaded.get();
      const one = content.byId.get(id);
      const folder = one && folders[one.folder];
      if (!folder) throw new UserError(vscode.l10n.t('This image is not in the index any more.'));
      return { folder, path: one.image.path, one };
    },
    async idOf({ folder, path }) {
      const { content, folders } = await loaded.get();
      const place = folders.findIndex(({ uri }) => uri.toString() === folder.uri.toString());
      const known = place >= 0 && (await folder.tags()).byPath.has(path);
      const id = known ? ids.get(`${folder.uri.toString()}\n${path}`) : undefined;
      return id !== undefined && content.byId.has(id) ? id : undefined;
    },
    onDidChange: onDidChange.event,
    dispose() {
      subscription.dispose();
      onDidChange.dispose();
    },
  };
}
