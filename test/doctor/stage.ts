/** What a fault is caused with: keys, orgs, hosts and proxies of this machine, gone afterwards. */

import { createServer as createHttpServer } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { IncomingMessage } from 'node:http';
import { connect as connectSocket, createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import type { Duplex } from 'node:stream';
import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createOrg } from '@sfjwt/org';
import type { Org, Seed } from '@sfjwt/org';
import { createCertificate, createKeyPair } from '@sfjwt/setup';
import { createHostCertificate } from './host-certificate.ts';
import type { HostCertificate } from './host-certificate.ts';

export type SeedApp = NonNullable<Seed['clientApps']>[number];

/** What a client is set to: settings, and what surrounds it. */
export interface Scene {
  loginUrl?: string;
  clientId?: string;
  username?: string;
  keyFile?: string;
  certificateFile?: string;
  audience?: string;
  proxy?: string;
  /** PEM that is trusted beside the usual certificates. */
  ca?: string;
  /** The org whose administrator may be asked. */
  org?: Org;
}

const ours = await createKeyPair();
const { pem: certificate } = await createCertificate({ privateKey: ours.privateKey });
const other = await createKeyPair();
const { pem: otherCertificate } = await createCertificate({ privateKey: other.privateKey });

const pem = { type: 'pkcs8', format: 'pem' } as const;

/** Texts of key files, by what is wrong with them. */
export const keys = {
  ours: ours.privateKeyPem,
  other: other.privateKeyPem,
  publicKey: createPublicKey(ours.privateKey).export({ type: 'spki', format: 'pem' }).toString(),
  certificate,
  otherCertificate,
  ellipticCurve: generateKeyPairSync('ec', { namedCurve: 'P-256' })
    .privateKey.export(pem)
    .toString(),
  short: generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey.export(pem).toString(),
  encrypted: ours.privateKey
    .export({ ...pem, cipher: 'aes-256-cbc', passphrase: 'open sesame' })
    .toString(),
  cutOff: ours.privateKeyPem.slice(0, 900),
} as const;

export const consumerKey = '3MVG9.nightly.sync';
export const worker = 'worker@acme.example';
export const workers = 'Workers';

export class Stage {
  readonly folder: string = mkdtempSync(join(tmpdir(), 'sfjwt-doctor-'));
  readonly #ends: (() => unknown)[] = [];

  /** A file with this text, and its path. */
  file(name: string, text: string): string {
    const path = join(this.folder, name);
    writeFileSync(path, text, { mode: 0o600 });
    return path;
  }

  /** An org in which the worker may sign in, but for what is changed, and the settings for it. */
  async org({
    app = {},
    seed = {},
    tls = false,
  }: { app?: Partial<SeedApp>; seed?: Partial<Seed>; tls?: boolean } = {}): Promise<
    Scene & { org: Org }
  > {
    const org = await createOrg({
      seed: {
        profiles: [{ name: workers, apiEnabled: true }],
        users: [{ username: worker, profile: workers }],
        ...seed,
        clientApps: [
          {
            kind: 'externalClientApp',
            name: 'Nightly Sync',
            contactEmail: 'ops@acme.example',
            consumerKey,
            certificate,
            scopes: ['api', 'refresh_token'],
            permittedUsers: 'adminApproved',
            profiles: [workers],
            ...app,
          },
        ],
      },
    });
    this.#ends.push(() => org.close());
    await org.listen({ port: 0, tls });
    return {
      org,
      loginUrl: org.url,
      clientId: consumerKey,
      username: worker,
      keyFile: this.file('salesforce.key', keys.ours),
      ...(tls ? { ca: org.certificateAuthority ?? '' } : {}),
    };
  }

  /** Settings that are right, for a host that is not an org. */
  settings(loginUrl: string): Scene {
    const keyFile = this.file('salesforce.key', keys.ours);
    return { loginUrl, clientId: consumerKey, username: worker, keyFile };
  }

