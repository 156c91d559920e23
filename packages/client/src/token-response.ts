import { AccessToken } from './access-token.ts';
import type { Milliseconds } from './clock.ts';
import { ClientError } from './errors.ts';
import { requireSecure } from './login-url.ts';
import { findRefusal } from './refusals.ts';
import type { TransportResponse } from './transport/transport.ts';

/** What was sent, for the error text. Nothing of it is secret. */
export interface SentAssertion {
  tokenEndpoint: string;
  clientId: string;
  username: string;
  audience: string;
}

/**
 * Judges the answer to a token request: an access token, or a coded error. Nothing but the exact
 * shape of RFC 6749 section 5.1 with Salesforce's `instance_url` counts as success.
 *
 * @throws ClientError for every other answer
 */
export function judgeTokenResponse(
  response: TransportResponse,
  sent: SentAssertion,
  receivedAt: Milliseconds,
): AccessToken {
  const { host } = new URL(sent.tokenEndpoint);
  const { status } = response;
  if (status >= 300 && status < 400) {
    throw new ClientError('REDIRECTED', `${host} redirects the token request (${status})`, {
      status,
      hints: [
        'Use the address of the org itself, its My Domain, as login URL: an assertion is not sent on to another host.',
      ],
    });
  }
  const body = parseObject(response, host);
  if (status === 200) return accept(body, host, receivedAt);
  throw refuse(body, status, sent, host);
}

type JsonObject = Readonly<Record<string, unknown>>;

function parseObject({ status, headers, body }: TransportResponse, host: string): JsonObject {
  let parsed: unknown;
  try {
    parsed = JSON.parse(body);
  } catch (cause) {
    if (status >= 500 || status === 429) throw serverError(status, host);
    const kind = /^\s*</.test(body) ? 'a page' : body.trim() === '' ? 'nothing' : 'text';
    const type = headers['content-type'] ?? 'no content type';
    throw new ClientError(
      'RESPONSE_NOT_JSON',
      `${host} answered the token request with ${kind} instead of JSON (${status}, ${type})`,
      // The parser's own message quotes the body, which may hold a truncated token.
      {
        cause: cause instanceof SyntaxError ? new SyntaxError('Not JSON') : cause,
        status,
        hints: [
          'Check that the login URL is a Salesforce host; a proxy or a maintenance page may have answered.',
        ],
      },
    );
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) {
    if (status >= 500 || status === 429) throw serverError(status, host);
    throw invalid(host, 'is not a JSON object', status);
  }
  return parsed as JsonObject;
}

function accept(body: JsonObject, host: string, receivedAt: Milliseconds): AccessToken {
  const value = requiredString(body, 'access_token', host);
  const tokenType = body['token_type'] ?? 'Bearer';
  if (typeof tokenType !== 'string' || tokenType.toLowerCase() !== 'bearer') {
    throw invalid(host, 'has a token_type other than Bearer', 200);
  }
  // RFC 6750 section 2.1: anything else could not travel in a header.
  if (!/^[\w.~+/!=-]+$/.test(value)) {
    throw invalid(host, 'has an access_token with impossible characters', 200);
  }
  const scope = body['scope'];
  const identityUrl = typeof body['id'] === 'string' ? body['id'] : undefined;
  const [, organizationId, userId] =
    /\/id\/(\w{15,18})\/(\w{15,18})$/.exec(identityUrl ?? '') ?? [];
  return new AccessToken({
    value,
    instanceUrl: originOf(requiredString(body, 'instance_url', host), host),
    scopes: typeof scope === 'string' ? scope.split(' ').filter((name) => name !== '') : [],
    organizationId,
    userId,
    identityUrl,
    receivedAt,
  });
}

function refuse(body: JsonObject, status: number, sent: SentAssertion, host: string): ClientError {
  const { error } = body;
  const description =
    typeof body['error_description'] === 'string' ? body['error_description'] : '';
  if (typeof error !== 'string') {
    if (status >= 500 || status === 429) return serverError(status, host);
    return invalid(host, `has neither a token nor an OAuth error (status ${status})`, status);
  }
  const known = findRefusal(error, description);
  const words = description === '' ? error : `${error}: ${description}`;
  return new ClientError(
    known?.code ?? (status >= 500 || status === 429 ? 'SERVER_ERROR' : 'REFUSED'),
    `${known?.meaning ?? 'Salesforce refused the token request'} (${words})`,
    {
      error,
      errorDescription: description,
      status,
      transient: known === undefined ? status >= 500 || status === 429 : known.transient === true,
      hints: [
        ...(known?.hints ?? [
          'sfjwt does not know this text; the words above are Salesforce’s own.',
        ]),
        `Sent to ${sent.tokenEndpoint}: iss ${sent.clientId}, sub ${sent.username}, aud ${sent.audience}`,
      ],
    },
  );
}

function serverError(status: number, host: string): ClientError {
  return new ClientError('SERVER_ERROR', `${host} could not answer just now (status ${status})`, {
    status,
    transient: true,
    hints: ['Try again in a while; see status.salesforce.com if it stays.'],
  });
}

function invalid(host: string, what: string, status: number): ClientError {
  return new ClientError('RESPONSE_INVALID', `The token response of ${host} ${what}`, {
    status,
    hints: ['Check that the login URL is a Salesforce host.'],
  });
}

function requiredString(body: JsonObject, name: string, host: string): string {
  const value = body[name];
  if (typeof value === 'string' && value !== '') return value;
  throw invalid(host, `has no ${name}`, 200);
}

function originOf(instanceUrl: string, host: string): string {
  let url: URL;
  try {
    url = new URL(instanceUrl);
  } catch {
    throw invalid(host, 'has an instance_url that is no URL', 200);
  }
  requireSecure(url);
  return url.origin;
}
