/** POST /services/oauth2/introspect (RFC 7662): is a token alive, whose is it, until when. */

import type { OrgContext } from '../org-context.ts';
import { authenticateClient } from './client-authentication.ts';
import { identityUrl } from './identity.ts';
import { Refusal } from './oauth-error.ts';
import { BodyTooLarge, readParameters } from './parameters.ts';
import { oauthResponse } from './response-format.ts';

export async function introspect(request: Request, context: OrgContext): Promise<Response> {
  try {
    const parameters = await readParameters(request);
    const app = authenticateClient(request, parameters, context);
    const token = parameters.get('token') ?? '';
    const refreshToken = context.refreshTokens.find(token);
    const session = context.sessions.find(token);
    const found = refreshToken ?? session;
    const user = found === undefined ? undefined : context.users.findById(found.userId);
    // An app sees its own tokens only, unless it may see all.
    const visible = app.isIntrospectAllTokens || found?.clientAppId === app.id;
    if (found === undefined || user?.isActive !== true || !visible) {
      return oauthResponse({ active: false });
    }
    const owner = context.clientApps.findById(found.clientAppId ?? '');
    const created = Math.floor(found.created / 1000);
    const expires =
      session === undefined
        ? undefined
        : Math.floor((session.expires ?? session.updated + session.timeoutSeconds * 1000) / 1000);
    return oauthResponse({
      active: true,
      scope: found.scopes.join(' '),
      client_id: owner?.consumerKey,
      username: user.username,
      sub: identityUrl(user, context),
      token_type: refreshToken === undefined ? 'access_token' : 'refresh_token',
      exp: expires,
      iat: created,
      nbf: created,
    });
  } catch (error) {
    if (error instanceof Refusal) return oauthResponse(error.toFields(), { status: error.status });
    if (error instanceof BodyTooLarge) {
      return oauthResponse(
        { error: 'invalid_request', error_description: 'request body too large' },
        { status: 413 },
      );
    }
    throw error;
  }
}
