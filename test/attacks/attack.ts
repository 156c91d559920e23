/** What an attack is: the bytes of one connection, and the one right answer to them. */

import type { Target } from './target.ts';

export interface Attack {
  /** Unique in its family. */
  readonly name: string;
  /** The weakness it looks for: an RFC section, a CVE, or a habit of careless code. */
  readonly why: string;
  readonly request: (target: Target) => Buffer | Promise<Buffer>;
  readonly expected: Expected;
}

export interface Family {
  readonly name: string;
  readonly attacks: readonly Attack[];
}

export interface Expected {
  /** `closed`: the connection is closed without a word. */
  readonly status: number | 'closed';
  /** Text to the letter, or a JSON value. Not judged when left out. */
  readonly body?: string | object;
  /**
   * The rule of the token endpoint that refuses, as Login History names it: many rules answer with
   * the same sentence, and one must not hide another.
   */
  readonly rule?: string;
  /** A token is due: the request only looks like an attack. Names the user who is signed in. */
  readonly grantedTo?: string;
  /** Answers on the connection; one when left out. Only the last is judged. */
  readonly answers?: number;
}

function refusal(error: string, description: string, rule?: string): Expected {
  return {
    status: 400,
    body: { error, error_description: description },
    ...(rule === undefined ? {} : { rule }),
  };
}

const invalidAssertion = (rule: string): Expected =>
  refusal('invalid_grant', 'invalid assertion', rule);

/** The refusals of the token endpoint; the sentences are Salesforce's. */
export const malformed = invalidAssertion('assertion is a JWS');
export const wrongAlgorithm = invalidAssertion('signed with RS256');
export const incomplete = invalidAssertion('claims are complete');
export const wrongSignature = invalidAssertion('signature fits the certificate of the app');
export const replayed = invalidAssertion('assertion is used once');
export const wrongAudience = refusal(
  'invalid_grant',
  'audience is invalid',
  'audience is this org',
);
export const unknownApp = refusal(
  'invalid_client_id',
  'client identifier invalid',
  'app with this consumer key',
);
export const expired = refusal(
  'invalid_grant',
  'expired authorization code',
  'assertion has not expired',
);
export const unknownUser = refusal(
  'invalid_grant',
  "user hasn't approved this consumer",
  'user with this username',
);
export const inactiveUser = refusal('inactive_user', 'user is inactive', 'user is active');
export const notApproved = refusal(
  'invalid_app_access',
  'user is not admin approved to access this app',
  'user may use the app',
);
export const unknownGrant = refusal(
  'unsupported_grant_type',
  'grant type not supported',
  'grant type is known',
);
export const scopeGiven = refusal(
  'invalid_request',
  'scope parameter not supported',
  'no scope parameter',
);
export const repeated = refusal(
  'invalid_request',
  'parameter repeated',
  'each parameter is sent once',
);
export const notYetValid = invalidAssertion('assertion is valid already, if it has an nbf');
export const notPost = refusal('invalid_request', 'must use HTTP POST', 'request is a POST');
export const tooLarge: Expected = {
  status: 413,
  body: { error: 'invalid_request', error_description: 'request body too large' },
};

/** A token is due, to the user of the good assertion. */
export const granted: Expected = { status: 200, grantedTo: 'worker@example.org' };

/** The REST API's answer to a token it does not know. */
export const noSession: Expected = {
  status: 401,
  body: [{ message: 'Session expired or invalid', errorCode: 'INVALID_SESSION_ID' }],
};
/** The answer of userinfo and of the identity URL. */
export const badToken: Expected = { status: 403, body: 'Bad_OAuth_Token' };
export const missingToken: Expected = { status: 403, body: 'Missing_OAuth_Token' };
/** Introspection of a token that is none, RFC 7662 section 2.2. */
export const inactiveToken: Expected = { status: 200, body: { active: false } };
export const invalidToken: Expected = {
  status: 400,
  body: 'error=invalid_token&error_description=invalid+token',
};
export const unknownClient = refusal('invalid_client_id', 'client identifier invalid');
export const wrongSecret = refusal('invalid_client', 'invalid client credentials');

/** Refused before any endpoint sees it. */
export const status = (code: number): Expected => ({ status: code });
export const closed: Expected = { status: 'closed' };
