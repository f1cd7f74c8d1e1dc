import { coarseLook, highestCorrelation, type CoarseLook } from '../../clip/index.ts';
import type { Library } from '../library.ts';
import type { IndexedImage } from '../images.ts';
import { number, text } from '../store/rows.ts';
import { inside } from '../store/store.ts';
import { isSamePicture, LEAST_CORRELATION, storedLooks, type SeenImage } from './samePicture.ts';

/** A picture to stack: an image with the look of its content. */
export interface StackedPicture extends SeenImage {
  /** SHA-256 of the content in hexadecimal. Copies have the same. */
  readonly hash: string;
}

interface Stack<Item> {
  readonly picture: StackedPicture;
  readonly coarse: CoarseLook | undefined;
  readonly items: Item[];
}

/** Puts the copies and the other sizes of a picture into one stack. */
export class PictureStacks<Item> {
  readonly #stacks: Stack<Item>[] = [];
  readonly #byHash = new Map<string, Stack<Item>>();

  /** Number of stacks. */
  get count(): number {
    return this.#stacks.length;
  }

  /** The items of each stack, in the order in which they were added. */
  get stacks(): readonly (readonly Item[])[] {
    return this.#stacks.map(({ items }) => items);
  }

  /**
   * Adds an item to the stack of its picture.
   * @param opens whether the item begins a stack if there is none of its picture
   * @returns whether it is in a stack
   */
  add(item: Item, picture: StackedPicture, opens = true): boolean {
    const coarse = picture.look?.pixels && coarseLook(picture.look.pixels);
    const known = this.#byHash.get(picture.hash) ?? this.#stackOf(picture, coarse);
    if (!known && !opens) return false;
    const stack = known ?? { picture, coarse, items: [] };
    if (!known) this.#stacks.push(stack);
    this.#byHash.set(picture.hash, stack);
    stack.items.push(item);
    return true;
  }

  #stackOf(picture: StackedPicture, coarse: CoarseLook | undefined): Stack<Item> | undefined {
    return this.#stacks.find((stack) => {
      if (coarse && stack.coarse && highestCorrelation(stack.coarse, coarse) < LEAST_CORRELATION) return false;
      return isSamePicture(stack.picture, picture);
    });
  }
}

/** Returns the pictures of some images for PictureStacks, in the same order. */
export function picturesToStack(
  { [inside]: { database } }: Library,
  images: readonly Pick<IndexedImage, 'hash' | 'width' | 'height'>[],
): StackedPicture[] {
  const hashes = JSON.stringify([...new Set(images.map(({ hash }) => hash))]);
  const rows = database.all('SELECT id, hash FROM blobs WHERE hash IN (SELECT value FROM json_each(?))', hashes);
  const blobs = new Map(rows.map((row) => [text(row, 'hash'), number(row, 'id')]));
  const looks = storedLooks(database, [...blobs.values()]);
  return images.map(({ hash, width, height }) => {
    const blob = blobs.get(hash);
    return { hash, image: { width, height }, look: blob === undefined ? undefined : looks.get(blob) };
  });
}
