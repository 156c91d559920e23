/** GET and POST /services/oauth2/revoke (RFC 7009): ends what stands behind a token. */

import type { OrgContext } from '../org-context.ts';
import { BodyTooLarge, readParameters } from './parameters.ts';
import { oauthHeaders } from './response-format.ts';

export async function revoke(request: Request, context: OrgContext): Promise<Response> {
  try {
    const token = (await readParameters(request)).get('token') ?? '';
    const { sessions, refreshTokens, approvals, database } = context;
    const session = sessions.find(token);
    const refreshToken = refreshTokens.find(token);
    if (session === undefined && refreshToken === undefined) {
      return refusal('invalid_token', 'invalid token');
    }
    database.transaction(() => {
      if (session !== undefined) sessions.remove(session.id);
      if (refreshToken === undefined) return;
      // Salesforce Help, Revoke OAuth Tokens: all access tokens made of it end too. With the last
      // one of a user goes the approval, which is what Setup shows of it.
      refreshTokens.remove(refreshToken.id);
      sessions.removeOfRefreshToken(refreshToken.id);
      if (!refreshTokens.has(refreshToken)) approvals.remove(refreshToken);
    });
    return new Response(null, { status: 200, headers: oauthHeaders });
  } catch (error) {
    if (error instanceof BodyTooLarge) {
      return refusal('invalid_request', 'request body too large', 413);
    }
    throw error;
  }
}

/** Urlencoded, not JSON: jsforce reads it so. */
function refusal(error: string, description: string, status = 400): Response {
  return new Response(new URLSearchParams({ error, error_description: description }).toString(), {
    status,
    headers: {
      ...oauthHeaders,
      'content-type': 'application/x-www-form-urlencoded;charset=UTF-8',
    },
  });
}
