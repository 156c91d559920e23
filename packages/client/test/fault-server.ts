import { createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { onTestFinished } from 'vitest';
import type { Authority } from './authority.ts';

export interface FaultServer {
  url: string;
  /** The requests that were read, head and body. */
  requests: string[];
  /** How many connections there have been, and how many of them are over. */
  connections: { begun: number; over: number };
}

/** What is done once a request has been read; its bytes are the test's own affair. */
export type Fault = (socket: Socket, url: string) => void;

export interface FaultServerOptions {
  /** Speaks TLS with this certificate. */
  tls?: Authority;
  /** The host in the URL; the socket is on 127.0.0.1 all the same. */
  host?: string;
}

/**
 * A socket below HTTP: what goes back is whatever the test writes, whole answers or pieces of none.
 * It ends with the test.
 */
export async function startFaultServer(
  fault: Fault,
  { tls, host = '127.0.0.1' }: FaultServerOptions = {},
): Promise<FaultServer> {
  const requests: string[] = [];
  const open = new Set<Socket>();
  const connections = { begun: 0, over: 0 };
  const serve = (socket: Socket): void => {
    // The other end breaks off: that is what many of these tests are about.
    socket.on('error', () => {});
    let text = '';
    socket.on('data', (chunk: Buffer) => {
      text += chunk.toString('latin1');
      const [head = '', body] = text.split('\r\n\r\n');
      const length = Number(/^content-length: (\d+)/im.exec(head)?.[1] ?? 0);
      if (body === undefined || body.length < length) return;
      requests.push(text);
      text = '';
      fault(socket, url);
    });
  };
  const server =
    tls === undefined
      ? createServer({ allowHalfOpen: true }, serve)
      : createTlsServer({ key: tls.key, cert: tls.certificate, allowHalfOpen: true }, serve);
  // Without this, what a client thinks of our certificate would fail the test run.
  server.on('tlsClientError', () => {});
  server.on('connection', (socket: Socket) => {
    open.add(socket);
    connections.begun += 1;
    socket.on('close', () => {
      open.delete(socket);
      connections.over += 1;
    });
    // Half-open is for our end: when the client has gone, so do we.
    socket.on('end', () => socket.destroy());
    socket.on('error', () => {});
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const url = `${tls === undefined ? 'http' : 'https'}://${host}:${port}`;
  onTestFinished(
    () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        for (const socket of open) socket.destroy();
      }),
  );
  return { url, requests, connections };
}

/** An answer as it goes over the wire; its length is told unless a header says otherwise. */
export function answer(
  status: number | string,
  headers: Readonly<Record<string, string>>,
  body: string | Buffer,
): Buffer {
  const bytes = Buffer.from(body);
  const told = Object.keys(headers).some((name) =>
    /^(?:content-length|transfer-encoding|x-no-length)$/i.test(name),
  );
  const all = told ? headers : { ...headers, 'content-length': String(bytes.length) };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  const head = `HTTP/1.1 ${status}${typeof status === 'number' ? ' Some Words' : ''}\r\n`;
  return Buffer.concat([Buffer.from(`${head}${lines.join('')}\r\n`), bytes]);
}
