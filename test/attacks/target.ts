/** The org under attack: apps with keys of every size, users of every state, tokens dead and alive. */

import { execFile } from 'node:child_process';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { createPrivateKey, generateKeyPairSync } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { connect } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { createClock, createOrg } from '@sfjwt/org';
import type { ClientApp, Org, OrgClock } from '@sfjwt/org';
import { exchange, httpRequest } from './connection.ts';
import { compact, rs256 } from './forgery.ts';
import type { Parts } from './forgery.ts';

const run = promisify(execFile);

/** An app of the org and the key it signs with. */
export interface SigningApp {
  app: ClientApp;
  key: KeyObject;
  certificatePem: string;
}

export interface Tokens {
  /** Works on every endpoint. */
  live: string;
  /** Works too; ends when the case that asks for it is over. */
  revoked: string;
  expired: string;
  /** Of another org, where it works. */
  foreign: string;
  /** Of a user who was deactivated afterwards. */
  inactiveUser: string;
  /** Of another app of this org. */
  otherApp: string;
  /** A JWT-based access token, which works too. */
  jwt: string;
}

export interface Target {
  readonly org: Org;
  readonly port: number;
  readonly clock: OrgClock;
  /** The app of the good assertion: RSA, 2048 bits. */
  readonly app: SigningApp;
  readonly apps: Readonly<Record<'rsa3072' | 'rsa4096' | 'exponent3' | 'jwtTokens', SigningApp>>;
  /** Keys that no app has. */
  readonly stranger: { rsa: KeyObject; ec: KeyObject; secp256k1: KeyObject; ed25519: KeyObject };
  readonly tokens: Tokens;
  readonly trap: Trap;
  /** The claims of an assertion that this org accepts; `undefined` leaves one out. */
  claims(change?: Readonly<Record<string, unknown>>): Record<string, unknown>;
  /** An assertion that is right but for the change. */
  assertion(change?: Partial<Parts> & { change?: Readonly<Record<string, unknown>> }): string;
  close(): Promise<void>;
}

export const jwtBearer = 'urn:ietf:params:oauth:grant-type:jwt-bearer';

/** The users of the target; all with the same profile, the first three pre-authorized. */
export const users = {
  worker: 'worker@example.org',
  /** Signs in between the attacks, to prove that the org still answers. */
  witness: 'witness@example.org',
  /** Holds sessions throughout; an org hands the living session of a user and app out again. */
  holder: 'holder@example.org',
  inactive: 'inactive@example.org',
  unapproved: 'unapproved@example.org',
} as const;

/** 2026-11-23 12:00 UTC. */
const noon = Date.UTC(2026, 10, 23, 12);

/** A request for a token with this assertion. */
export function tokenRequest(assertion: string): Buffer {
  const form = new URLSearchParams({ grant_type: jwtBearer, assertion });
  return httpRequest({ body: form.toString() });
}

