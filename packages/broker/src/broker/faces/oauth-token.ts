/**
 * `POST /services/oauth2/token`: the client credentials grant (RFC 6749 section 4.4), for tools that
 * know OAuth and nothing else. The client id is the profile, the client secret is the caller's.
 * Answers have the shape of Salesforce's own token endpoint.
 */

import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AccessToken } from '@sfjwt/client';
import { BrokerRefusal } from '../broker-refusal.ts';
import { answerJson } from './answer.ts';

export interface ClientCredentials {
  readonly clientId: string;
  readonly clientSecret: string;
}

/** RFC 6749 section 5.2. */
export class OAuthRefusal extends Error {
  override readonly name = 'OAuthRefusal';
  readonly status: number;
  readonly error: string;

  constructor(status: number, error: string, description: string) {
    super(description);
    this.status = status;
    this.error = error;
  }
}

const maximumBytes = 16 * 1024;

/** @throws OAuthRefusal, BrokerRefusal BODY_TOO_LARGE */
export async function readClientCredentials(incoming: IncomingMessage): Promise<ClientCredentials> {
  const type = incoming.headers['content-type'] ?? '';
  if (!/^application\/x-www-form-urlencoded\s*(?:;|$)/i.test(type)) {
    throw new OAuthRefusal(400, 'invalid_request', 'the body must be a form');
  }
  const form = new URLSearchParams(await readText(incoming));
  for (const name of form.keys()) {
    if (form.getAll(name).length > 1) {
      throw new OAuthRefusal(400, 'invalid_request', 'a parameter is given twice');
    }
  }
  const grantType = form.get('grant_type') ?? '';
  const basic = basicCredentials(incoming.headers.authorization);
  if (basic !== undefined && form.has('client_secret')) {
    throw new OAuthRefusal(400, 'invalid_request', 'the client shows its secret in two ways');
  }
  if (grantType === '') throw new OAuthRefusal(400, 'invalid_request', 'grant_type is missing');
  if (grantType !== 'client_credentials') {
    throw new OAuthRefusal(400, 'unsupported_grant_type', 'grant type not supported');
  }
  const { clientId, clientSecret } = basic ?? {
    clientId: form.get('client_id') ?? '',
    clientSecret: form.get('client_secret') ?? '',
  };
  if (clientId === '') throw new OAuthRefusal(400, 'invalid_request', 'client_id is missing');
  return { clientId, clientSecret };
}

/**
 * As Salesforce answers, without a signature (it would need the consumer secret), and with
 * `expires_in` (RFC 6749 section 5.1): such a tool has no other way to know when to ask again.
 *
 * @param secondsLeft how long the token is taken to live on
 */
export function answerOAuthToken(
  outgoing: ServerResponse,
  token: AccessToken,
  secondsLeft: number,
): void {
  const { value, instanceUrl, identityUrl, scopes, receivedAt } = token;
  answerJson(
    outgoing,
    200,
    {
      access_token: value,
      instance_url: instanceUrl,
      ...(identityUrl === undefined ? {} : { id: identityUrl }),
      token_type: 'Bearer',
      issued_at: String(receivedAt),
      ...(scopes.length === 0 ? {} : { scope: scopes.join(' ') }),
      expires_in: Math.max(0, Math.floor(secondsLeft)),
    },
    { pragma: 'no-cache' },
  );
}

export function answerOAuthRefusal(
  outgoing: ServerResponse,
  { status, error, message }: OAuthRefusal,
): void {
  answerJson(
    outgoing,
    status,
    { error, error_description: message },
    status === 401 ? { 'www-authenticate': 'Basic realm="sfjwt broker"' } : {},
  );
}

/** RFC 6749 section 2.3.1: both halves are form-encoded before they are joined. */
function basicCredentials(header: string | undefined): ClientCredentials | undefined {
  const [, encoded] = /^Basic +([\w+/=-]+)$/i.exec(header ?? '') ?? [];
  if (encoded === undefined) return undefined;
  const text = Buffer.from(encoded, 'base64').toString('utf8');
  const colon = text.indexOf(':');
  if (colon === -1) return undefined;
  return {
    clientId: formDecoded(text.slice(0, colon)),
    clientSecret: formDecoded(text.slice(colon + 1)),
  };
}

function formDecoded(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return text;
  }
}

async function readText(incoming: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > maximumBytes) {
      throw new BrokerRefusal('BODY_TOO_LARGE', 413, `A form has at most ${maximumBytes} bytes`);
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
