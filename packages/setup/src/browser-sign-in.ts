/**
 * An administrator signs in in a browser: the web server flow with PKCE (RFC 7636), answered on a
 * loopback port of this machine (RFC 8252 section 7.3).
 */

import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { createServer } from 'node:http';
import type { Server, ServerResponse } from 'node:http';
import { createFetch, resolveLoginUrl } from '@sfjwt/client';
import type { Fetch } from '@sfjwt/client';
import { SetupError } from './errors.ts';

export interface BrowserSignInOptions {
  /** My Domain of the org, or login.salesforce.com. */
  loginUrl: string;
  /** Opens a page; the address is shown as well. Rejected, it is only shown. */
  openPage: (url: string) => void | Promise<void>;
  /** Consumer key of an app that the org has; that of the Salesforce CLI when left out. */
  clientId?: string;
  /** Where the org sends the browser back to; the app has to have it as callback URL. */
  redirectUri?: string;
  /** How long a person may take, in milliseconds; five minutes when left out. */
  timeoutMilliseconds?: number;
  fetch?: Fetch;
  signal?: AbortSignal | undefined;
}

export interface BrowserSession {
  instanceUrl: string;
  /** A secret. */
  accessToken: string;
}

/** As `sf org login web` has it: an app of Salesforce's own, which every org can let in. */
const cliClientId = 'PlatformCLI';
const cliRedirectUri = 'http://localhost:1717/OauthRedirect';

/**
 * Waits for a person to sign in.
 *
 * @throws SetupError BROWSER_SIGN_IN_FAILED; ClientError LOGIN_URL_INVALID, INSECURE_URL
 */
export async function signInWithBrowser(options: BrowserSignInOptions): Promise<BrowserSession> {
  const { clientId = cliClientId, redirectUri = cliRedirectUri } = options;
  const { tokenEndpoint } = resolveLoginUrl(options.loginUrl);
  const verifier = randomBytes(48).toString('base64url');
  const state = randomBytes(24).toString('base64url');
  const callback = new URL(redirectUri);
  requireLoopback(callback);
  const authorize = new URL(tokenEndpoint.replace(/token$/, 'authorize'));
  authorize.search = new URLSearchParams({
    response_type: 'code',
    client_id: clientId,
    redirect_uri: redirectUri,
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
    state,
    // Whoever sits at this browser may be signed in as somebody else.
    prompt: 'login',
  }).toString();
  const code = await receiveCode(callback, state, options, async () => {
    await options.openPage(authorize.href);
  });
  return trade(options.fetch ?? createFetch(), tokenEndpoint, {
    grant_type: 'authorization_code',
    client_id: clientId,
    redirect_uri: redirectUri,
    code_verifier: verifier,
    code,
  });
}

function requireLoopback({ protocol, hostname }: URL): void {
  if (protocol === 'http:' && /^(?:localhost|127\.0\.0\.1|\[::1\])$/.test(hostname)) return;
  throw failed('The callback has to be an http address of this machine');
}

/** Listens for the one answer; whatever else comes is turned away. */
async function receiveCode(
  callback: URL,
  state: string,
  { timeoutMilliseconds = 300_000, signal }: BrowserSignInOptions,
  begin: () => Promise<void>,
): Promise<string> {
  const server = createServer();
  try {
    await listen(server, Number(callback.port === '' ? 80 : callback.port));
    const answer = new Promise<string>((resolve, reject) => {
      const patience = AbortSignal.timeout(timeoutMilliseconds);
      patience.addEventListener('abort', () => reject(failed('Nobody signed in in time')));
      signal?.addEventListener('abort', () => reject(signal.reason as Error));
      server.on('request', (request, response) => {
        const url = new URL(request.url ?? '/', callback);
        if (url.pathname !== callback.pathname || request.method !== 'GET') {
          return say(response, 404, 'There is nothing here.');
        }
        // Anybody can send a browser here: what does not carry our state is not the answer.
        if (!equal(url.searchParams.get('state') ?? '', state)) {
          return say(response, 400, 'This is not the answer that was waited for.');
        }
        const code = url.searchParams.get('code');
        if (code !== null && code !== '') {
          say(response, 200, 'Signed in. You can close this page and go back to the terminal.');
          return resolve(code);
        }
        const word = url.searchParams.get('error') ?? 'no code';
        const why = url.searchParams.get('error_description') ?? '';
        say(response, 400, 'The org did not let the tool in. The terminal says why.');
        reject(failed(`${word}: ${why}`.slice(0, 300)));
      });
    });
    // Waited for below: until then a refusal is nobody's.
    answer.catch(() => {});
    await begin();
    return await answer;
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      const reason =
        cause.code === 'EADDRINUSE' ? 'is used by another program' : 'cannot be opened';
      reject(failed(`Port ${port}, where the browser comes back to, ${reason}`, cause));
    });
    server.listen(port, 'localhost', resolve);
  });
}

function say(response: ServerResponse, status: number, words: string): void {
  response.writeHead(status, {
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': "default-src 'none'",
    'cache-control': 'no-store',
    'referrer-policy': 'no-referrer',
    connection: 'close',
  });
  response.end(`<!doctype html><html lang="en"><title>sfjwt</title><p>${words}</p></html>\n`);
}

function equal(a: string, b: string): boolean {
  const [first, second] = [Buffer.from(a), Buffer.from(b)];
  return first.length === second.length && timingSafeEqual(first, second);
}

async function trade(
  fetch: Fetch,
  tokenEndpoint: string,
  form: Readonly<Record<string, string>>,
): Promise<BrowserSession> {
  const request = new Request(tokenEndpoint, {
    method: 'POST',
    headers: { accept: 'application/json' },
    body: new URLSearchParams(form),
    redirect: 'manual',
  });
  const response = await fetch(request, { signal: AbortSignal.timeout(30_000) });
  const answer = (await response.json().catch(() => ({}))) as Record<string, unknown>;
  const { access_token: accessToken, instance_url: instanceUrl } = answer;
  if (typeof accessToken === 'string' && typeof instanceUrl === 'string') {
    return { accessToken, instanceUrl };
  }
  const words = [answer['error'], answer['error_description']].filter(
    (word) => typeof word === 'string',
  );
  throw failed(
    `The code was not taken (status ${response.status}): ${words.join(': ')}`.slice(0, 300),
  );
}

function failed(reason: string, cause?: unknown): SetupError {
  return new SetupError('BROWSER_SIGN_IN_FAILED', `The sign-in did not work: ${reason}`, {
    cause,
    hints: [
      'The user needs "Approve Uninstalled Connected Apps", which System Administrators have.',
      'Or give an admin session another way: --sf ALIAS, --admin-token-stdin or --admin-profile NAME.',
    ],
  });
}
