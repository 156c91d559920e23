import { AccessToken } from './access-token.ts';
import { clockOffset, describeOffset } from './clock-skew.ts';
import type { Milliseconds } from './clock.ts';
import { ClientError } from './errors.ts';
import type { ClientErrorCode, SentAssertion } from './errors.ts';
import { requireSecure, suggestPair } from './login-url.ts';
import { redacted } from './redaction.ts';
import type { TransportResponse } from './transport/transport.ts';

/**
 * Judges the answer to a token request: an access token, or a coded error. Nothing but the exact
 * shape of RFC 6749 section 5.1 with Salesforce's `instance_url` counts as success.
 *
 * Rejects with a ClientError for every other answer.
 */
export async function judgeTokenResponse(
  response: TransportResponse,
  sent: SentAssertion,
  receivedAt: Milliseconds,
): Promise<AccessToken> {
  const { status } = response;
  const offset = clockOffset(response.headers, receivedAt);
  const clockOffsetSeconds = offset === undefined ? undefined : Math.round(offset / 1000);
  const answer: Answer = { ...response, sent: { ...sent, clockOffsetSeconds } };
  if (status >= 300 && status < 400) {
    throw failure(answer, 'REDIRECTED', `redirects the token request (${status})`, [
      'Use the address of the org itself, its My Domain, as login URL: an assertion is not sent on to another host.',
    ]);
  }
  const body = parseObject(answer);
  if (status === 200) {
    requireJsonType(answer);
    return accept(body, answer, receivedAt);
  }
  throw await refuse(body, answer);
}

type JsonObject = Readonly<Record<string, unknown>>;

interface Answer extends TransportResponse {
  readonly sent: SentAssertion;
}

const elsewhere =
  'Check that the login URL is a Salesforce host: something else seems to answer there.';

function parseObject(answer: Answer): JsonObject {
  const { status, body } = answer;
  let parsed: unknown;
  try {
    // RFC 8259 section 8.1: a byte order mark may be passed over.
    parsed = JSON.parse(body.replace(/^\uFEFF/, ''));
  } catch {
    // The parser's own message quotes the body, which may hold a truncated token.
    throw notJson(answer);
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) {
    if (isBusy(status)) throw serverError(answer);
    throw failure(answer, 'RESPONSE_INVALID', 'sent JSON that is not an object', [elsewhere]);
  }
  return parsed as JsonObject;
}

/** Headers by which proxies give themselves away. */
const proxyHeaders = ['x-squid-error', 'proxy-authenticate', 'proxy-connection', 'x-bluecoat-via'];

function notJson(answer: Answer): ClientError {
  const { status, headers, body } = answer;
  const type = redacted(headers['content-type'] ?? 'no content type');
  const seen = `(${status}, ${type})`;
  if (status === 407 || proxyHeaders.some((name) => headers[name] !== undefined)) {
    return failure(answer, 'PROXY_PAGE', `was not reached: a proxy answered ${seen}`, [
      'Set HTTPS_PROXY, with user and password if the proxy wants them, or ask who runs it to allow this host.',
    ]);
  }
  if (isBusy(status)) return serverError(answer);
  if (body.trim() === '') {
    return failure(answer, 'RESPONSE_EMPTY', `sent nothing ${seen}`, [elsewhere], true);
  }
  if (/^\s*</.test(body)) {
    return failure(answer, 'RESPONSE_HTML', `sent a page instead of a token response ${seen}`, [
      elsewhere,
      'A maintenance page or a sign-in page of the network looks like this too: open the login URL in a browser.',
    ]);
  }
  if (/^\s*\{/.test(body) && !/\}\s*$/.test(body)) {
    const what = `sent a token response that was cut off ${seen}`;
    return failure(answer, 'RESPONSE_TRUNCATED', what, ['Try again.'], true);
  }
  return failure(answer, 'RESPONSE_NOT_JSON', `sent text that is not JSON ${seen}`, [elsewhere]);
}

/** RFC 6749 section 5.1. A missing content type is let pass; a wrong one is another program. */
function requireJsonType(answer: Answer): void {
  const type = answer.headers['content-type'] ?? 'application/json';
  if (/^application\/(?:[\w.-]+\+)?json\b/i.test(type)) return;
  throw failure(answer, 'RESPONSE_WRONG_TYPE', `sent a token response as ${redacted(type)}`, [
    elsewhere,
  ]);
}

