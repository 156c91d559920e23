import type { OrgContext } from '../../org-context.ts';
import type { Trace } from '../../trace.ts';
import type { ClientApp } from '../../directory/client-app.ts';
import type { User } from '../../directory/user.ts';

/** Who asks, as far as the steps have found out; Login History keeps it also of a refusal. */
export interface Subject {
  username?: string;
  consumerKey?: string;
  app?: ClientApp;
  user?: User;
}

export interface Granted {
  app: ClientApp;
  user: User;
  scopes: readonly string[];
}

export interface GrantRequest {
  form: URLSearchParams;
  context: OrgContext;
  trace: Trace;
  subject: Subject;
}

/** One way to be given a token. Refuses by throwing what the trace returns. */
export interface Grant {
  readonly grantType: string;
  handle(request: GrantRequest): Promise<Granted>;
}
