/** The only socket: an org on a loopback address. */

import { createServer } from 'node:http';
import type { IncomingMessage, Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { getRequestListener } from '@hono/node-server';
import { OrgError } from './org-error.ts';
import type { ConnectionInfo } from './router.ts';

export interface ListenOptions {
  /** 7523 when left out, the number of the RFC of this flow; 0 takes any free port. */
  port?: number;
  /** A loopback address; 127.0.0.1 when left out. */
  host?: string;
}

export interface Listener {
  /** Origin of the org. */
  readonly url: string;
  close(): Promise<void>;
}

const defaultPort = 7523;
const loopbackAddress = /^(localhost|127(\.\d{1,3}){3}|::1)$/;

/** @throws OrgError HOST_NOT_LOOPBACK, PORT_UNAVAILABLE */
export async function listen(
  fetch: (request: Request, connection: ConnectionInfo) => Response | Promise<Response>,
  { port = defaultPort, host = '127.0.0.1' }: ListenOptions = {},
): Promise<Listener> {
  if (!loopbackAddress.test(host)) {
    throw new OrgError('HOST_NOT_LOOPBACK', `${host} is not a loopback address`, {
      hints: ['A local org holds test keys and open doors: it listens on 127.0.0.1 or ::1 alone.'],
    });
  }
  const listener = getRequestListener(
    (request, { incoming }) => {
      const sourceIp = incoming.socket.remoteAddress?.replace(/^::ffff:/, '') ?? host;
      return fetch(request, { sourceIp });
    },
    // A library leaves the globals of its host alone.
    { overrideGlobalObjects: false },
  );
  const server = createServer({ maxHeaderSize: 16 * 1024, requestTimeout: 30_000 });
  server.on('request', (incoming, outgoing) => {
    if (namesLoopback(incoming)) {
      void listener(incoming, outgoing);
    } else {
      // A page on the web may point a name of its own at this machine (DNS rebinding).
      outgoing.writeHead(421, { 'content-type': 'text/plain;charset=UTF-8', connection: 'close' });
      outgoing.end('This org answers to localhost only\n');
    }
  });
  await start(server, port, host);
  const address = server.address() as AddressInfo;
  const name = address.family === 'IPv6' ? `[${address.address}]` : address.address;
  return {
    url: `http://${name}:${address.port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function namesLoopback({ headers }: IncomingMessage): boolean {
  const name = (headers.host ?? '').replace(/:\d+$/, '').toLowerCase();
  return /^(localhost|127(\.\d{1,3}){3}|\[::1\]|[\w.-]+\.localhost)$/.test(name);
}

function start(server: Server, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      const taken = cause.code === 'EADDRINUSE';
      reject(
        new OrgError(
          'PORT_UNAVAILABLE',
          taken ? `Port ${port} is taken by another process` : `Port ${port} cannot be opened`,
          { cause, hints: ['Choose another port with --port, or 0 for any free one.'] },
        ),
      );
    });
    server.listen(port, host, resolve);
  });
}