function accept(body: JsonObject, answer: Answer, receivedAt: Milliseconds): AccessToken {
  const value = requiredString(body, 'access_token', answer);
  const tokenType = body['token_type'] ?? 'Bearer';
  if (typeof tokenType !== 'string' || tokenType.toLowerCase() !== 'bearer') {
    throw invalid(answer, 'has a token_type other than Bearer');
  }
  // RFC 6750 section 2.1: anything else could not travel in a header.
  if (!/^[\w.~+/!=-]+$/.test(value)) {
    throw invalid(answer, 'has an access_token with impossible characters');
  }
  const scope = body['scope'];
  const identityUrl = typeof body['id'] === 'string' ? body['id'] : undefined;
  const [, organizationId, userId] =
    /\/id\/(\w{15,18})\/(\w{15,18})$/.exec(identityUrl ?? '') ?? [];
  return new AccessToken({
    value,
    instanceUrl: originOf(requiredString(body, 'instance_url', answer), answer),
    scopes: typeof scope === 'string' ? scope.split(' ').filter((name) => name !== '') : [],
    organizationId,
    userId,
    identityUrl,
    receivedAt,
  });
}

async function refuse(body: JsonObject, answer: Answer): Promise<ClientError> {
  const { status, sent, headers } = answer;
  const { error } = body;
  const description =
    typeof body['error_description'] === 'string' ? body['error_description'] : '';
  if (typeof error !== 'string') {
    if (isBusy(status)) return serverError(answer);
    return invalid(answer, `has neither a token nor an OAuth error (status ${status})`);
  }
  // Its texts are a seventh of the client, and most processes are never refused.
  const { appSettling, findRefusal } = await import('./refusals.ts');
  const known = findRefusal(error, description);
  const words = redacted(description === '' ? error : `${error}: ${description}`);
  const transient = known === undefined ? isBusy(status) : known.transient === true;
  const pair =
    known?.code === 'AUDIENCE_INVALID' || known?.code === 'CLIENT_APP_NOT_FOUND'
      ? [suggestPair(sent)]
      : [];
  const offset = describeOffset((sent.clockOffsetSeconds ?? 0) * 1000);
  return new ClientError(
    known?.code ?? (isBusy(status) ? 'SERVER_ERROR' : 'REFUSED'),
    `${known?.meaning ?? 'Salesforce refused the token request'} (${words})`,
    {
      error: redacted(error),
      errorDescription: redacted(description),
      status,
      sent,
      transient,
      retryAfterSeconds: transient ? (retryAfter(headers) ?? known?.retryAfterSeconds) : undefined,
      hints: [
        ...(offset === undefined ? [] : [offset]),
        ...pair,
        ...(known?.hints ?? [
          'sfjwt does not know this text; the words above are Salesforce’s own.',
        ]),
        ...(known?.settling === true ? [appSettling] : []),
        `Sent to ${sent.tokenEndpoint}: iss ${sent.clientId}, sub ${sent.username}, aud ${sent.audience}`,
      ],
    },
  );
}

function hostOf({ tokenEndpoint }: SentAssertion): string {
  return new URL(tokenEndpoint).host;
}

function isBusy(status: number): boolean {
  return status >= 500 || status === 429;
}

function serverError(answer: Answer): ClientError {
  const { status, sent, headers } = answer;
  return new ClientError(
    'SERVER_ERROR',
    `${hostOf(sent)} could not answer just now (status ${status})`,
    {
      status,
      sent,
      transient: true,
      retryAfterSeconds: retryAfter(headers),
      hints: ['Try again in a while; see status.salesforce.com if it stays.'],
    },
  );
}

/** RFC 9110 section 10.2.3: seconds, or a date, which the host's own `Date` is measured against. */
function retryAfter(headers: Readonly<Record<string, string>>): number | undefined {
  const value = headers['retry-after']?.trim() ?? '';
  if (/^\d{1,6}$/.test(value)) return Number(value);
  const wait = (Date.parse(value) - Date.parse(headers['date'] ?? '')) / 1000;
  return Number.isNaN(wait) ? undefined : Math.max(0, wait);
}

function invalid(answer: Answer, what: string): ClientError {
  const { status, sent } = answer;
  return new ClientError('RESPONSE_INVALID', `The token response of ${hostOf(sent)} ${what}`, {
    status,
    sent,
    hints: [elsewhere],
  });
}

function failure(
  { status, sent }: Answer,
  code: ClientErrorCode,
  what: string,
  hints: readonly string[],
  transient = false,
): ClientError {
  return new ClientError(code, `${hostOf(sent)} ${what}`, { status, sent, hints, transient });
}

function requiredString(body: JsonObject, name: string, answer: Answer): string {
  const value = body[name];
  if (typeof value === 'string' && value !== '') return value;
  throw invalid(answer, `has no ${name}`);
}

function originOf(instanceUrl: string, answer: Answer): string {
  let url: URL;
  try {
    url = new URL(instanceUrl);
  } catch {
    throw invalid(answer, 'has an instance_url that is no URL');
  }
  if (!/^https?:$/.test(url.protocol)) throw invalid(answer, 'has an instance_url of no http(s)');
  requireSecure(url);
  return url.origin;
}
