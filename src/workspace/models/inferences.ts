import path from 'node:path';
import type * as vscode from 'vscode';
import type { Disposable } from '../../base/disposable.ts';
import type { Inference, ModelFolder } from '../../clip/index.ts';
import { readLimits } from '../settings.ts';
import type { EditorDevice } from './device.ts';
import type { Log } from '../log.ts';

/** The right to use a model's encoders until it is ended. Their process ends with the last lease. */
export interface Lease {
  readonly inference: Inference;
  /** Waits for calls in progress; after the last lease, also until the process is gone. */
  end(): Promise<void>;
}

/** An inference that at least one lease uses, or that is ending. */
interface Running {
  readonly inference: Inference;
  /** Calls in progress. */
  readonly calls: Set<Promise<unknown>>;
  /** Ends the notifications about the device. */
  readonly following: vscode.Disposable;
  readonly ended: PromiseWithResolvers<void>;
  leases: number;
}

const HOST = 'dist/inference.js';
/** Name of a folder in the extension's storage, which all windows share. */
const THUMBNAILS = 'thumbnails';

/** Keeps one inference for each model that is in use. */
export class Inferences implements Disposable {
  readonly #context: vscode.ExtensionContext;
  readonly #log: Log;
  readonly #device: EditorDevice;
  /** By folder and id of the model, because another model may be installed into the same folder. */
  readonly #running = new Map<string, Running>();
  /** Includes those that are ending. */
  readonly #alive = new Set<Running>();

  constructor(context: vscode.ExtensionContext, log: Log, device: EditorDevice) {
    this.#context = context;
    this.#log = log;
    this.#device = device;
  }

  async lease(model: ModelFolder): Promise<Lease> {
    const key = `${model.folder}\n${model.manifest.id}`;
    const { createInference, PROVIDER_NAMES } = await import('../../clip/index.ts');
    let running = this.#running.get(key);
    if (!running) {
      const client = createInference({
        model,
        hostScript: this.#context.asAbsolutePath(HOST),
        thumbnailFolder: { folder: path.join(this.#context.globalStorageUri.fsPath, THUMBNAILS) },
        device: this.#device.options(PROVIDER_NAMES),
        limits: readLimits,
        log: (line) => {
          this.#log.warn(line);
        },
      });
      running = this.#add(key, client);
    }
    return this.#leaseOf(key, running);
  }

  /** Waits until nothing uses a model of this folder and its process is gone. */
  async unused(folder: string): Promise<void> {
    for (;;) {
      const users = [...this.#alive].filter(({ inference }) => inference.model.folder === folder);
      if (users.length === 0) return;
      await Promise.all(users.map(({ ended }) => ended.promise));
    }
  }

  dispose(): void {
    // Not awaited, because the editor does not wait for a disposal. The process ends when its parent has ended.
    for (const { inference } of this.#running.values()) void inference[Symbol.asyncDispose]();
  }

  #add(key: string, client: Inference): Running {
    const calls = new Set<Promise<unknown>>();
    const inference = withCallsTracked(client, calls);
    const ended: PromiseWithResolvers<void> = Promise.withResolvers();
    const running: Running = { inference, calls, following: this.#device.follow(inference), ended, leases: 0 };
    this.#alive.add(running);
    this.#running.set(key, running);
    return running;
  }

  #leaseOf(key: string, running: Running): Lease {
    running.leases++;
    let isEnded = false;
    return {
      inference: running.inference,
      end: async () => {
        if (isEnded) return;
        isEnded = true;
        if (--running.leases > 0) return;
        this.#running.delete(key);
        await this.#end(running);
      },
    };
  }

  async #end(running: Running): Promise<void> {
    const { inference, calls, following, ended } = running;
    following.dispose();
    try {
      while (calls.size > 0) await Promise.allSettled(calls);
      await inference[Symbol.asyncDispose]();
    } finally {
      this.#alive.delete(running);
      ended.resolve(); // also after an error, because otherwise the model could not be removed
    }
  }
}

/** Tracks the calls of all methods, so that a caller gets its answer before the inference ends. */
function withCallsTracked(inference: Inference, calls: Set<Promise<unknown>>): Inference {
  return new Proxy(inference, {
    get(target, key) {
      const member: unknown = Reflect.get(target, key, target);
      if (typeof member !== 'function' || typeof key === 'symbol') return bound(member, target);
      return (...values: unknown[]): unknown => {
        const result: unknown = Reflect.apply(member, target, values);
        if (result instanceof Promise) track(result, calls);
        return result;
      };
    },
  });
}

function bound(member: unknown, target: object): unknown {
  return typeof member === 'function' ? (member.bind(target) as unknown) : member;
}

function track(call: Promise<unknown>, calls: Set<Promise<unknown>>): void {
  calls.add(call);
  const remove = (): void => void calls.delete(call);
  call.then(remove, remove);
}