  /** The org as its real hosts would be reached: by a proxy, with a certificate for their names. */
  async behindRealNames(scene: Scene & { org: Org }, host: string): Promise<Scene> {
    const tls = await createHostCertificate({ names: [host] });
    const front = createHttpsServer(
      { key: tls.key, cert: tls.certificate },
      (incoming, outgoing) => {
        relay(incoming, `https://${host}`, scene.org)
          .then(async (response) => {
            outgoing.writeHead(response.status, Object.fromEntries(response.headers));
            outgoing.end(Buffer.from(await response.arrayBuffer()));
          })
          .catch((error: unknown) => outgoing.destroy(error as Error));
      },
    );
    const port = await this.listen(front);
    const proxy = await this.proxy((socket) => tunnel(socket, port));
    return { ...scene, loginUrl: `https://${host}`, proxy, ca: tls.certificate };
  }

  /** A proxy that does with a request for a tunnel what it is told. */
  async proxy(take: (socket: Duplex) => void): Promise<string> {
    const server = createHttpServer();
    server.on('connect', (_request, socket) => take(socket));
    return `http://127.0.0.1:${await this.listen(server)}`;
  }

  /** A host that answers each request with these bytes, and is silent without any. */
  async host(bytes: string | undefined, tls?: HostCertificate): Promise<string> {
    const serve = (socket: Socket): void => {
      socket.on('error', () => {});
      socket.once('data', () => {
        if (bytes !== undefined) socket.end(bytes);
      });
    };
    const server =
      tls === undefined
        ? createServer(serve)
        : createTlsServer({ key: tls.key, cert: tls.certificate }, serve);
    server.on('tlsClientError', () => {});
    const port = await this.listen(server);
    return `${tls === undefined ? 'http' : 'https'}://127.0.0.1:${port}`;
  }

  /** A host that breaks every connection. */
  async breakingHost(): Promise<string> {
    const server = createServer((socket) => socket.resetAndDestroy());
    return `http://127.0.0.1:${await this.listen(server)}`;
  }

  /** A port of this machine where nobody listens. */
  async closedPort(): Promise<number> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    await new Promise((resolve) => server.close(resolve));
    return port;
  }

  async listen(server: Server): Promise<number> {
    const open = new Set<Socket>();
    server.on('connection', (socket: Socket) => {
      open.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => open.delete(socket));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    this.#ends.push(() => {
      for (const socket of open) socket.destroy();
      return new Promise((resolve) => server.close(resolve));
    });
    return (server.address() as AddressInfo).port;
  }

  async end(): Promise<void> {
    for (const end of this.#ends.toReversed()) await end();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** Bytes of an HTTP answer. */
export function answer(status: string, headers: Record<string, string>, body: string): string {
  const all = {
    'content-length': String(Buffer.byteLength(body)),
    connection: 'close',
    ...headers,
  };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  return `HTTP/1.1 ${status}\r\n${lines.join('')}\r\n${body}`;
}

/** Joins the two ends of a tunnel. */
export function tunnel(socket: Duplex, port: number): void {
  const target = connectSocket(port, '127.0.0.1', () => {
    socket.write('HTTP/1.1 200 Connection Established\r\n\r\n');
    target.pipe(socket).pipe(target);
  });
  socket.on('error', () => target.destroy());
  target.on('error', () => socket.destroy());
}

async function relay(incoming: IncomingMessage, origin: string, org: Org): Promise<Response> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  const { method = 'GET', url = '/', headers } = incoming;
  const kept = ['content-type', 'authorization', 'accept'].flatMap((name) => {
    const value = headers[name];
    return typeof value === 'string' ? [[name, value] as [string, string]] : [];
  });
  return org.fetch(
    new Request(origin + url, {
      method,
      headers: kept,
      ...(method === 'GET' ? {} : { body: Buffer.concat(chunks) }),
    }),
  );
}
