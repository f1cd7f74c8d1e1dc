import assert from 'node:assert/strict';
import { setImmediate as nextTurn } from 'node:timers/promises';
import * as z from 'zod/mini';
import { RpcClient } from '../../../../src/base/rpc/client.ts';
import type { ProtocolOf } from '../../../../src/base/rpc/contract.ts';
import { emitter, InvalidMessage, type Message } from '../../../../src/base/rpc/message.ts';
import type { Handlers, Protocol } from '../../../../src/base/rpc/protocol.ts';
import { RpcServer, type ServerOptions } from '../../../../src/base/rpc/server.ts';
import { UserError } from '../../../../src/base/userError.ts';

interface Calculator extends Protocol {
  readonly methods: {
    divide(params: { readonly dividend: number; readonly divisor: number }): number;
    double(params: Float32Array): Float32Array;
    wait(params: null): null;
  };
  readonly clientEvents: { readonly hello: string };
  readonly serverEvents: { readonly progress: number };
}

/** A client and a server. Messages are cloned, as between processes, and arrive in a later turn of the event loop. */
function connect(options: Partial<ServerOptions<Calculator>> = {}) {
  const events: unknown[] = [];
  const errors: [error: unknown, method: string | undefined][] = [];
  const waiting: AbortSignal[] = [];
  const sent: Message[] = [];
  const handlers: Handlers<Calculator> = {
    divide({ dividend, divisor }) {
      if (divisor === 0) throw new UserError('Choose a divisor other than 0.');
      return dividend / divisor;
    },
    double: (values) => Promise.resolve(values.map((value) => 2 * value)),
    wait: (_, signal) =>
      new Promise((_resolve, reject) => {
        waiting.push(signal);
        signal.addEventListener('abort', () => {
          reject(new Error('stopped'));
        });
      }),
  };
  const deliver = (message: Message, receive: (data: unknown) => void): void => {
    const copy = structuredClone(message);
    setImmediate(() => {
      receive(copy);
    });
  };
  const client: RpcClient<Calculator> = new RpcClient<Calculator>(
    (message) => {
      sent.push(message);
      deliver(message, (data) => {
        server.receive(data);
      });
    },
    { progress: (percent) => events.push(percent) },
  );
  const post = (message: Message): void => {
    deliver(message, (data) => {
      client.receive(data);
    });
  };
  const server = new RpcServer<Calculator>(post, {
    handlers,
    onEvent: { hello: (name) => events.push(name) },
    onError(error, method) {
      errors.push([error, method]);
      return error;
    },
    ...options,
  });
  return { client, server, post, events, errors, waiting, sent, handlers };
}

async function until(condition: () => boolean): Promise<void> {
  for (let turn = 0; !condition(); turn++) {
    assert.ok(turn < 1000, 'the condition never became true');
    await nextTurn();
  }
}

