import { createServer } from 'node:http';
import { connect } from 'node:net';
import type { Duplex } from 'node:stream';
import { listen, shut } from './listening.ts';

export interface Proxy {
  url: string;
  close(): Promise<void>;
}

/**
 * An HTTP proxy that makes tunnels (CONNECT) to this machine alone, and none for whoever brings a
 * user and a password. It tells at `/` how many it has made.
 */
export async function startProxy(): Promise<Proxy> {
  let tunnels = 0;
  const open = new Set<Duplex>();
  const server = createServer((_request, response) => void response.end(String(tunnels)));
  server.on('connect', (request, socket) => {
    const [host = '', port = ''] = (request.url ?? '').split(':');
    if (host !== '127.0.0.1' || request.headers['proxy-authorization'] !== undefined) {
      socket.end('HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n');
      return;
    }
    tunnels += 1;
    const target = connect(Number(port), host, () => {
      socket.write('HTTP/1.1 200 Connection Established\r\n\r\n');
      target.pipe(socket).pipe(target);
    });
    for (const [end, other] of [
      [socket, target],
      [target, socket],
    ] as const) {
      open.add(end);
      end.on('error', () => other.destroy());
      end.on('close', () => {
        other.destroy();
        open.delete(end);
      });
    }
  });
  return {
    url: `http://127.0.0.1:${await listen(server)}`,
    async close() {
      for (const socket of open) socket.destroy();
      await shut(server);
    },
  };
}
