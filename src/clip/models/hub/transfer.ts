import type { FileHandle } from 'node:fs/promises';
import { UserError, messageOf } from '../../../base/userError.ts';
import { fileAddress, type FileFacts, type Repository } from './repository.ts';
import { requestHub } from './request.ts';
import type { HubSettings } from './settings.ts';
import { Transient, withRetries } from './transient.ts';

/**
 * Downloads the missing bytes of a file, and resumes interrupted transfers until the file has the size that the hub
 * announced. The caller verifies the bytes.
 * @param handle opened for appending
 * @param onBytes called with the number of bytes so far; it restarts where a server does not support ranges
 */
export async function transfer(
  settings: HubSettings,
  repository: Repository,
  facts: FileFacts,
  handle: FileHandle,
  signal: AbortSignal | undefined,
  onBytes: (done: number) => void,
): Promise<void> {
  const { size, name } = facts;
  const what = `${name} of ${repository.id}`;
  // Only more bytes than ever before count as progress. Otherwise the requests to a server that ignores ranges and
  // closes each connection early would never end.
  let most = (await handle.stat()).size;
  await withRetries(settings.retryMilliseconds, signal, async (progress) => {
    let done = (await handle.stat()).size;
    if (done > size) await handle.truncate((done = 0));
    if (done === size) return;

    // Aborts the request when the transfer stalls, and at the end in any case.
    const watch = new StallWatch(settings.stallMilliseconds, what);
    const within = signal ? AbortSignal.any([signal, watch.signal]) : watch.signal;
    try {
      // The address of the bytes expires, so every try requests it from the hub.
      const answers = await requestHub(settings, fileAddress(settings, repository, name), {
        method: 'GET',
        headers: { 'accept-encoding': 'identity', ...(done > 0 && { range: `bytes=${done}-` }) },
        followsToOtherHosts: true,
        what,
        signal: within,
      });
      const response = answers.at(-1);
      if (!response?.body) throw new Transient(`The response for ${what} was empty. Try again.`);
      const start = startOf(response, facts, what);
      const isRestart = start === 0 && most > 0;
      const step = isRestart ? Math.ceil(size / RESTARTS) : 1;
      if (start !== done) {
        await handle.truncate((done = 0));
        if (start !== 0) throw new Transient(`The server sent another part of ${what} than requested. Try again.`);
      }
      for await (const chunk of response.body as AsyncIterable<Uint8Array>) {
        watch.reset();
        if (done + chunk.byteLength > size) {
          await handle.truncate(0);
          throw new UserError(
            `The server sent more than the ${size} bytes of ${what} that the hub announced. ${TRY_LATER}`,
          );
        }
        await writeAll(handle, chunk, what);
        done += chunk.byteLength;
        if (done >= most + step) {
          most = done;
          progress();
        }
        onBytes(done);
      }
    } catch (error) {
      signal?.throwIfAborted();
      if (error instanceof UserError || error instanceof Transient) throw error;
      if (watch.signal.aborted) throw watch.signal.reason;
      throw new Transient(`The download of ${what} was interrupted (${messageOf(error)}). ${RESUMES}`);
    } finally {
      watch.end();
    }
    if (done < size) throw new Transient(`The download of ${what} ended after ${done} of ${size} bytes. ${RESUMES}`);
  });
}

/** Maximum number of restarts that count as progress, each with more bytes than those before. */
const RESTARTS = 100;
const RESUMES = 'Try again to resume it.';
const TRY_LATER = 'Try again later, or set HF_ENDPOINT to use another hub.';

/**
 * The position in the file where the bytes of an answer begin.
 * @throws UserError where the size of the file differs from the announced size
 */
function startOf(response: Response, { size }: FileFacts, what: string): number {
  const { headers, status } = response;
  const wrongSize = (total: string): never => {
    throw new UserError(`The server has ${total} bytes of ${what}, but the hub announced ${size}. ${TRY_LATER}`);
  };
  if (status === 416) return NaN;
  if (status === 206) {
    const [, start = '', total = '*'] = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(headers.get('content-range') ?? '') ?? [];
    if (total !== '*' && Number(total) !== size) wrongSize(total);
    return start === '' ? NaN : Number(start);
  }
  const length = headers.get('content-length');
  if (length !== null && !headers.has('content-encoding') && Number(length) !== size) wrongSize(length);
  return 0;
}

/** Aborts its signal when it was not reset for a while. */
class StallWatch {
  readonly #controller = new AbortController();
  readonly #milliseconds: number;
  readonly #name: string;
  #timer: NodeJS.Timeout;

  /** @param name of the file, for the message */
  constructor(milliseconds: number, name: string) {
    this.#milliseconds = milliseconds;
    this.#name = name;
    this.#timer = this.#start();
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  reset(): void {
    clearTimeout(this.#timer);
    this.#timer = this.#start();
  }

  end(): void {
    clearTimeout(this.#timer);
    this.#controller.abort();
  }

  #start(): NodeJS.Timeout {
    return setTimeout(() => {
      const seconds = this.#milliseconds / 1000;
      this.#controller.abort(new Transient(`No more bytes of ${this.#name} have arrived for ${seconds} s. ${RESUMES}`));
    }, this.#milliseconds);
  }
}

async function writeAll(handle: FileHandle, bytes: Uint8Array, what: string): Promise<void> {
  for (let written = 0; written < bytes.byteLength;) {
    const result = await handle.write(bytes, written).catch((error: unknown) => {
      throw new UserError(
        `${what} cannot be written (${messageOf(error)}). Free some space on the disk, or set HF_HUB_CACHE to a folder on another disk.`,
      );
    });
    written += result.bytesWritten;
  }
}
