import path from 'node:path';
import type * as vscode from 'vscode';
import type { Inference, ModelFolder } from '../../clip/index.ts';
import type { EditorDevice } from './device.ts';
import type { Disposable } from '../../base/disposable.ts';

/** The right to use a model's encoders until it is ended; their process goes with the last one. */
export interface Lease {
  readonly inference: Inference;
  /** After what was asked is answered; where it was the last one, its process is gone then. */
  end(): Promise<void>;
}

/** One inference for each model that somebody uses. */
export interface Inferences extends Disposable {
  lease(model: ModelFolder): Promise<Lease>;
  /** Waits until nobody uses a model of this folder, and its process is gone. */
  readonly unused: (folder: string) => Promise<void>;
}

interface Running {
  readonly inference: Inference;
  /** Calls that are not answered yet. */
  readonly calls: Set<Promise<unknown>>;
  /** Ends what it is told of the device. */
  readonly following: vscode.Disposable;
  readonly ended: PromiseWithResolvers<void>;
  leases: number;
}

const HOST = 'dist/inference.js';
/** Below the extension's own storage, which all its windows share. */
const THUMBNAILS = 'thumbnails';

export function createInferences(
  context: vscode.ExtensionContext,
  log: vscode.LogOutputChannel,
  device: EditorDevice,
): Inferences {
  /** By folder of the model and id: a folder may be filled anew. */
  const running = new Map<string, Running>();
  /** With those that end just now. */
  const alive = new Set<Running>();

  const end = async (used: Running): Promise<void> => {
    const { inference, calls, following, ended } = used;
    following.dispose();
    try {
      while (calls.size > 0) await Promise.allSettled(calls);
      await inference[Symbol.asyncDispose]();
    } finally {
      alive.delete(used); // whoever waits for it need not wait for ever
      ended.resolve();
    }
  };

  return {
    async lease(model) {
      const key = `${model.folder}\n${model.manifest.id}`;
      const { createInference, PROVIDER_NAMES } = await import('../../clip/index.ts');
      const start = (): Running => {
        const calls = new Set<Promise<unknown>>();
        const inference = createInference({
          model,
          hostScript: context.asAbsolutePath(HOST),
          thumbnailFolder: { folder: path.join(context.globalStorageUri.fsPath, THUMBNAILS) },
          device: device.options(PROVIDER_NAMES),
          log: (line) => {
            log.warn(line);
          },
        });
        const held = counted(inference, calls);
        const ended: PromiseWithResolvers<void> = Promise.withResolvers();
        const started = { inference: held, calls, following: device.follow(held), ended, leases: 0 };
        alive.add(started);
        return started;
      };
      const used = running.get(key) ?? start();
      running.set(key, used);
      used.leases++;
      let isEnded = false;
      return {
        inference: used.inference,
        async end() {
          if (isEnded) return;
          isEnded = true;
          if (--used.leases > 0) return;
          running.delete(key);
          await end(used);
        },
      };
    },
    async unused(folder) {
      for (;;) {
        const users = [...alive].filter(({ inference }) => inference.model.folder === folder);
        if (users.length === 0) return;
        await Promise.all(users.map(({ ended }) => ended.promise));
      }
    },
    dispose() {
      // The editor does not wait for a disposal; a process whose parent is gone ends by itself.
      for (const { inference } of running.values()) void inference[Symbol.asyncDispose]();
    },
  };
}

/** Notes the calls that are under way: whoever holds an inference is answered before it ends. */
function counted(inference: Inference, calls: Set<Promise<unknown>>): Inference {
  const count =
    <A extends unknown[], T>(call: (...values: A) => Promise<T>) =>
    async (...values: A): Promise<T> => {
      const answer = call(...values);
      calls.add(answer);
      try {
        return await answer;
      } finally {
        calls.delete(answer);
      }
    };
  return {
    ...inference,
    embedImages: count(inference.embedImages.bind(inference)),
    embedTexts: count(inference.embedTexts.bind(inference)),
    thumbnail: count(inference.thumbnail.bind(inference)),
    heatmap: count(inference.heatmap.bind(inference)),
    imageDetails: count(inference.imageDetails.bind(inference)),
    shownPixels: count(inference.shownPixels.bind(inference)),
    rank: count(inference.rank.bind(inference)),
    tag: count(inference.tag.bind(inference)),
    moments: count(inference.moments.bind(inference)),
    describe: count(inference.describe.bind(inference)),
  };
}
