/** The only socket: an org on a loopback address. */

import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { isIPv4 } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { getRequestListener } from '@hono/node-server';
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import { deliverOnSocket } from './delivery.ts';
import type { Exchange } from './exchange.ts';
import { OrgError } from './org-error.ts';
import { textOf } from './text-response.ts';
import type { ServerCertificate } from './tls.ts';

export interface ListenOptions {
  /** 7523 when left out, the number of the RFC of this flow; 0 takes any free port. */
  port?: number;
  /** A loopback address; 127.0.0.1 when left out. */
  host?: string;
  /** https, with a certificate that is made for this start: `certificateAuthority` of the org. */
  tls?: boolean;
}

export interface Listener {
  /** Origin of the org. */
  readonly url: string;
  /** PEM of the certificate that a client has to trust; with `tls` alone. */
  readonly certificateAuthority: string | undefined;
  close(): Promise<void>;
}

const defaultPort = 7523;

const serverOptions = {
  maxHeaderSize: 16 * 1024,
  // A client that is slower than this holds a connection, and nothing else.
  headersTimeout: 10_000,
  requestTimeout: 30_000,
  connectionsCheckingInterval: 1000,
};

/** @throws OrgError HOST_NOT_LOOPBACK, PORT_UNAVAILABLE */
export async function listen(
  exchange: Exchange,
  { port = defaultPort, host = '127.0.0.1', tls = false }: ListenOptions = {},
): Promise<Listener> {
  if (!isLoopback(host)) {
    throw new OrgError('HOST_NOT_LOOPBACK', `${host} is not a loopback address`, {
      hints: ['A local org holds test keys and open doors: it listens on 127.0.0.1 or ::1 alone.'],
    });
  }
  const certificate = tls ? await makeCertificate() : undefined;
  const server =
    certificate === undefined
      ? createServer(serverOptions)
      : createTlsServer({ ...serverOptions, key: certificate.key, cert: certificate.chain });
  const connections = followConnections(server);
  const listener = getRequestListener(
    async (request, { incoming, outgoing }) => {
      const { socket } = incoming;
      const sourceIp = socket.remoteAddress?.replace(/^::ffff:/, '') ?? host;
      const answer = await exchange(request, { sourceIp });
      if (answer.delivery === undefined) {
        const text = textOf(answer.response);
        if (text === undefined) return answer.response;
        writeText(answer.response, text, outgoing as ServerResponse);
        return RESPONSE_ALREADY_SENT;
      }
      const reset = (): void => void connections.get(socket.remotePort)?.resetAndDestroy();
      const outcome = await deliverOnSocket(answer, outgoing as ServerResponse, reset);
      return outcome === 'delivered' ? RESPONSE_ALREADY_SENT : answer.response;
    },
    // A library leaves the globals of its host alone.
    { overrideGlobalObjects: false },
  );
  server.on('request', (incoming, outgoing) => {
    if (isAmbiguous(incoming)) {
      outgoing.writeHead(400, { connection: 'close' }).end();
    } else if (namesLoopback(incoming)) {
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
    url: `${tls ? 'https' : 'http'}://${name}:${address.port}`,
    certificateAuthority: certificate?.authority,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function makeCertificate(): Promise<ServerCertificate> {
  // Loaded for those who want it: it is more than all the rest of the org.
  const { makeServerCertificate } = await import('./tls.ts');
  return makeServerCertificate();
}

/** The connections by the port of the client: under TLS a request knows the upper layer only. */
function followConnections(server: Server): ReadonlyMap<number | undefined, Socket> {
  const connections = new Map<number | undefined, Socket>();
  server.on('connection', (socket: Socket) => {
    const { remotePort } = socket;
    connections.set(remotePort, socket);
    socket.once('close', () => {
      if (connections.get(remotePort) === socket) connections.delete(remotePort);
    });
  });
  return connections;
}

/** Two readers may see two hosts, or two ends: RFC 9112 sections 3.2 and 6.1. */
function isAmbiguous({ headers, headersDistinct, httpVersion }: IncomingMessage): boolean {
  const hosts = headersDistinct['host'] ?? [];
  return hosts.length > 1 || (httpVersion === '1.0' && 'transfer-encoding' in headers);
}

/** By its Host, and by a target in absolute form, which counts more: RFC 9112 section 3.2.2. */
function namesLoopback({ headers, url = '' }: IncomingMessage): boolean {
  const [, target] = /^[^/]+:\/\/([^/?#]*)/.exec(url) ?? [];
  const names = [headers.host ?? '', ...(target === undefined ? [] : [target])];
  return names.every((name) => {
    const host = name.replace(/:\d+$/, '').toLowerCase();
    return isLoopback(host.replace(/^\[::1\]$/, '::1')) || /^[\w.-]+\.localhost$/.test(host);
  });
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIPv4(host) && host.startsWith('127.'));
}

/** In one piece, as most answers are. */
function writeText(response: Response, text: string, outgoing: ServerResponse): void {
  const { status, headers } = response;
  const fields: Record<string, string | string[] | number> = Object.fromEntries(headers);
  if (headers.has('set-cookie')) fields['set-cookie'] = headers.getSetCookie();
  fields['content-length'] = Buffer.byteLength(text);
  outgoing.writeHead(status, fields).end(text);
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
