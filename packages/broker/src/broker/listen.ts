/** The doors: Unix sockets, and loopback ports for those who cannot use one. */

import { chmodSync, chownSync, lstatSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { Server, ServerResponse } from 'node:http';
import { connect, isIPv4 } from 'node:net';
import type { AddressInfo } from 'node:net';
import { BrokerError } from '../errors.ts';
import type { Broker } from './broker.ts';
import type { Caller } from './caller.ts';
import type { Door } from './visit.ts';

export interface SocketDoor {
  /** Path of a Unix socket. */
  readonly socket: string;
  /** Who may open it: 0600 when left out, this user alone. */
  readonly mode?: number | undefined;
  /** Owner and group by number; needs the rights to give files away. */
  readonly uid?: number | undefined;
  readonly gid?: number | undefined;
  /** Whoever can open the socket is this caller. */
  readonly caller: Caller;
}

export interface PortDoor {
  /** 0 takes any free one. */
  readonly port: number;
  /** A loopback address; 127.0.0.1 when left out. */
  readonly host?: string | undefined;
}

export interface OpenDoor {
  /** Path of the socket, or URL of the port. */
  readonly address: string;
  /** No new connections; idle ones are closed. Resolves when the last one has ended. */
  close(): Promise<void>;
  /** Ends what is still open. */
  cut(): void;
}

const limits = {
  maxHeaderSize: 16 * 1024,
  // A caller that is slower than this holds a connection, and nothing else.
  headersTimeout: 10_000,
  requestTimeout: 600_000,
  keepAliveTimeout: 30_000,
  connectionsCheckingInterval: 1000,
};

/** Either side of a connection may be silent for this long. */
const silenceMilliseconds = 150_000;
const maximumConnections = 2048;

/** @throws BrokerError DOOR_UNAVAILABLE, HOST_NOT_ALLOWED */
export async function openDoor(broker: Broker, door: SocketDoor | PortDoor): Promise<OpenDoor> {
  return 'socket' in door ? openSocket(broker, door) : openPort(broker, door);
}

async function openSocket(broker: Broker, door: SocketDoor): Promise<OpenDoor> {
  const { socket, mode = 0o600, uid, gid, caller } = door;
  await removeStale(socket);
  const server = serverFor(broker, { name: `socket ${socket}`, caller }, () => true);
  // From the first moment on: between listening and chmod anybody could come in.
  const mask = process.umask(0o177);
  try {
    await start(server, { path: socket }, socket);
  } finally {
    process.umask(mask);
  }
  try {
    if (uid !== undefined || gid !== undefined) {
      const { uid: ownUid, gid: ownGid } = lstatSync(socket);
      chownSync(socket, uid ?? ownUid, gid ?? ownGid);
    }
    chmodSync(socket, mode);
  } catch (cause) {
    server.close();
    throw new BrokerError('DOOR_UNAVAILABLE', `${socket} cannot be given to those who may use it`, {
      cause,
      hints: ['Run the broker as a user who may give files to that owner or group.'],
    });
  }
  return opened(server, socket);
}

async function openPort(broker: Broker, { port, host = '127.0.0.1' }: PortDoor): Promise<OpenDoor> {
  if (!isLoopback(host)) {
    throw new BrokerError('HOST_NOT_ALLOWED', `${host} is not a loopback address`, {
      hints: [
        'The broker hands out access tokens without TLS: it listens on 127.0.0.1 or ::1 alone.',
        'For other machines run a broker beside each program, with one token store for all.',
      ],
    });
  }
  const door: Door = { name: `port ${port}`, caller: undefined };
  // A page on the web may point a name of its own at this machine (DNS rebinding).
  const server = serverFor(broker, door, namesLoopback);
  await start(server, { port, host }, `${host}:${port}`);
  const { family, address, port: bound } = server.address() as AddressInfo;
  return opened(server, `http://${family === 'IPv6' ? `[${address}]` : address}:${bound}`);
}

type Judge = (request: {
  headers: { host?: string | undefined };
  url?: string | undefined;
}) => boolean;

function serverFor(broker: Broker, door: Door, isMeant: Judge): Server {
  const server = createServer(limits, (incoming, outgoing) => {
    const { headersDistinct, url = '' } = incoming;
    // Two readers may see two hosts, or two ends: RFC 9112 sections 3.2 and 6.1.
    const isAmbiguous =
      (headersDistinct['host'] ?? []).length > 1 ||
      (headersDistinct['authorization'] ?? []).length > 1 ||
      (incoming.httpVersion === '1.0' && 'transfer-encoding' in incoming.headers) ||
      !/^(?:identity|chunked)?$/i.test(incoming.headers['transfer-encoding'] ?? '');
    if (isAmbiguous || !url.startsWith('/')) {
      refuse(outgoing, 400, 'REQUEST_MALFORMED', 'The request can be read in two ways');
    } else if (isMeant(incoming)) {
      broker.handle(incoming, outgoing, door);
    } else {
      refuse(outgoing, 421, 'HOST_FORBIDDEN', 'The broker answers to localhost only');
    }
  });
  server.setTimeout(silenceMilliseconds);
  server.maxConnections = maximumConnections;
  return server;
}

function refuse(outgoing: ServerResponse, status: number, code: string, message: string): void {
  outgoing.writeHead(status, { 'content-type': 'application/json', connection: 'close' });
  outgoing.end(`${JSON.stringify({ code, message, hints: [] })}\n`);
}

function namesLoopback({ headers }: { headers: { host?: string | undefined } }): boolean {
  const host = (headers.host ?? '').replace(/:\d+$/, '').toLowerCase();
  return isLoopback(host.replace(/^\[::1\]$/, '::1'));
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIPv4(host) && host.startsWith('127.'));
}

/** A socket that nobody answers at was left behind by a process that was killed. */
async function removeStale(socket: string): Promise<void> {
  const found = lstatSync(socket, { throwIfNoEntry: false });
  if (found === undefined) return;
  if (found.isSocket() && !(await isAnswered(socket))) {
    const now = lstatSync(socket, { throwIfNoEntry: false });
    // Another broker that starts in this moment may have put its own in the place.
    if (now !== undefined && (now.ino !== found.ino || now.mtimeMs !== found.mtimeMs)) {
      return removeStale(socket);
    }
    rmSync(socket, { force: true });
    return;
  }
  const what = found.isSocket()
    ? 'another broker listens there'
    : 'a file that is no socket is there';
  throw new BrokerError('DOOR_UNAVAILABLE', `${socket}: ${what}`, {
    hints: ['Choose another path with --socket.'],
  });
}

function isAnswered(socket: string): Promise<boolean> {
  return new Promise((resolve) => {
    const connection = connect(socket, () => {
      connection.destroy();
      resolve(true);
    });
    connection.on('error', () => resolve(false));
  });
}

function start(
  server: Server,
  where: { path: string } | { port: number; host: string },
  name: string,
): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      const taken = cause.code === 'EADDRINUSE';
      const message = taken ? `${name} is taken by another process` : `${name} cannot be opened`;
      reject(
        new BrokerError('DOOR_UNAVAILABLE', message, {
          cause,
          hints: ['Choose another one with --socket or --port.'],
        }),
      );
    });
    server.listen(where, resolve);
  });
}

function opened(server: Server, address: string): OpenDoor {
  return {
    address,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeIdleConnections();
      }),
    cut: () => server.closeAllConnections(),
  };
}
