/**
 * A token endpoint and an API on a real socket that answer as the path says, rightly or wrongly, and
 * remember what they were sent. The path is `/FAULT/ID/services/oauth2/token` or `/api/ID/WHAT`;
 * `/_received/ID` tells what came under an id.
 */

import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { TLSSocket } from 'node:tls';
import { gzipSync } from 'node:zlib';
import { listen, shut } from './listening.ts';

interface Received {
  method: string;
  path: string;
  headers: IncomingMessage['headers'];
  body: string;
}

export interface FaultEndpoint {
  url: string;
  /** The same behind TLS. */
  secureUrl: string;
  /** Answers that came under an id. */
  received(id: string): readonly Received[];
  close(): Promise<void>;
}

type Answer = (response: ServerResponse, request: Received, tries: number, url: string) => void;

function json(response: ServerResponse, status: number, body: unknown): void {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  response.writeHead(status, { 'content-type': 'application/json;charset=UTF-8' }).end(text);
}

/** Salesforce's five fields; the token tells the number of its request. */
function fields(id: string, tries: number, url: string): Record<string, string> {
  return {
    access_token: `00DLOCAL0000001!${id}.${tries}`,
    scope: 'api id',
    instance_url: url,
    id: `${url}/id/00DLOCAL0000001EAA/005LOCAL0000001EAA`,
    token_type: 'Bearer',
  };
}

const idOf = ({ path }: Received): string => path.split('/')[2] ?? '';

const ok: Answer = (response, request, tries, url) =>
  json(response, 200, fields(idOf(request), tries, url));

/** The token response with some of its fields put wrong. */
function withFields(change: Record<string, string | undefined>): Answer {
  return (response, request, tries, url) =>
    json(response, 200, { ...fields(idOf(request), tries, url), ...change });
}

function refuses(error: string, description: string): Answer {
  return (response) => json(response, 400, { error, error_description: description });
}

function sends(status: number, headers: Record<string, string>, body: string): Answer {
  return (response) => response.writeHead(status, headers).end(body);
}

const html = '<!DOCTYPE html><html><body>We are down for maintenance</body></html>';

const tokenAnswers: Readonly<Record<string, Answer>> = {
  ok,
  slow: (...call) => setTimeout(() => ok(...call), 80),
  dribble: (response, request, tries, url) => {
    const answer = { ...fields(idOf(request), tries, url), scope: 'api ünï' };
    response.writeHead(200, { 'content-type': 'application/json' });
    const bytes = Buffer.from(JSON.stringify(answer));
    // Through the middle of both letters that have two bytes.
    for (let at = 0; at < bytes.length; at += 1) response.write(bytes.subarray(at, at + 1));
    response.end();
  },
  gzip: (response, request, tries, url) => {
    const body = JSON.stringify(fields(idOf(request), tries, url));
    if (!String(request.headers['accept-encoding']).includes('gzip')) {
      json(response, 200, body);
      return;
    }
    response
      .writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' })
      .end(gzipSync(body));
  },
  recovers: (response, request, tries, url) =>
    tries < 3 ? json(response, 503, '') : ok(response, request, tries, url),
  'expired-by-clock': (response, request, tries, url) => {
    const assertion = new URLSearchParams(request.body).get('assertion') ?? '';
    const payload = Buffer.from(assertion.split('.')[1] ?? '', 'base64url').toString();
    const { exp } = JSON.parse(payload) as { exp: number };
    if (exp * 1000 > Date.now()) ok(response, request, tries, url);
    else refuses('invalid_grant', 'expired authorization code')(response, request, tries, url);
  },
  'refuses-not-approved': refuses('invalid_grant', "user hasn't approved this consumer"),
  'refuses-not-admin-approved': refuses(
    'invalid_app_access',
    'user is not admin approved to access this app',
  ),
  'refuses-assertion': refuses('invalid_grant', 'invalid assertion'),
  'refuses-audience': refuses('invalid_grant', 'audience is invalid'),
  'refuses-expired': refuses('invalid_grant', 'expired authorization code'),
  'refuses-client-id': refuses('invalid_client_id', 'client identifier invalid'),
  'refuses-app': refuses('app_not_found', 'External client app is not installed in this org'),
  'refuses-rate': refuses('invalid_grant', 'login rate exceeded'),
  'refuses-busy': refuses('unknown_error', 'retry your request'),
  'refuses-in-new-words': refuses('invalid_grant', 'words that nobody has seen'),
  html: sends(200, { 'content-type': 'text/html' }, html),
  empty: sends(200, { 'content-type': 'application/json' }, ''),
  text: sends(200, { 'content-type': 'text/plain' }, 'all is well'),
  truncated: sends(200, { 'content-type': 'application/json' }, '{"access_token":"00Dxx!cut.off'),
  array: sends(200, { 'content-type': 'application/json' }, '[]'),
  'no-token': withFields({ access_token: undefined }),
  'header-injection': withFields({ access_token: '00Dxx!a\r\nx-injected: 1' }),
  'foreign-http': withFields({ instance_url: 'http://acme.my.salesforce.com' }),
  'wrong-type': (response, request, tries, url) =>
    response
      .writeHead(200, { 'content-type': 'text/html' })
      .end(JSON.stringify(fields(idOf(request), tries, url))),
  redirects: (response, { path }) =>
    response.writeHead(307, { location: path.replace('/redirects/', '/ok/') }).end(),
  oversize: sends(200, { 'content-type': 'application/json' }, `{"x":"${'x'.repeat(200_000)}"}`),
  endless: (response) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    const chunk = Buffer.alloc(16_384, 0x20);
    const more = (): void => {
      while (!response.destroyed && response.write(chunk));
    };
    response.on('drain', more);
    more();
  },
  unavailable: sends(503, { 'content-type': 'text/html' }, html),
  'too-many': sends(429, { 'content-type': 'application/json' }, '{}'),
  'proxy-page': sends(
    403,
    { 'content-type': 'text/html', 'x-squid-error': 'ERR_ACCESS_DENIED 0' },
    html,
  ),
  cut: (response) => {
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': '500' });
    response.write('{"access_token":', () => response.destroy());
  },
  resets: (response) => response.socket?.resetAndDestroy(),
  silent: () => {},
  stalls: (response) => {
    response.writeHead(200, { 'content-type': 'application/json' }).write('{"access_token":');
  },
};

