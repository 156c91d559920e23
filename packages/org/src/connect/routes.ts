/** `/services/data/vXX.0/apps/oauth/...`: OAuth apps in the Connect REST API. Loaded when asked for. */

import { notFound, RestError, restResponse } from '../data/rest-error.ts';
import { requireVersion } from '../data/versions.ts';
import type { OrgContext } from '../org-context.ts';
import { withOneSlash } from '../request-target.ts';
import { requireApiSession } from '../sessions/bearer.ts';
import type { ConnectCall } from './connect-call.ts';
import { oauthCredentials } from './oauth-credentials.ts';
import { oauthUsage } from './oauth-usage.ts';

export async function answerConnect(request: Request, context: OrgContext): Promise<Response> {
  const headers: Record<string, string> = {};
  try {
    const { user } = requireApiSession(request, context);
    const url = new URL(request.url);
    const segments = withOneSlash(url.pathname).split('/').filter(Boolean);
    const version = requireVersion(segments[2] ?? '');
    headers['sforce-limit-info'] = context.apiUsage.count();
    const [family, ...path] = segments.slice(4);
    const call: ConnectCall = {
      request,
      context,
      userId: user.id,
      path: path.slice(1),
      query: url.searchParams,
      rootUrl: `${version.url}/apps/oauth`,
      version: Number(version.version),
    };
    if (family === 'oauth' && path[0] === 'usage')
      return restResponse(oauthUsage(call), 200, headers);
    if (family === 'oauth' && path[0] === 'credentials') {
      const { status, body } = await oauthCredentials(call);
      return restResponse(body, status, headers);
    }
    throw notFound();
  } catch (error) {
    if (!(error instanceof RestError)) throw error;
    return restResponse([error], error.status, headers);
  }
}
