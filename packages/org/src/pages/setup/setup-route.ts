/** What a Setup page is made of: routes, each for one method and path. */

import type { User } from '../../directory/user.ts';
import type { Faults } from '../../faults.ts';
import type { OrgContext } from '../../org-context.ts';
import type { Session } from '../../sessions/session.ts';
import type { SetupForm } from './setup-form.ts';
import type { Submissions } from './submissions.ts';

/** A request of an administrator, after every check. */
export interface SetupCall {
  request: Request;
  url: URL;
  /** The org; what is changed through it is stamped with this user. */
  context: OrgContext;
  faults: Faults;
  submissions: Submissions;
  user: User;
  session: Session;
  sourceIp: string;
  /** Of the path: `:id` and the like. */
  parameters: Readonly<Record<string, string>>;
  /** Hidden field of every form. */
  formToken: string;
}

/** A POST: its form came from a page of this very session. */
export interface SetupPost extends SetupCall {
  form: SetupForm;
}

type Answer = Response | Promise<Response>;

/** Changes of state are POSTs alone, so a GET has nothing to change them with. */
export type SetupRoute =
  | { method: 'GET'; path: string; handle: (call: SetupCall) => Answer }
  | { method: 'POST'; path: string; handle: (call: SetupPost) => Answer };

/** After a POST: to the page that shows what became of it. */
export function seeOther(location: string, headers: Record<string, string> = {}): Response {
  return new Response(null, {
    status: 303,
    headers: { location, 'cache-control': 'no-store', ...headers },
  });
}