const expired = [{ message: 'Session expired or invalid', errorCode: 'INVALID_SESSION_ID' }];

/** The first token of an id is one that has ended. */
const isFirst = ({ headers }: Received): boolean => headers.authorization?.endsWith('.1') === true;

const apiAnswers: Readonly<Record<string, Answer>> = {
  echo: (response, request) => json(response, 200, request),
  expired: (response, request) => json(response, ...echoUnless(isFirst(request), request)),
  'always-expired': (response) => json(response, 401, expired),
  'not-for-api': (response) =>
    json(response, 401, [
      {
        message: 'This session is not valid for use with the REST API',
        errorCode: 'INVALID_SESSION_ID',
      },
    ]),
  gzip: (response) =>
    response
      .writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' })
      .end(gzipSync('{"packed":true}')),
  silent: () => {},
};

function echoUnless(refused: boolean, request: Received): [number, unknown] {
  return refused ? [401, expired] : [200, request];
}

/** @param tls key and certificate, as PEM */
export async function startFaultEndpoint(tls: {
  key: string;
  cert: string;
}): Promise<FaultEndpoint> {
  const byId = new Map<string, Received[]>();

  function listener(incoming: IncomingMessage, response: ServerResponse): void {
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.on('end', () => {
      const { method = '', url: path = '', headers } = incoming;
      const request = { method, path, headers, body: Buffer.concat(chunks).toString() };
      const [, room = '', id = '', what = ''] = path.split('/');
      const sofar = byId.get(id) ?? [];
      if (room === '_received') {
        json(response, 200, sofar);
        return;
      }
      byId.set(id, [...sofar, request]);
      const tries = 1 + sofar.filter((earlier) => earlier.path === path).length;
      const answer = room === 'api' ? apiAnswers[what] : tokenAnswers[room];
      const scheme = incoming.socket instanceof TLSSocket ? 'https' : 'http';
      if (answer === undefined) json(response, 404, { nothing: path });
      else answer(response, request, tries, `${scheme}://${headers.host ?? ''}`);
    });
  }

  const plain = createServer(listener);
  const secure = createSecureServer(tls, listener);
  // A handshake that fails is what some checks are about.
  secure.on('tlsClientError', () => {});
  return {
    url: `http://127.0.0.1:${await listen(plain)}`,
    secureUrl: `https://127.0.0.1:${await listen(secure)}`,
    received: (id) => byId.get(id) ?? [],
    async close() {
      await Promise.all([plain, secure].map((server) => shut(server)));
    },
  };
}
