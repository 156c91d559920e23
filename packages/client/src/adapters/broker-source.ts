/** For programs beside a broker (`sfjwt broker`): the key stays there, tokens come from there. */

import type { IncomingMessage, RequestOptions } from 'node:http';
import { AccessToken } from '../access-token.ts';
import { milliseconds, systemClock } from '../clock.ts';
import { ClientError, clientErrorCodes } from '../errors.ts';
import type { ClientErrorCode } from '../errors.ts';
import type { TokenOptions, TokenSource } from '../token-source.ts';

export interface BrokerSourceOptions {
  /** Path of its Unix socket, or URL of its loopback port; `SFJWT_BROKER` when left out. */
  address?: string;
  /** Of this caller, for a port; `SFJWT_BROKER_SECRET` when left out. */
  secret?: string;
  /** Need not be named where the broker has one for this caller. */
  profile?: string;
  /** Limit for each question, in milliseconds; 30,000 when left out: a login may be part of it. */
  timeoutMilliseconds?: number;
}

const maximumBytes = 64 * 1024;

/** The reason of an end that nobody asked for. */
const timedOut = new Error('The broker gave no answer in time');

/**
 * Asks a broker for the token, every time: it is the one that reuses, renews and counts. A token
 * that was turned away is named to it by its digest.
 *
 * @throws ClientError SETTING_MISSING, SETTING_INVALID, INSECURE_URL; then from `token()`, beside all
 *   that the broker passes on: CONNECTION_REFUSED, CONNECTION_LOST, TIMED_OUT, ABORTED,
 *   RESPONSE_INVALID, SERVER_ERROR
 */
export function brokerSource(options: BrokerSourceOptions = {}): TokenSource {
  const { timeoutMilliseconds = 30_000, profile } = options;
  const address = options.address ?? process.env['SFJWT_BROKER'] ?? '';
  const secret = options.secret ?? process.env['SFJWT_BROKER_SECRET'] ?? '';
  const path = `/v1/token${profile === undefined ? '' : `/${encodeURIComponent(profile)}`}`;
  const place = placeOf(address);
  return {
    async token({ signal, refused }: TokenOptions = {}) {
      const headers: Record<string, string> = { host: 'localhost' };
      if (secret !== '') headers['authorization'] = `Bearer ${secret}`;
      if (refused !== undefined) headers['sfjwt-refused-token'] = digestOf(refused);
      const asked = systemClock.now();
      const end = new AbortController();
      const giveUp = (): void => end.abort(signal?.reason);
      const timer = setTimeout(() => end.abort(timedOut), timeoutMilliseconds);
      if (signal?.aborted === true) giveUp();
      signal?.addEventListener('abort', giveUp, { once: true });
      try {
        const { status, text } = await ask({ ...place, path, headers, signal: end.signal });
        return judge(status, text, asked);
      } catch (error) {
        throw error instanceof ClientError ? error : notAnswered(address, error, end.signal);
      } finally {
        clearTimeout(timer);
        signal?.removeEventListener('abort', giveUp);
      }
    },
  };
}

/** @throws ClientError SETTING_MISSING, SETTING_INVALID, INSECURE_URL */
function placeOf(address: string): RequestOptions {
  if (address === '') {
    throw new ClientError('SETTING_MISSING', 'Nothing says where the broker is', {
      hints: ['Give address, or set SFJWT_BROKER: the path of its socket, or the URL of its port.'],
    });
  }
  if (!/^https?:/i.test(address)) return { socketPath: address };
  const { hostname, port, protocol } = new URL(address);
  const host = hostname.replaceAll(/^\[|\]$/g, '');
  if (protocol === 'http:' && /^(?:localhost|::1|127(?:\.\d+){3})$/.test(host))
    return { host, port };
  throw new ClientError('INSECURE_URL', `A broker is on this machine, and ${hostname} is not`, {
    hints: ['Run a broker beside this program, and give its socket or its loopback URL.'],
  });
}

