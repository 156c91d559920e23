import type { ClientApp } from '../../directory/client-app.ts';
import type { Site } from '../../directory/site.ts';
import type { User } from '../../directory/user.ts';
import type { OrgContext } from '../../org-context.ts';
import type { Rule, Trace } from '../../trace.ts';
import type { CalledHost } from '../called-host.ts';

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
  /** Of the access token. */
  scopes: readonly string[];
  /** Whether a session that lives already is handed out again. */
  reusesSession: boolean;
  refreshTokenId?: string | undefined;
  /** Fields of this grant beyond those of every token answer. */
  fields: (issued: Issued) => Readonly<Record<string, string>>;
}

export interface Issued {
  accessToken: string;
  /** Identity URL. */
  id: string;
}

export interface GrantRequest {
  request: Request;
  parameters: URLSearchParams;
  context: OrgContext;
  trace: Trace;
  subject: Subject;
  called: CalledHost;
  /** The Experience Cloud site whose token endpoint was called. */
  site: Site | undefined;
  sourceIp: string;
}

/** One way to be given a token. Refuses by throwing what the trace returns. */
export interface Grant {
  readonly grantType: string;
  /** In the order in which they are applied. */
  readonly rules: readonly Rule[];
  handle(request: GrantRequest): Promise<Granted>;
}
