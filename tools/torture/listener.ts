import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';

/** A server that must stay silent: nothing may connect to it. */
export interface Listener extends AsyncDisposable {
  readonly address: string;
  /** The first bytes of each connection since the last call. */
  readonly takeConnections: () => string[];
}

export async function startListener(): Promise<Listener> {
  let connections: string[] = [];
  const server = createServer((socket) => {
    const index = connections.push('(nothing)') - 1;
    socket.once('data', (data) => {
      connections[index] = data.toString('latin1').slice(0, 2000);
      socket.destroy();
    });
    socket.on('error', () => undefined);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    address: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    takeConnections() {
      const taken = connections;
      connections = [];
      return taken;
    },
    async [Symbol.asyncDispose]() {
      server.close();
      await once(server, 'close');
    },
  };
}
