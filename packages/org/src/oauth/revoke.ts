/** /services/oauth2/revoke (RFC 7009): ends the session behind a token. */

import type { OrgContext } from '../org-context.ts';
import { readForm } from './form.ts';
import { oauthErrorResponse, Refusal } from './oauth-error.ts';

export async function revoke(request: Request, context: OrgContext): Promise<Response> {
  try {
    const parameters =
      request.method === 'GET' ? new URL(request.url).searchParams : await readForm(request);
    const session = context.sessions.find(parameters.get('token') ?? '');
    if (session === undefined) return refusal('invalid_token', 'invalid token');
    context.sessions.remove(session.id);
    return new Response(null, { status: 200, headers: { 'cache-control': 'no-store' } });
  } catch (error) {
    if (error instanceof Refusal) return oauthErrorResponse(error);
    throw error;
  }
}

/** Urlencoded, not JSON: jsforce reads it so. */
function refusal(error: string, description: string): Response {
  return new Response(new URLSearchParams({ error, error_description: description }).toString(), {
    status: 400,
    headers: { 'content-type': 'application/x-www-form-urlencoded;charset=UTF-8' },
  });
}
