/** `GET /v1/token/{profile}` and `GET /v1/headers/{profile}`: for programs that send for themselves. */

import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AccessToken, TokenSource } from '@sfjwt/client';
import { answerJson, answerText } from './answer.ts';

/**
 * Request header with which a caller says that Salesforce turned a token away: SHA-256 of the
 * token, base64url. The token itself is never sent back.
 */
const refusedHeader = 'sfjwt-refused-token';

export async function answerToken(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  source: TokenSource,
): Promise<void> {
  const text = textOf(await present(incoming, source));
  answerText(outgoing, 200, text, 'application/json');
}

export async function answerHeaders(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  source: TokenSource,
): Promise<void> {
  const token = await present(incoming, source);
  const headers = { authorization: `Bearer ${token.value}` };
  answerJson(outgoing, 200, { instanceUrl: token.instanceUrl, headers });
}

/** A thousand callers that saw the same token refused cost one login: the source sees to it. */
async function present(incoming: IncomingMessage, source: TokenSource): Promise<AccessToken> {
  const token = await source.token();
  const refused = incoming.headers[refusedHeader];
  if (typeof refused !== 'string' || !isDigestOf(refused, token)) return token;
  return source.token({ refused: token });
}

function isDigestOf(text: string, token: AccessToken): boolean {
  const shown = Buffer.from(text, 'base64url');
  const own = createHash('sha256').update(token.value).digest();
  return shown.length === own.length && timingSafeEqual(shown, own);
}

/** A token is told the same way to everybody. */
const texts = new WeakMap<AccessToken, string>();

function textOf(token: AccessToken): string {
  let text = texts.get(token);
  if (text === undefined) texts.set(token, (text = `${JSON.stringify(describe(token))}\n`));
  return text;
}

function describe(token: AccessToken): object {
  const { value, instanceUrl, scopes, organizationId, userId, identityUrl } = token;
  return {
    accessToken: value,
    tokenType: 'Bearer',
    instanceUrl,
    scopes,
    organizationId,
    userId,
    identityUrl,
    receivedAt: new Date(token.receivedAt).toISOString(),
    ...(token.expiresAt === undefined
      ? {}
      : { expiresAt: new Date(token.expiresAt).toISOString() }),
  };
}
