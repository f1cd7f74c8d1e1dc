import { UserError } from '../../../base/userError.ts';
import type { ImageOutcome, ImageSource } from '../../images/types.ts';
import type { Device } from '../device/device.ts';
import { ProcessDied } from './inferenceProcess.ts';
import type { KeptProcess } from './keptProcess.ts';

/** An image that every decoder can read: one grey pixel. */
const CANARY: ImageSource = {
  kind: 'bytes',
  name: 'canary.png',
  bytes: Buffer.from(
    'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAACXBIWXMAAAPoAAAD6AG1e1JrAAAADElEQVQI12NoaGgAAAMEAYGa8M1PAAAAAElFTkSuQmCC',
    'base64',
  ),
};

/**
 * Embeds images in a process that an image may crash. If the process dies, the images of its requests are sent one at a
 * time while all other images wait: the image that ends two processes is the cause, which becomes its outcome.
 */
export class ImageRequests {
  readonly #process: KeptProcess;
  readonly #device: Pick<Device, 'acquit'>;
  /** Settles when no search for such an image is running. */
  #gate: Promise<unknown> = Promise.resolve();

  constructor(process: KeptProcess, device: Pick<Device, 'acquit'>) {
    this.#process = process;
    this.#device = device;
  }

  /** @throws UserError if the process dies of any image */
  embed(images: readonly ImageSource[], signal?: AbortSignal): Promise<ImageOutcome[]> {
    return this.#process.use(async () => {
      for (let gate; gate !== this.#gate;) {
        gate = this.#gate;
        await gate;
      }
      signal?.throwIfAborted();
      try {
        return await this.#outcomesOf(images, signal);
      } catch (error) {
        if (!(error instanceof ProcessDied)) throw error;
      }
      const search = this.#gate.then(() => this.#embedOneByOne(images, signal));
      this.#gate = search.catch(() => undefined);
      return search;
    });
  }

  async #embedOneByOne(images: readonly ImageSource[], signal?: AbortSignal): Promise<ImageOutcome[]> {
    const outcomes: ImageOutcome[] = [];
    for (const image of images) outcomes.push(await this.#embedAlone(image, signal));
    return outcomes;
  }

  /**
   * Embeds one image while the process has no other. If two processes die and a third embeds another image, this image
   * is the cause.
   */
  async #embedAlone(image: ImageSource, signal?: AbortSignal): Promise<ImageOutcome> {
    for (let attempt = 1; ; attempt++) {
      try {
        const [outcome] = await this.#outcomesOf([image], signal);
        return outcome ?? unanswered();
      } catch (error) {
        if (!(error instanceof ProcessDied)) throw error;
        if (attempt === 1) continue;
        await this.#assertEmbeds(signal);
        this.#device.acquit(); // the second process used the CPU, and died as well
        const reason = `decoding it ends the process (${error.how})`;
        return { ok: false, hash: null, reason, permanent: true };
      }
    }
  }

  /**
   * Embeds an image that cannot be the cause. The next image needs the process that this starts anyway.
   * @throws UserError if that fails, too
   */
  async #assertEmbeds(signal: AbortSignal | undefined): Promise<void> {
    const problem = await this.#outcomesOf([CANARY], signal).then(
      ([outcome]) => (outcome?.ok === false ? outcome.reason : undefined),
      (error: unknown) => {
        if (error instanceof ProcessDied) return error.how;
        throw error;
      },
    );
    if (problem === undefined) return;
    throw new UserError(
      `The inference process cannot embed any image (${problem}). Check that the machine has enough free memory. For details, ` +
        'see the output channel "AssetLens" in the editor, or run "assetlens doctor".',
    );
  }

  /** Sends the images that a stuck process did not process to a new one. Each process names the images it hangs on. */
  async #outcomesOf(images: readonly ImageSource[], signal?: AbortSignal): Promise<ImageOutcome[]> {
    const process = await this.#process.current(signal);
    const outcomes = await process.call('embedImages', { images }, signal);
    const missing = images.filter((_, i) => outcomes[i] === null);
    const others = missing.length > 0 ? await this.#outcomesOf(missing, signal) : [];
    let next = 0;
    return outcomes.map((outcome) => outcome ?? others[next++] ?? unanswered());
  }
}

function unanswered(): never {
  throw new Error('The inference process left an image unanswered.');
}