export async function createTarget(): Promise<Target> {
  const [rsa2048, rsa3072, rsa4096, exponent3] = await Promise.all([
    keyAndCertificate(2048),
    keyAndCertificate(3072),
    keyAndCertificate(4096),
    keyAndCertificate(2048, 3),
  ]);
  const clock = createClock(() => noon);
  const org = await createOrg({
    clock,
    seed: {
      profiles: [{ name: 'Night Shift' }],
      users: [
        { username: users.worker, profile: 'Night Shift' },
        { username: users.witness, profile: 'Night Shift' },
        { username: users.holder, profile: 'Night Shift' },
        { username: users.inactive, profile: 'Night Shift' },
        { username: users.unapproved, profile: 'Standard User' },
      ],
    },
  });
  const other = await createOrg({ clock, seed: {} });
  await org.listen({ port: 0 });
  const trap = await openTrap(Number(new URL(org.url).port));
  const addApp = (
    name: string,
    { key, certificatePem }: Omit<SigningApp, 'app'>,
    jwtAccessTokens = false,
  ): SigningApp => {
    const app = org.clientApps.create({
      name,
      contactEmail: 'ops@example.org',
      consumerKey: `3MVG9.${name.replaceAll(' ', '_')}`,
      scopes: ['api', 'id', 'refresh_token'],
      permittedUsers: 'adminApproved',
      jwtAccessTokens,
    });
    org.clientApps.uploadCertificate(app, certificatePem);
    org.clientApps.assignProfile(app, org.profiles.get('Night Shift'));
    return { app: org.clientApps.get(app.consumerKey), key, certificatePem };
  };
  const app = addApp('Nightly Sync', rsa2048);
  const apps = {
    rsa3072: addApp('Three Thousand', rsa3072),
    rsa4096: addApp('Four Thousand', rsa4096),
    exponent3: addApp('Exponent Three', exponent3),
    jwtTokens: addApp('Signed Tokens', rsa2048, true),
  };
  const stranger = {
    rsa: generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey,
    ec: generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey,
    secp256k1: generateKeyPairSync('ec', { namedCurve: 'secp256k1' }).privateKey,
    ed25519: generateKeyPairSync('ed25519').privateKey,
  };

  let unique = 0;
  const claims: Target['claims'] = (change = {}) => {
    unique += 1;
    const all = {
      iss: app.app.consumerKey,
      sub: users.worker,
      aud: org.url,
      exp: Math.floor(clock.now() / 1000) + 180,
      jti: `jti-${unique}`,
      ...change,
    };
    return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
  };
  const assertion: Target['assertion'] = ({ change, ...parts } = {}) =>
    compact({ claims: claims(change), signer: rs256(app.key), ...parts });

  const port = Number(new URL(org.url).port);
  const signIn = async (signingApp: SigningApp, username: string): Promise<string> => {
    const text = assertion({
      change: { iss: signingApp.app.consumerKey, sub: username },
      signer: rs256(signingApp.key),
    });
    const [answer] = await exchange(port, tokenRequest(text));
    return (JSON.parse(answer?.body ?? '{}') as { access_token: string }).access_token;
  };
  const expired = await signIn(app, users.worker);
  clock.advance({ hours: 3 });
  const tokens: Tokens = {
    expired,
    live: await signIn(app, users.holder),
    revoked: await signIn(apps.exponent3, users.holder),
    inactiveUser: await signIn(app, users.inactive),
    otherApp: await signIn(apps.rsa3072, users.holder),
    jwt: await signIn(apps.jwtTokens, users.holder),
    foreign: other.openSession(other.administrator),
  };
  await exchange(
    port,
    httpRequest({
      path: '/services/oauth2/revoke',
      body: `token=${encodeURIComponent(tokens.revoked)}`,
    }),
  );
  org.users.setActive(org.users.get(users.inactive), false);

  return {
    org,
    port,
    clock,
    app,
    apps,
    stranger,
    tokens,
    trap,
    claims,
    assertion,
    close: async () => {
      await trap.close();
      await other.close();
      await org.close();
    },
  };
}

/** By openssl's own hand, so that no code of ours stands behind the keys. */
async function keyAndCertificate(
  bits: number,
  exponent = 65_537,
): Promise<Omit<SigningApp, 'app'>> {
  const folder = await mkdtemp(join(tmpdir(), 'sfjwt-attacks-'));
  try {
    const [key, certificate] = [join(folder, 'key.pem'), join(folder, 'certificate.pem')];
    const options = [`rsa_keygen_bits:${bits}`, `rsa_keygen_pubexp:${exponent}`];
    await run('openssl', [
      ...['genpkey', '-algorithm', 'RSA', '-out', key],
      ...options.flatMap((option) => ['-pkeyopt', option]),
    ]);
    const line = 'req -x509 -sha256 -days 36500 -subj /CN=sfjwt';
    await run('openssl', [...line.split(' '), '-key', key, '-out', certificate]);
    return {
      key: createPrivateKey(await readFile(key)),
      certificatePem: await readFile(certificate, 'utf8'),
    };
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** A place that must stay unvisited: headers of forged assertions point to it. */
export interface Trap {
  /** URL that a header may name. */
  readonly url: string;
  /** Connections to the trap, and connections of this process to anything but the org. */
  hits(): readonly string[];
  close(): Promise<void>;
}

async function openTrap(orgPort: number): Promise<Trap> {
  const hits: string[] = [];
  const server = createServer((request, response) => {
    hits.push(`${request.method} ${request.url}`);
    response.end('{}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  // The org runs in this process: whatever it opened would show here, also on its way elsewhere.
  const watch = (message: unknown): void => {
    const { socket } = message as { socket: Socket };
    socket.once('connect', () => {
      if (socket.remotePort !== orgPort) hits.push(`${socket.remoteAddress}:${socket.remotePort}`);
    });
    socket.once('lookup', (_error, _address, _family, host: string) => {
      if (host !== 'localhost' && host !== '127.0.0.1') hits.push(`look-up of ${host}`);
    });
  };
  subscribe('net.client.socket', watch);
  // A trap that cannot spring proves nothing.
  await new Promise<void>((resolve) => {
    const probe = connect(port, '127.0.0.1', () => probe.end());
    probe.once('close', () => resolve());
  });
  if (hits.length !== 1) throw new Error(`The trap saw ${hits.length} connections instead of one`);
  hits.length = 0;
  return {
    url: `http://127.0.0.1:${port}/keys`,
    hits: () => [...hits],
    close: () =>
      new Promise((resolve) => {
        unsubscribe('net.client.socket', watch);
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}