describe('Remote procedure calls', () => {
  it('return the result of each request, whatever the order of the replies', async () => {
    const { client } = connect();
    const [quotient, doubled, other] = await Promise.all([
      client.call('divide', { dividend: 6, divisor: 3 }),
      client.call('double', Float32Array.of(1, 2)),
      client.call('divide', { dividend: 1, divisor: 4 }),
    ]);
    assert.deepEqual([quotient, doubled, other], [2, Float32Array.of(2, 4), 0.25]);
    assert.equal(client.unanswered, 0);
  });

  it('wait for handlers that become ready later, and fail if these fail', async () => {
    const later = Promise.withResolvers<Handlers<Calculator>>();
    const { client, handlers } = connect({ handlers: later.promise });
    const quotient = client.call('divide', { dividend: 6, divisor: 3 });
    await nextTurn();
    later.resolve(handlers);
    assert.equal(await quotient, 2);
    const broken = connect({ handlers: Promise.reject(new UserError('There is no model.')) });
    await assert.rejects(broken.client.call('wait', null), { name: 'UserError', message: 'There is no model.' });
  });

  it('keep a UserError a UserError, and the stack of any other error', async () => {
    const { client, handlers, errors } = connect();
    await assert.rejects(client.call('divide', { dividend: 1, divisor: 0 }), (error) => {
      assert.ok(error instanceof UserError);
      assert.equal(error.message, 'Choose a divisor other than 0.');
      return true;
    });
    const bug = new TypeError('x is undefined');
    const failing = connect({ handlers: { ...handlers, double: () => Promise.reject(bug) } });
    await assert.rejects(failing.client.call('double', Float32Array.of()), (error) => {
      assert.ok(error instanceof Error && !(error instanceof UserError));
      assert.deepEqual([error.message, error.stack], ['x is undefined', bug.stack]);
      return true;
    });
    assert.deepEqual([errors.length, failing.errors], [1, [[bug, 'double']]]);
  });

  it('send the error that the server chooses instead', async () => {
    const { client } = connect({ onError: () => new UserError('See the log.') });
    await assert.rejects(client.call('divide', { dividend: 1, divisor: 0 }), { message: 'See the log.' });
    const cancelling = connect({ onError: () => new DOMException('dismissed', 'AbortError') });
    await assert.rejects(cancelling.client.call('divide', { dividend: 1, divisor: 0 }), { name: 'AbortError' });
  });

  it('are rejected immediately when cancelled; the handler is asked to stop', async () => {
    const { client, waiting, errors } = connect();
    const controller = new AbortController();
    const call = client.call('wait', null, controller.signal);
    await until(() => waiting.length === 1);
    const reason = new Error('not needed any more');
    controller.abort(reason);
    await assert.rejects(call, reason);
    assert.equal(client.unanswered, 1, 'the server has not answered yet');
    await until(() => client.unanswered === 0);
    assert.equal(waiting[0]?.aborted, true);
    assert.deepEqual(errors, [], 'a cancellation is no error');
  });

  it('send nothing for a signal that is aborted already', async () => {
    const { client, sent } = connect();
    await assert.rejects(client.call('wait', null, AbortSignal.abort()), { name: 'AbortError' });
    assert.deepEqual(sent, []);
  });

  it('ignore a signal that is aborted after the reply', async () => {
    const { client, sent } = connect();
    const controller = new AbortController();
    await client.call('divide', { dividend: 1, divisor: 1 }, controller.signal);
    controller.abort();
    assert.deepEqual(
      sent.map(({ type }) => type),
      ['request'],
    );
  });

  it('fail if parameters or a result cannot be sent', async () => {
    const unclonable = (() => 1) as never;
    const { client, handlers } = connect();
    await assert.rejects(client.call('double', unclonable), { name: 'DataCloneError' });
    assert.equal(client.unanswered, 0);
    const other = connect({ handlers: { ...handlers, double: () => unclonable } });
    await assert.rejects(other.client.call('double', Float32Array.of()), /could not be cloned/);
  });

  it('are rejected when the server is gone', async () => {
    const { client, waiting } = connect();
    const call = client.call('wait', null);
    await until(() => waiting.length === 1);
    const gone = new Error('gone');
    client.close(gone);
    await assert.rejects(call, gone);
    assert.equal(client.unanswered, 0);
  });

  it('of a closed client are cancelled and not answered', async () => {
    const { client, server, waiting } = connect();
    const call = client.call('wait', null);
    await until(() => waiting.length === 1);
    server.reset();
    assert.equal(waiting[0]?.aborted, true);
    for (let turn = 0; turn < 10; turn++) await nextTurn();
    assert.equal(client.unanswered, 1);
    client.close(new Error('gone'));
    await assert.rejects(call);
  });

  it('are answered after the beforeReply function of the server', async () => {
    const order: string[] = [];
    const { client } = connect({ beforeReply: () => order.push('before') });
    await client.call('divide', { dividend: 1, divisor: 1 }).then(() => order.push('reply'));
    assert.deepEqual(order, ['before', 'reply']);
  });

  it('carry events in both directions', async () => {
    const { client, server, post, events } = connect();
    emitter<Calculator['serverEvents']>(post)('progress', 50);
    await until(() => events.length === 1);
    server.receive({ type: 'event', event: 'hello', data: 'me' });
    assert.deepEqual(events, [50, 'me']);
    assert.throws(() => {
      client.receive({ type: 'event', event: 'toString', data: null });
    }, InvalidMessage);
  });

  for (const method of ['nothing', 'constructor', 'toString', '__proto__', 'hasOwnProperty', '']) {
    it(`reject the unknown method "${method}"`, async () => {
      const { client, errors } = connect();
      await assert.rejects(client.call(method as 'wait', null), /Unknown method/);
      assert.equal(errors[0]?.[1], method);
    });
  }

  it('report every other unknown message, and answer it if it has an id', () => {
    const replies: Message[] = [];
    const errors: unknown[] = [];
    const { handlers } = connect();
    const server = new RpcServer<Calculator>((message) => replies.push(message), {
      handlers,
      onEvent: { hello: () => undefined },
      onError: (error) => errors.push(error) && new UserError('That was not understood.'),
    });
    const unanswerable = [undefined, null, 3, 'request', [], {}, { type: 'request' }, { type: 'event', event: 'no' }];
    for (const message of unanswerable) server.receive(message);
    assert.deepEqual([errors.length, replies], [unanswerable.length, []]);
    const answerable = [
      { type: 'eval', id: 1 },
      { type: 'request', id: 1, method: 5, params: null },
      { type: 'reply', id: 1, result: null },
    ];
    for (const message of answerable) server.receive(message);
    assert.equal(replies.length, answerable.length);
    for (const reply of replies) {
      assert.ok(reply.type === 'failure' && reply.id === 1 && reply.failure.message === 'That was not understood.');
    }
    assert.ok(errors.every((error) => error instanceof InvalidMessage));
  });

  it('require a handler for each method', () => {
    const { handlers } = connect();
    // @ts-expect-error: "wait" has no handler
    const incomplete: Handlers<Calculator> = { divide: handlers.divide, double: handlers.double };
    assert.ok(incomplete);
  });
});

