import { fork } from 'node:child_process';
import { UserError } from '../../../base/userError.ts';
import { plainReason, type FromProbe, type ProbeOptions } from './probeProtocol.ts';
import { PROVIDER_NAMES } from './providers.ts';
import { CPU_BATCH, type Trial } from './verdict.ts';

/** What takes longer is of no use. Loading a large model and compiling its shaders takes a real GPU some seconds. */
const PROBE_MILLISECONDS = 60_000;
const LOG_CHARACTERS = 1000;

/**
 * Tries a provider in a process of its own. A crash, an abort of a native library, or 60 seconds count as failures of the provider.
 * @param milliseconds another limit, for tests
 * @throws UserError where the probe cannot run the model on the processor either, which says nothing of the provider; the signal's
 *   reason when aborted, and then the probe is gone as well
 */
export async function runProbe(
  script: string | URL,
  { modelFolder, provider, threads }: Omit<ProbeOptions, 'milliseconds'>,
  signal?: AbortSignal,
  milliseconds = PROBE_MILLISECONDS,
): Promise<Trial> {
  signal?.throwIfAborted();
  // What it begins last has to come to an end, too.
  const options: ProbeOptions = { modelFolder, provider, threads, milliseconds: milliseconds / 2 };
  const child = fork(script, [JSON.stringify(options)], {
    serialization: 'advanced',
    execArgv: [],
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    env: { ...process.env, ORT_DISABLE_TELEMETRY: '1' },
  });
  const { promise, resolve, reject } = Promise.withResolvers<Trial>();
  let doing: string | undefined;
  let lastLines = '';
  const fail = (how: string): void => {
    const reason = doing === undefined ? how : `${how}; last it ${doing}`;
    const figures = { cosine: null, imagesPerSecond: null, cpuImagesPerSecond: null, batch: CPU_BATCH };
    resolve({ provider, outcome: 'failed', reason, ...figures, at: Date.now() });
  };
  const gone = (how: string): void => {
    const said = lastLines.trim();
    if (doing !== undefined) fail(`its process ended (${how}${said ? `: ${plainReason(said)}` : ''})`);
    else
      reject(new UserError(`${PROVIDER_NAMES[provider]} cannot be tried: the probe does not start (${how}).\n${said}`));
  };
  const abort = (): void => {
    reject(signal?.reason as Error);
  };

  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    lastLines = (lastLines + text).slice(-LOG_CHARACTERS);
  });
  child.once('error', ({ message }) => {
    gone(message);
  });
  child.once('close', (code, killer) => {
    gone(killer ? `signal ${killer}` : `exit code ${code ?? 'unknown'}`);
  });
  child.on('message', (message: FromProbe) => {
    if (message.type === 'step') doing = message.what;
    else if (message.type === 'trial') resolve(message.trial);
    else reject(new UserError(`${PROVIDER_NAMES[provider]} cannot be tried: ${message.reason}`));
  });
  const timer = setTimeout(() => {
    fail(`it was not done within ${Math.round(milliseconds / 1000)} s`);
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
