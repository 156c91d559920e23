import { RestError } from '../data/rest-error.ts';
import type { User } from '../directory/user.ts';
import type { OrgContext } from '../org-context.ts';
import { isApiEnabled } from '../policies/api-enabled.ts';
import { allows } from '../policies/scopes.ts';
import type { Session } from './session.ts';

export interface Bearer {
  session: Session;
  user: User;
}

/** The access token of a request: RFC 6750 section 2.1, and the older `OAuth` scheme. */
export function bearerToken(request: Request): string | undefined {
  return /^(?:Bearer|OAuth) +(\S+) *$/i.exec(request.headers.get('authorization') ?? '')?.[1];
}

/** Whose living session the request belongs to. Using a session prolongs it. */
export function findBearer(token: string | undefined, context: OrgContext): Bearer | undefined {
  return bearerOf(token === undefined ? undefined : context.sessions.use(token), context);
}

/** The same, of somebody who only listens: that prolongs no session. */
export function peekBearer(token: string | undefined, context: OrgContext): Bearer | undefined {
  return bearerOf(token === undefined ? undefined : context.sessions.find(token), context);
}

function bearerOf(session: Session | undefined, context: OrgContext): Bearer | undefined {
  const user = session === undefined ? undefined : userOf(session, context);
  if (session === undefined || user?.isActive !== true || user.isFrozen) {
    return undefined;
  }
  return { session, user };
}

function userOf({ userId }: Session, { memory, users }: OrgContext): User | undefined {
  return memory.recall(`user ${userId}`, () => users.findById(userId));
}

/**
 * The check in front of the REST API.
 *
 * @throws RestError 401 INVALID_SESSION_ID, in both of its meanings; 403 API_DISABLED_FOR_ORG
 */
export function requireApiSession(request: Request, context: OrgContext): Bearer {
  const bearer = findBearer(bearerToken(request), context);
  if (bearer === undefined) {
    throw new RestError(401, 'INVALID_SESSION_ID', 'Session expired or invalid');
  }
  context.requests.noteUser(request, bearer.user.username);
  if (!allows(bearer.session.scopes, 'api')) {
    throw new RestError(
      401,
      'INVALID_SESSION_ID',
      'This session is not valid for use with the REST API',
    );
  }
  const { user } = bearer;
  if (!context.memory.recall(`api ${user.id}`, () => isApiEnabled(user, context.database))) {
    throw new RestError(
      403,
      'API_DISABLED_FOR_ORG',
      'The REST API is not enabled for this Organization.',
    );
  }
  return bearer;
}