describe('A contract between two sides that do not trust each other', () => {
  const contract = {
    methods: {
      rename: {
        params: z.object({ id: z.int().check(z.nonnegative()), name: z.string() }),
        result: z.object({ renamed: z.boolean() }),
      },
    },
    clientEvents: { ready: z.null() },
    serverEvents: { changed: z.object({ count: z.int() }) },
  };
  type Renamer = ProtocolOf<typeof contract>;

  /** @param result the value that the handler returns */
  function connectChecked(result: unknown = { renamed: true }) {
    const received: unknown[] = [];
    const client: RpcClient<Renamer> = new RpcClient<Renamer>(
      (message) => {
        server.receive(structuredClone(message));
      },
      { changed: (data) => received.push(data) },
      contract,
    );
    const server = new RpcServer<Renamer>(
      (message) => {
        client.receive(structuredClone(message));
      },
      {
        handlers: {
          rename(params) {
            received.push(params);
            return result as { renamed: boolean };
          },
        },
        onEvent: { ready: (data) => received.push(data) },
        contract,
      },
    );
    return { client, server, received };
  }

  it('lets no invalid parameters reach a handler, and removes unknown properties', async () => {
    const { client, received } = connectChecked();
    for (const params of [null, {}, { id: -1, name: '' }, { id: 0.5, name: '' }, { id: 1, name: 3 }]) {
      await assert.rejects(client.call('rename', params as never), /Invalid parameters of "rename"/);
    }
    assert.deepEqual(received, []);
    assert.deepEqual(await client.call('rename', { id: 1, name: 'a', evil: true } as never), { renamed: true });
    assert.deepEqual(received, [{ id: 1, name: 'a' }]);
  });

  it('lets no invalid result reach the caller', async () => {
    for (const result of [0, null, {}, { renamed: 'yes' }]) {
      const { client } = connectChecked(result);
      await assert.rejects(client.call('rename', { id: 1, name: 'a' }), InvalidMessage);
    }
  });

  it('checks the data of events', () => {
    const { client, server, received } = connectChecked();
    server.receive({ type: 'event', event: 'ready', data: 3 });
    assert.throws(() => {
      client.receive({ type: 'event', event: 'changed', data: { count: 'many' } });
    }, InvalidMessage);
    assert.deepEqual(received, []);
    server.receive({ type: 'event', event: 'ready', data: null });
    client.receive({ type: 'event', event: 'changed', data: { count: 3 } });
    assert.deepEqual(received, [null, { count: 3 }]);
  });
});
