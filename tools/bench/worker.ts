import { fork } from 'node:child_process';

/** The tasks of a worker process. Arguments and results are structured clones. */
export type Tasks = Record<string, (argument: never) => Promise<unknown>>;

/** One side of a comparison. It is a separate process, so that the sides do not share threads or memory. */
export interface Worker<T extends Tasks> extends AsyncDisposable {
  readonly processId: number;
  ask<K extends keyof T & string>(task: K, argument: Parameters<T[K]>[0]): Promise<Awaited<ReturnType<T[K]>>>;
}

type Answer = { readonly id: number; readonly result: unknown } | { readonly id: number; readonly error: string };

export function startWorker<T extends Tasks>(script: URL): Worker<T> {
  const child = fork(script, { serialization: 'advanced', execArgv: ['--disable-warning=ExperimentalWarning'] });
  const pending = new Map<number, { resolve: (value: never) => void; reject: (error: Error) => void }>();
  let nextId = 0;
  const exited = new Promise<void>((resolve) => {
    child.once('exit', (code, signal) => {
      const error = new Error(`${script.pathname} ended (${code ?? signal ?? ''})`);
      for (const { reject } of pending.values()) reject(error);
      resolve();
    });
  });
  child.on('message', (answer: Answer) => {
    const request = pending.get(answer.id);
    pending.delete(answer.id);
    if ('error' in answer) request?.reject(new Error(answer.error));
    else request?.resolve(answer.result as never);
  });
  return {
    processId: child.pid ?? NaN,
    ask: (task, argument) =>
      new Promise((resolve, reject) => {
        const id = nextId++;
        pending.set(id, { resolve, reject });
        child.send({ id, task, argument });
      }),
    async [Symbol.asyncDispose]() {
      child.kill();
      await exited;
    },
  };
}

/** Runs in the worker: executes the requested tasks and sends their results. */
export function serve(tasks: Tasks): void {
  process.on('message', ({ id, task, argument }: { id: number; task: string; argument: never }) => {
    const run = tasks[task];
    if (!run) throw new Error(`No task "${task}".`);
    run(argument).then(
      (result) => process.send?.({ id, result }),
      (error: unknown) => process.send?.({ id, error: error instanceof Error ? (error.stack ?? '') : String(error) }),
    );
  });
}