function digestOf(token: AccessToken): string {
  const { createHash } = process.getBuiltinModule('node:crypto');
  return createHash('sha256').update(token.value).digest('base64url');
}

function ask(options: RequestOptions): Promise<{ status: number; text: string }> {
  const { request } = process.getBuiltinModule('node:http');
  return new Promise((resolve, reject) => {
    const outgoing = request(options, (answer: IncomingMessage) => {
      const chunks: Uint8Array[] = [];
      let bytes = 0;
      answer.on('data', (chunk: Uint8Array) => {
        bytes += chunk.length;
        chunks.push(chunk);
        if (bytes > maximumBytes) answer.destroy(new Error('The answer has no end'));
      });
      answer.on('error', reject);
      answer.on('end', () => {
        const text = new TextDecoder().decode(Buffer.concat(chunks));
        resolve({ status: answer.statusCode ?? 0, text });
      });
    });
    outgoing.on('error', reject);
    outgoing.end();
  });
}

function notAnswered(
  address: string,
  cause: unknown,
  { aborted, reason }: AbortSignal,
): ClientError {
  if (aborted && reason !== timedOut) {
    return new ClientError('ABORTED', 'The caller gave up waiting', { cause: reason });
  }
  const { code = '' } = cause as NodeJS.ErrnoException;
  const isAway = ['ENOENT', 'ECONNREFUSED', 'EACCES'].includes(code);
  const failure: ClientErrorCode = aborted
    ? 'TIMED_OUT'
    : isAway
      ? 'CONNECTION_REFUSED'
      : 'CONNECTION_LOST';
  return new ClientError(failure, `The broker at ${address} gave no answer`, {
    cause,
    transient: true,
    hints: [
      code === 'EACCES'
        ? 'This user may not open that socket: see its mode, or the doors of the broker.'
        : 'Start it with: sfjwt broker --profile NAME',
    ],
  });
}

function judge(status: number, text: string, asked: AccessToken['receivedAt']): AccessToken {
  let answer: Record<string, unknown>;
  try {
    answer = Object(JSON.parse(text)) as Record<string, unknown>;
  } catch {
    answer = {};
  }
  if (status !== 200) throw refusal(status, answer);
  const { accessToken, instanceUrl, scopes, organizationId, userId, identityUrl } = answer;
  if (typeof accessToken !== 'string' || typeof instanceUrl !== 'string') {
    throw new ClientError('RESPONSE_INVALID', 'What answered there is no broker', {
      status,
      hints: ['Check the address: it is the socket or the port that sfjwt broker prints.'],
    });
  }
  return new AccessToken({
    value: accessToken,
    instanceUrl: new URL(instanceUrl).origin,
    scopes: Array.isArray(scopes) ? scopes.map(String) : [],
    organizationId: textOf(organizationId),
    userId: textOf(userId),
    identityUrl: textOf(identityUrl),
    receivedAt: instantOf(answer['receivedAt']) ?? asked,
    expiresAt: instantOf(answer['expiresAt']),
  });
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function instantOf(value: unknown): AccessToken['expiresAt'] {
  const instant = Date.parse(textOf(value) ?? '');
  return Number.isNaN(instant) ? undefined : milliseconds(instant);
}

/** What Salesforce refused keeps its code; what the broker refused is a setting of one of the two. */
function refusal(status: number, answer: Record<string, unknown>): ClientError {
  const { code, message, hints } = answer;
  const known = clientErrorCodes.find((one) => one === code);
  const later = status === 503 || status === 504;
  const words = textOf(message) ?? `The broker answered with status ${status}`;
  return new ClientError(known ?? (later ? 'SERVER_ERROR' : 'SETTING_INVALID'), words, {
    status,
    transient: later,
    hints: Array.isArray(hints) ? hints.map(String) : [],
  });
}
