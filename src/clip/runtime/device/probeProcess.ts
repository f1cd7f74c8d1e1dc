import { fork, type ChildProcess } from 'node:child_process';
import { UserError } from '../../../base/userError.ts';
import { plainReason, type FromProbe, type ProbeOptions } from './probeProtocol.ts';
import { PROVIDER_NAMES } from './providers.ts';
import { CPU_BATCH, type Trial } from './verdict.ts';

/** The time limit of a trial. Loading a large model and compiling its shaders takes a real GPU some seconds. */
const PROBE_MILLISECONDS = 60_000;
const LOG_CHARACTERS = 1000;

/**
 * Tries a provider in a separate process. A crash, or a trial that takes longer than the limit, is a failure of the
 * provider.
 * @param milliseconds another limit, for tests
 * @throws UserError if the probe cannot run the model on the CPU either: the provider is not the cause. The reason of
 *   the signal if it is aborted; the probe is ended then
 */
export async function runProbe(
  script: string | URL,
  { modelFolder, provider, threads }: Omit<ProbeOptions, 'milliseconds'>,
  signal?: AbortSignal,
  milliseconds = PROBE_MILLISECONDS,
): Promise<Trial> {
  signal?.throwIfAborted();
  // Half of the time, so that the last step of the probe has the other half to end.
  const child = forkProbe(script, { modelFolder, provider, threads, milliseconds: milliseconds / 2 });
  const { promise, resolve, reject } = Promise.withResolvers<Trial>();
  let step: string | undefined;
  let log = '';

  const fail = (how: string): void => {
    const reason = step === undefined ? how : `${how} when it ${step}`;
    const figures = { cosine: null, imagesPerSecond: null, cpuImagesPerSecond: null, batch: CPU_BATCH };
    resolve({ provider, outcome: 'failed', reason, ...figures, at: Date.now() });
  };
  const ended = (how: string): void => {
    const text = log.trim();
    if (step !== undefined) fail(`its process ended (${how}${text ? `: ${plainReason(text)}` : ''})`);
    else
      reject(
        new UserError([
          `${PROVIDER_NAMES[provider]} cannot be tried: the probe does not start (${how}).`,
          ...text.split(/\r?\n/),
        ]),
      );
  };
  const abort = (): void => {
    reject(signal?.reason as Error);
  };

  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    log = (log + text).slice(-LOG_CHARACTERS);
  });
  child.once('error', ({ message }) => {
    ended(message);
  });
  child.once('close', (code, killer) => {
    ended(killer ? `signal ${killer}` : `exit code ${code ?? 'unknown'}`);
  });
  child.on('message', (message: FromProbe) => {
    if (message.type === 'step') step = message.what;
    else if (message.type === 'trial') resolve(message.trial);
    else reject(new UserError(`${PROVIDER_NAMES[provider]} cannot be tried: ${message.reason}`));
  });
  const timer = setTimeout(() => {
    fail(`it did not finish within ${Math.round(milliseconds / 1000)} s`);
  }, milliseconds);
  signal?.addEventListener('abort', abort, { once: true });
  try {
    return await promise;
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', abort);
    child.kill('SIGKILL');
  }
}

function forkProbe(script: string | URL, options: ProbeOptions): ChildProcess {
  return fork(script, [JSON.stringify(options)], {
    serialization: 'advanced',
    execArgv: [],
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    env: { ...process.env, ORT_DISABLE_TELEMETRY: '1' },
  });
}
