/** POST /services/oauth2/token: reads the request, finds the grant, answers, and keeps a record. */

import type { OrgContext } from '../org-context.ts';
import { Trace } from '../trace.ts';
import type { Rule } from '../trace.ts';
import { readForm } from './form.ts';
import type { Grant, Granted, Subject } from './grants/grant.ts';
import { jwtBearer } from './grants/jwt-bearer.ts';
import { oauthErrorResponse, oauthResponse, Refusal } from './oauth-error.ts';

const grants: ReadonlyMap<string, Grant> = new Map([[jwtBearer.grantType, jwtBearer]]);

const post: Rule = {
  name: 'request is a POST',
  source: 'Salesforce Help, OAuth Error Codes (older list): invalid_request, must use HTTP POST',
};

const knownGrant: Rule = {
  name: 'grant type is known',
  source: 'public reports: a wrong content type is answered in the same way, its body is not read',
};

export async function token(
  request: Request,
  context: OrgContext,
  sourceIp: string,
): Promise<Response> {
  const trace = new Trace();
  const subject: Subject = {};
  const record = (status: string): string =>
    context.loginHistory.record({
      userId: subject.user?.id,
      username: subject.username,
      consumerKey: subject.consumerKey,
      application: subject.app?.name,
      sourceIp,
      loginUrl: new URL(request.url).host,
      status,
      trace: trace.entries,
    });
  try {
    requirePost(request, trace);
    const form = await readForm(request);
    const grant = requireGrant(form, trace);
    const granted = await grant.handle({ form, context, trace, subject });
    return context.database.transaction(() =>
      oauthResponse(tokenResponse(granted, context, sourceIp, record('Success'))),
    );
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    record(error.loginStatus);
    return oauthErrorResponse(error);
  }
}

function requirePost({ method }: Request, trace: Trace): void {
  if (method !== 'POST') {
    throw trace.refuse(
      post,
      {
        error: 'invalid_request',
        description: 'must use HTTP POST',
        loginStatus: 'Failed: Invalid Request',
      },
      'POST',
      method,
    );
  }
  trace.pass(post, method);
}

function requireGrant(form: URLSearchParams, trace: Trace): Grant {
  const grantType = form.get('grant_type');
  const grant = grants.get(grantType ?? '');
  if (grant === undefined) {
    throw trace.refuse(
      knownGrant,
      {
        error: 'unsupported_grant_type',
        description: 'grant type not supported',
        loginStatus: 'Failed: Grant Type Not Supported',
      },
      [...grants.keys()].join(' or '),
      grantType ?? 'no grant_type in a form-encoded body',
    );
  }
  trace.pass(knownGrant, grant.grantType);
  return grant;
}

/** The five fields of this grant and no others: no expires_in, no refresh_token, no issued_at. */
function tokenResponse(
  { app, user, scopes }: Granted,
  context: OrgContext,
  sourceIp: string,
  loginHistoryId: string,
): object {
  const url = context.url();
  return {
    access_token: context.sessions.open({ userId: user.id, app, scopes, sourceIp, loginHistoryId }),
    scope: scopes.join(' '),
    instance_url: url,
    id: `${url}/id/${context.organization.id}/${user.id}`,
    token_type: 'Bearer',
  };
}
