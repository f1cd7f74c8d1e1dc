/** An image and the key of the picture that is wanted for it. */
export interface Wanted {
  readonly id: number;
  readonly key: string;
}

/** Pictures of images by key: an image has one for each size and background. The oldest are removed first. */
export class PictureCache<Picture> {
  readonly #most: number;
  readonly #release: (picture: Picture) => void;
  /** The oldest first. */
  readonly #pictures = new Map<string, Picture>();
  /** The key of the picture that arrived last, by image. */
  readonly #latest = new Map<number, string>();

  /**
   * @param most maximum number of pictures, besides those that are wanted
   * @param release called with each picture that is removed
   */
  constructor(most: number, release: (picture: Picture) => void) {
    this.#most = most;
    this.#release = release;
  }

  has(key: string): boolean {
    return this.#pictures.has(key);
  }

  /** Returns a picture. Until it arrives, returns the picture of the image that arrived last, if it is still there. */
  get({ id, key }: Wanted): Picture | undefined {
    return this.#pictures.get(key) ?? this.#pictures.get(this.#latest.get(id) ?? '');
  }

  /** @param wanted the images in view, whose pictures stay */
  add({ id, key }: Wanted, picture: Picture, wanted: readonly Wanted[]): void {
    this.#pictures.set(key, picture);
    this.#latest.set(id, key);
    const kept = new Set(wanted.flatMap((image) => [image.key, this.#latest.get(image.id) ?? '']));
    for (const oldKey of this.#pictures.keys()) {
      if (this.#pictures.size <= this.#most) return;
      if (!kept.has(oldKey)) this.#remove(oldKey);
    }
  }

  removeWhere(condition: (key: string, picture: Picture) => boolean): void {
    for (const [key, picture] of this.#pictures) if (condition(key, picture)) this.#remove(key);
  }

  #remove(key: string): void {
    const picture = this.#pictures.get(key);
    this.#pictures.delete(key);
    if (picture !== undefined) this.#release(picture);
  }
}
