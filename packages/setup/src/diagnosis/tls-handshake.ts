/** A TLS handshake that looks at the certificate of a host, trusted or not, and sends nothing. */

import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { connect as connectSocket } from 'node:net';
import type { Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { DetailedPeerCertificate } from 'node:tls';

export interface Handshake {
  subject: string;
  issuer: string;
  /** ISO 8601. */
  validFrom: string;
  validTo: string;
  /** The hosts that the certificate is for. */
  names: string;
  /** SHA-256 of the last certificate of the chain that the host sent. */
  root: string | undefined;
  /** Why it is not trusted, in OpenSSL's word. */
  reason: string | undefined;
}

/** Undefined when there was no handshake. */
export async function shakeHands(
  url: URL,
  { proxy, timeoutMilliseconds }: { proxy: URL | undefined; timeoutMilliseconds: number },
): Promise<Handshake | undefined> {
  const port = url.port === '' ? 443 : Number(url.port);
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const opened: { destroy(): unknown }[] = [];
  const patience = AbortSignal.timeout(timeoutMilliseconds);
  try {
    const socket =
      proxy === undefined
        ? connectSocket({ host, port })
        : await tunnel(proxy, `${url.hostname}:${port}`, patience);
    socket.on('error', () => {});
    opened.push(socket);
    return await new Promise<Handshake | undefined>((resolve) => {
      patience.addEventListener('abort', () => resolve(undefined), { once: true });
      const secure = connectTls({
        socket,
        // Nothing is sent to a host that is not trusted: its certificate is looked at, no more.
        rejectUnauthorized: false,
        ...(/[a-z]/i.test(host) && !host.includes(':') ? { servername: host } : {}),
      });
      opened.push(secure);
      secure.on('error', () => resolve(undefined));
      secure.on('secureConnect', () => {
        // Declared as an Error; it is the word alone.
        const said: unknown = secure.authorizationError;
        const reason = secure.authorized ? undefined : wordOf(said);
        resolve(describe(secure.getPeerCertificate(true), reason));
      });
    });
  } catch {
    return undefined;
  } finally {
    // The one on top first: it takes the one below along.
    for (const each of opened.toReversed()) each.destroy();
  }
}

function tunnel(proxy: URL, authority: string, signal: AbortSignal): Promise<Socket> {
  const request = proxy.protocol === 'https:' ? httpsRequest : httpRequest;
  const credentials = `${decodeURIComponent(proxy.username)}:${decodeURIComponent(proxy.password)}`;
  return new Promise((resolve, reject) => {
    const outgoing = request({
      host: proxy.hostname.replace(/^\[|\]$/g, ''),
      port: proxy.port === '' ? (proxy.protocol === 'https:' ? 443 : 80) : proxy.port,
      method: 'CONNECT',
      path: authority,
      headers: {
        host: authority,
        ...(proxy.username === ''
          ? {}
          : { 'proxy-authorization': `Basic ${Buffer.from(credentials).toString('base64')}` }),
      },
      agent: false,
      signal,
    });
    outgoing.on('connect', (_response, socket) => resolve(socket));
    outgoing.on('response', () => {
      outgoing.destroy();
      reject(new Error('The proxy refused'));
    });
    outgoing.on('error', reject);
    outgoing.end();
  });
}

function wordOf(error: unknown): string {
  if (typeof error === 'string') return error;
  if (error instanceof Error && 'code' in error) return String(error.code);
  return 'UNKNOWN';
}

function describe(
  certificate: DetailedPeerCertificate,
  reason: string | undefined,
): Handshake | undefined {
  if (certificate.valid_to === undefined) return undefined;
  let root = certificate;
  // The last one is its own issuer.
  while (root.issuerCertificate !== undefined && root.issuerCertificate !== root) {
    if (root.issuerCertificate.fingerprint256 === root.fingerprint256) break;
    root = root.issuerCertificate;
  }
  return {
    subject: nameOf(certificate.subject),
    issuer: nameOf(certificate.issuer),
    validFrom: new Date(certificate.valid_from).toISOString(),
    validTo: new Date(certificate.valid_to).toISOString(),
    names: (certificate.subjectaltname ?? nameOf(certificate.subject)).replaceAll('DNS:', ''),
    root: root.fingerprint256,
    reason,
  };
}

/** The parts of a name that a person knows somebody by. */
function nameOf(name: Readonly<Record<string, string | string[] | undefined>>): string {
  const parts = [name['O'], name['CN']].flat().filter((part) => part !== undefined);
  return parts.length === 0 ? 'nobody that is named' : parts.join(', ');
}
