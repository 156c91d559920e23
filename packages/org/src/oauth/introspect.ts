/** POST /services/oauth2/introspect (RFC 7662): is a token alive, whose is it, until when. */

import { timingSafeEqual } from 'node:crypto';
import type { ClientApp } from '../directory/client-app.ts';
import type { OrgContext } from '../org-context.ts';
import { readForm } from './form.ts';
import { identityUrl } from './identity.ts';
import { oauthErrorResponse, oauthResponse, Refusal } from './oauth-error.ts';

export async function introspect(request: Request, context: OrgContext): Promise<Response> {
  try {
    const form = await readForm(request);
    const app = requireApp(request, form, context);
    const session = context.sessions.find(form.get('token') ?? '');
    // An app sees its own tokens only.
    if (session === undefined || session.clientAppId !== app.id) {
      return oauthResponse({ active: false });
    }
    const user = context.users.findById(session.userId);
    if (user === undefined) return oauthResponse({ active: false });
    const created = Math.floor(session.created / 1000);
    return oauthResponse({
      active: true,
      scope: session.scopes.join(' '),
      client_id: app.consumerKey,
      username: user.username,
      sub: identityUrl(user, context),
      token_type: 'access_token',
      exp: Math.floor(session.updated / 1000) + session.timeoutSeconds,
      iat: created,
      nbf: created,
    });
  } catch (error) {
    if (error instanceof Refusal) return oauthErrorResponse(error);
    throw error;
  }
}

/** Credentials in the body, or by HTTP Basic: RFC 6749 section 2.3.1. */
function requireApp(request: Request, form: URLSearchParams, context: OrgContext): ClientApp {
  const basic = /^Basic +([\w+/=]+)$/i.exec(request.headers.get('authorization') ?? '')?.[1];
  const [basicId, basicSecret] = Buffer.from(basic ?? '', 'base64')
    .toString('utf8')
    .split(':');
  const app = context.clientApps.find(form.get('client_id') ?? basicId ?? '');
  const secret = form.get('client_secret') ?? basicSecret ?? '';
  if (app === undefined) {
    throw new Refusal({
      error: 'invalid_client_id',
      description: 'client identifier invalid',
      loginStatus: 'Failed: Consumer Key Unknown',
    });
  }
  const [given, expected] = [Buffer.from(secret), Buffer.from(app.consumerSecret)];
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) {
    throw new Refusal({
      error: 'invalid_client',
      description: 'invalid client credentials',
      loginStatus: 'Failed: Client Credentials Invalid',
    });
  }
  return app;
}
