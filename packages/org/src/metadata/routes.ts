/** The Metadata API at the door: over REST and over SOAP. Loaded by the first who asks for it. */

import type { OrgContext } from '../org-context.ts';
import { requireVersion } from '../data/versions.ts';
import { RestError, restResponse } from '../data/rest-error.ts';
import { withOneSlash } from '../request-target.ts';
import { requireApiSession } from '../sessions/bearer.ts';
import { deployRequestResource } from './deploy-request-resource.ts';

export { answerSoap } from './soap-api.ts';

/** `/services/data/vXX.0/metadata/...` */
export async function answerMetadataRest(request: Request, context: OrgContext): Promise<Response> {
  const headers: Record<string, string> = {};
  let response: Response;
  try {
    const { user } = requireApiSession(request, context);
    const segments = withOneSlash(new URL(request.url).pathname).split('/').filter(Boolean);
    const version = requireVersion(segments[2] ?? '');
    headers['sforce-limit-info'] = context.apiUsage.count();
    response = await deployRequestResource(
      { request, userId: user.id, path: segments.slice(4), versionUrl: version.url },
      context,
    );
  } catch (error) {
    if (!(error instanceof RestError)) throw error;
    response = restResponse([error], error.status);
  }
  for (const [name, value] of Object.entries(headers)) response.headers.set(name, value);
  return response;
}
