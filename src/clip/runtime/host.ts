/**
 * The inference process. sharp and ONNX Runtime are loaded only here and in the probe, because a run blocks its thread
 * and a native library can abort its process. inferenceProcess.ts starts it with HostOptions as its argument.
 */
import { dieWithParent } from '../../base/dieWithParent.ts';
import { emitter, type Message } from '../../base/rpc/message.ts';
import { RpcServer } from '../../base/rpc/server.ts';
import type { Decoding } from '../images/decoding/decodeOptions.ts';
import { DecodeQueue } from '../images/decoding/decodeQueue.ts';
import { DECODE_LIMITS } from '../images/limits.ts';
import { createHandlers } from './handlers.ts';
import type { HostEvents, HostOptions, InferenceProtocol } from './protocol.ts';

/** The least time between two `alive` events. It is much shorter than the watchdog of the parent waits. */
const ALIVE_MILLISECONDS = 1000;

function post(message: Message): void {
  if (process.connected) process.send?.(message);
}

function serve(options: HostOptions): void {
  const emit = emitter<HostEvents>(post);
  let lastAlive = -Infinity;
  const onProgress = (): void => {
    if (performance.now() - lastAlive < ALIVE_MILLISECONDS) return;
    lastAlive = performance.now();
    emit('alive', null);
  };
  const limits = { ...DECODE_LIMITS, ...options.limits };
  const decoding: Decoding = { queue: new DecodeQueue(options.decodeThreads, limits.memory), limits };
  const server = new RpcServer<InferenceProtocol>(post, {
    handlers: createHandlers(options, { decoding, emit, onProgress }),
    onEvent: {},
    beforeReply() {
      // Before the reply, so that the parent does not ask this process again for an image that was not processed.
      if (decoding.queue.isStuck) emit('stuck', null);
    },
  });
  process.on('message', (message) => {
    server.receive(message);
  });
  // An ordinary exit would wait for decoders that hang, and nothing is left to clean up.
  process.once('disconnect', () => process.kill(process.pid, 'SIGKILL'));
  emit('ready', null);
}

dieWithParent();
serve(JSON.parse(process.argv[2] ?? '{}') as HostOptions);
