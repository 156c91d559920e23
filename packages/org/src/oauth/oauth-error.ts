/** The first of Salesforce's three error shapes: the object of RFC 6749 section 5.2. */

export interface RefusalFields {
  error: string;
  /** Salesforce's own sentence, verbatim: clients match on it. */
  description: string;
  /** HTTP status; 400 when left out. */
  status?: number;
  /** What Login History shows as Status. */
  loginStatus: string;
}

/** Ends a token request; token.ts turns it into the answer. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly error: string;
  readonly description: string;
  readonly status: number;
  readonly loginStatus: string;

  constructor({ error, description, status = 400, loginStatus }: RefusalFields) {
    super(`${error}: ${description}`);
    this.error = error;
    this.description = description;
    this.status = status;
    this.loginStatus = loginStatus;
  }
}

/** No cache may keep a token, RFC 6749 section 5.1; the words are Salesforce's. */
const headers = {
  'content-type': 'application/json;charset=UTF-8',
  'cache-control': 'no-cache,must-revalidate,max-age=0,no-store,private',
  expires: 'Thu, 01 Jan 1970 00:00:00 GMT',
  'strict-transport-security': 'max-age=31536000; includeSubDomains',
  'x-content-type-options': 'nosniff',
} as const;

/** An answer of an OAuth endpoint. */
export function oauthResponse(body: object, status = 200): Response {
  return new Response(JSON.stringify(body), { status, headers });
}

export function oauthErrorResponse(refusal: Refusal): Response {
  const { error, description, status } = refusal;
  return oauthResponse({ error, error_description: description }, status);
}
