import type { OrgClock } from './clock.ts';
import type { ApiUsage } from './data/api-usage.ts';
import type { Catalogue } from './data/catalogue.ts';
import type { Directory } from './directory/directory.ts';
import type { Organization } from './directory/organization.ts';
import type { RequestJournal } from './journal.ts';
import type { AuthorizationCodes } from './oauth/authorization-code.ts';
import type { RefreshTokens } from './oauth/refresh-token.ts';
import type { SigningKeys } from './oauth/signing-key.ts';
import type { UsedJtis } from './oauth/used-jti.ts';
import type { LoginRate } from './policies/login-rate.ts';
import type { LoginHistory } from './sessions/login-history.ts';
import type { Sessions } from './sessions/session.ts';
import type { Database } from './store/database.ts';
import type { Memory } from './store/memory.ts';

/** What an endpoint of the org works with. */
export interface OrgContext extends Directory {
  readonly clock: OrgClock;
  readonly database: Database;
  readonly memory: Memory;
  /** The objects that SOQL and REST may name. */
  readonly catalogue: Catalogue;
  readonly apiUsage: ApiUsage;
  readonly organization: Organization;
  readonly loginRate: LoginRate;
  readonly signingKeys: SigningKeys;
  readonly usedJtis: UsedJtis;
  readonly refreshTokens: RefreshTokens;
  readonly authorizationCodes: AuthorizationCodes;
  readonly sessions: Sessions;
  readonly loginHistory: LoginHistory;
  /** What clients did: endpoints note there what they found out. */
  readonly requests: RequestJournal;
  /** Name of the My Domain that the org stands in for. */
  readonly myDomain: string | undefined;
  /** Origin under which the org is reached; known for good once it listens. */
  url(): string;
}
