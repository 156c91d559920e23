import type { OrgContext } from '../org-context.ts';

/** One request for OAuth apps, taken apart. */
export interface ConnectCall {
  request: Request;
  context: OrgContext;
  userId: string;
  /** Behind `usage` or `credentials`. */
  path: readonly string[];
  query: URLSearchParams;
  /** `/services/data/v67.0/apps/oauth` */
  rootUrl: string;
  /** Such as 67. */
  version: number;
}
