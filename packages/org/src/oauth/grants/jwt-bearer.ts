/**
 * The JWT bearer grant (RFC 7523), step by step, in Salesforce's order: the audience is judged
 * before the app is looked up, and both before the user's approval. The sentences are Salesforce's
 * own, since clients match on them.
 */

import { publicKeyOf } from '../../directory/certificate.ts';
import type { ClientApp } from '../../directory/client-app.ts';
import type { User } from '../../directory/user.ts';
import { notApproved } from '../../policies/permitted-users.ts';
import { propagated } from '../../policies/propagation.ts';
import type { Rule } from '../../trace.ts';
import {
  enabledApp,
  installed,
  permitted,
  requireEnabled,
  requireInstalled,
  requirePermission,
  requireScopes,
  usableScopes,
} from '../app-access.ts';
import { audiencesOfRequest, isAccepted } from '../accepted-audiences.ts';
import type { Refusal, RefusalFields } from '../oauth-error.ts';
import {
  allowedLoginRules,
  requireAllowed,
  requireUsable,
  usableUserRules,
} from '../user-login.ts';
import { MalformedAssertion, parseAssertion, verifySignature } from '../verify-assertion.ts';
import type { Assertion } from '../verify-assertion.ts';
import type { Grant, GrantRequest } from './grant.ts';

export const jwtBearer: Grant = {
  grantType: 'urn:ietf:params:oauth:grant-type:jwt-bearer',
  get rules() {
    return jwtBearerRules;
  },

  async handle(request) {
    refuseScopeParameter(request);
    const assertion = readAssertion(request);
    requireAlgorithm(request, assertion);
    const claims = requireClaims(request, assertion);
    requireAudience(request, claims);
    const app = requirePropagated(request, requireClientApp(request, claims));
    requireInstalled(request, app);
    await requireSignature(request, assertion, app);
    requireUnexpired(request, claims);
    requireBegun(request, claims);
    requireUnused(request, claims);
    requireEnabled(request, app);
    const user = requireUser(request, claims);
    requireUsable(request, user);
    const scopes = requireScopes(request, app, requirePermission(request, app, user));
    requireAllowed(request, app, user);
    // The five fields of every token answer and no others: no refresh_token, no issued_at.
    return { app, user, scopes, reusesSession: true, fields: () => ({}) };
  },
};

interface Claims {
  iss: string;
  sub: string;
  aud: string;
  /** Seconds since 1970. */
  exp: number;
  nbf: number | undefined;
  jti: string | undefined;
}

/** Salesforce allows three minutes of clock difference, after expiry. */
const toleranceSeconds = 180;

const invalidAssertion: RefusalFields = {
  error: 'invalid_grant',
  description: 'invalid assertion',
  loginStatus: 'Failed: Assertion Invalid',
};

const noScopeParameter: Rule = {
  name: 'no scope parameter',
  source: 'Salesforce Help: scopes cannot be specified in this flow',
  refusal: {
    error: 'invalid_request',
    description: 'scope parameter not supported',
    loginStatus: 'Failed: Invalid Request',
  },
};

function refuseScopeParameter({ parameters, trace }: GrantRequest): void {
  if (parameters.has('scope')) {
    throw trace.refuse(
      noScopeParameter,
      'no scope parameter: the app decides the scopes',
      'a scope parameter',
    );
  }
  trace.pass(noScopeParameter, 'none');
}

const wellFormed: Rule = {
  name: 'assertion is a JWS',
  source: 'RFC 7515 section 7.1; the sentence for a malformed one is not documented',
  assumption: true,
  refusal: invalidAssertion,
};

function readAssertion({ parameters, trace }: GrantRequest): Assertion {
  const text = parameters.get('assertion') ?? '';
  try {
    if (text === '') throw new MalformedAssertion('no assertion parameter');
    const assertion = parseAssertion(text);
    trace.pass(wellFormed, 'header, payload and signature');
    return assertion;
  } catch (error) {
    if (!(error instanceof MalformedAssertion)) throw error;
    throw trace.refuse(
      wellFormed,
      'three base64url parts: header, payload, signature',
      error.message,
    );
  }
}

const algorithm: Rule = {
  name: 'signed with RS256',
  source: 'Salesforce Help, OAuth 2.0 JWT Bearer Flow: the header names RS256',
  refusal: invalidAssertion,
};

function requireAlgorithm({ trace }: GrantRequest, { header }: Assertion): void {
  const alg = describe(header['alg']);
  if (header['alg'] !== 'RS256') throw trace.refuse(algorithm, 'RS256', alg);
  // RFC 7515 section 4.1.11: an extension that must be understood and is not.
  if (header['crit'] !== undefined) {
    throw trace.refuse(algorithm, 'no critical extensions', 'crit');
  }
  trace.pass(algorithm, alg);
}

const requiredClaims: Rule = {
  name: 'claims are complete',
  source: 'Salesforce Help, OAuth 2.0 JWT Bearer Flow: iss, sub, aud and exp are required',
  refusal: invalidAssertion,
};

function requireClaims({ trace, subject }: GrantRequest, { claims }: Assertion): Claims {
  const refuse = (claim: string, expected: string): Refusal =>
    trace.refuse(
      requiredClaims,
      `${claim}: ${expected}`,
      `${claim}: ${describe(claims[claim])}`,
      claim === 'iss'
        ? { ...invalidAssertion, loginStatus: 'Failed: Missing Consumer Key Parameter' }
        : invalidAssertion,
    );
  const text = (claim: string, expected: string): string => {
    const value = claims[claim];
    if (typeof value === 'string' && value !== '') return value;
    throw refuse(claim, expected);
  };
  const iss = text('iss', 'the consumer key');
  subject.consumerKey = iss;
  // The older name of sub; Salesforce takes it first when both are there.
  const sub = text(claims['prn'] === undefined ? 'sub' : 'prn', 'a username');
  subject.username = sub;
  const aud = text('aud', 'one audience, as text');
  const exp = claims['exp'];
  // Salesforce's own sample sends digits in a string.
  const digits = typeof exp === 'string' && /^\d{1,15}$/.test(exp) ? Number(exp) : exp;
  // A number that no double holds reads as infinity: it would never expire.
  if (typeof digits !== 'number' || !Number.isFinite(digits)) {
    throw refuse('exp', 'seconds since 1970');
  }
  const nbf = claims['nbf'];
  if (nbf !== undefined && (typeof nbf !== 'number' || !Number.isFinite(nbf))) {
    throw refuse('nbf', 'seconds since 1970');
  }
  const jti = claims['jti'];
  if (jti !== undefined && typeof jti !== 'string') throw refuse('jti', 'text');
  trace.pass(requiredClaims, `iss, ${claims['prn'] === undefined ? 'sub' : 'prn'}, aud, exp`);
  return { iss, sub, aud, exp: digits, nbf, jti };
}

const audience: Rule = {
  name: 'audience is this org',
  source: 'Salesforce Help, OAuth 2.0 JWT Bearer Flow; judged first as seen in public reports',
  refusal: {
    error: 'invalid_grant',
    description: 'audience is invalid',
    loginStatus: 'Failed: Audience Invalid',
  },
};

function requireAudience({ context, trace, called, site }: GrantRequest, { aud }: Claims): void {
  const accepted = audiencesOfRequest({
    kind: context.organization.kind,
    url: context.url(),
    called,
    sitePath: site?.path,
    myDomain: context.myDomain,
  });
  if (!isAccepted(aud, accepted)) {
    throw trace.refuse(audience, accepted.join(' or '), aud);
  }
  trace.pass(audience, aud);
}

const clientApp: Rule = {
  name: 'app with this consumer key',
  source: 'Salesforce Help, OAuth Error Codes: invalid_client_id',
  refusal: {
    error: 'invalid_client_id',
    description: 'client identifier invalid',
    loginStatus: 'Failed: Consumer Deleted',
  },
};

function requireClientApp({ context, trace, subject }: GrantRequest, { iss }: Claims): ClientApp {
  const app = context.memory.recall(`app ${iss}`, () => context.clientApps.find(iss));
  if (app === undefined) {
    throw trace.refuse(clientApp, 'the consumer key of an app of this org', iss);
  }
  subject.app = app;
  trace.pass(clientApp, app.name);
  return app;
}

const propagation: Rule = {
  name: 'app as deployed has reached the login servers',
  source:
    'vendor guides and public reports: two to ten minutes after a change; what is answered meanwhile is that of before',
  assumption: true,
  refusal: clientApp.refusal,
};

/** Until then an app is what it was before: a new one is not known. */
function requirePropagated({ context, trace }: GrantRequest, app: ClientApp): ClientApp {
  const { app: known, found } = propagated(app, context);
  if (known?.isOauthEnabled !== true) {
    throw trace.refuse(propagation, 'an app that was there before', found);
  }
  trace.pass(propagation, found);
  return known;
}

const signature: Rule = {
  name: 'signature fits the certificate of the app',
  source: 'RFC 7523 section 3, item 9; RFC 7515 section 5.2',
  refusal: { ...invalidAssertion, loginStatus: 'Failed: Signature Invalid' },
};

async function requireSignature(
  { trace }: GrantRequest,
  assertion: Assertion,
  app: ClientApp,
): Promise<void> {
  const expected = 'a signature by the key of the uploaded certificate';
  if (app.certificate === undefined) {
    throw trace.refuse(signature, expected, 'no certificate was uploaded to the app');
  }
  if (!(await verifySignature(assertion, publicKeyOf(app.certificate)))) {
    throw trace.refuse(signature, expected, 'a signature by another key');
  }
  trace.pass(signature, 'signed by the key of the uploaded certificate');
}

const unexpired: Rule = {
  name: 'assertion has not expired',
  source: 'RFC 7523 section 3, item 4; Salesforce Help: a buffer of three minutes for clock skew',
  refusal: {
    error: 'invalid_grant',
    description: 'expired authorization code',
    loginStatus: 'Failed: Assertion Expired',
  },
};

function requireUnexpired({ context, trace }: GrantRequest, { exp }: Claims): void {
  const now = Math.floor(context.clock.now() / 1000);
  if (exp + toleranceSeconds < now) {
    throw trace.refuse(
      unexpired,
      `exp at or after ${now - toleranceSeconds} (three minutes before the clock of this org)`,
      `exp ${exp}: ${now - exp} seconds ago`,
    );
  }
  trace.pass(unexpired, `exp ${exp}: ${exp < now ? `${now - exp} s ago` : `in ${exp - now} s`}`);
}

const begun: Rule = {
  name: 'assertion is valid already, if it has an nbf',
  source: 'RFC 7523 section 3, item 5; whether Salesforce looks at it is not known',
  assumption: true,
  refusal: { ...invalidAssertion, loginStatus: 'Failed: Assertion Not Yet Valid' },
};

function requireBegun({ context, trace }: GrantRequest, { nbf }: Claims): void {
  const now = Math.floor(context.clock.now() / 1000);
  if (nbf !== undefined && nbf - toleranceSeconds > now) {
    throw trace.refuse(
      begun,
      `nbf at or before ${now + toleranceSeconds} (three minutes after the clock of this org)`,
      `nbf ${nbf}: in ${nbf - now} seconds`,
    );
  }
  trace.pass(begun, nbf === undefined ? 'no nbf' : `nbf ${nbf}`);
}

const unused: Rule = {
  name: 'assertion is used once',
  source:
    'Salesforce Help: a jti is checked for reuse; the sentence of the refusal is not documented',
  assumption: true,
  refusal: { ...invalidAssertion, loginStatus: 'Failed: Replay Detected' },
};

function requireUnused({ context, trace }: GrantRequest, { iss, jti, exp }: Claims): void {
  if (jti === undefined) {
    trace.pass(unused, 'no jti');
    return;
  }
  const now = Math.floor(context.clock.now() / 1000);
  // Beyond its life an assertion is refused as expired, so its jti need not be remembered.
  const expires = Math.floor(exp) + toleranceSeconds;
  if (!context.usedJtis.use(iss, jti, { expires, now })) {
    throw trace.refuse(unused, 'a jti that was not used before', 'a jti that was used before');
  }
  trace.pass(unused, 'a new jti');
}

const knownUser: Rule = {
  name: 'user with this username',
  source: 'public reports: an unknown username is answered like an unapproved one',
  refusal: notApproved,
};

function requireUser({ context, trace, subject, called }: GrantRequest, { sub }: Claims): User {
  const { kind } = context.organization;
  // The generic hosts find an org by its usernames: login. those of production, test. of sandboxes.
  if (called.kind !== 'myDomain' && called.kind !== (kind === 'sandbox' ? 'test' : 'login')) {
    throw trace.refuse(
      knownUser,
      `the username of a user of a ${called.kind === 'test' ? 'sandbox' : 'production org'}`,
      `this org is a ${kind}`,
    );
  }
  const user = context.memory.recall(`username ${sub}`, () => context.users.find(sub));
  if (user === undefined) {
    throw trace.refuse(knownUser, 'the username of a user of this org', sub);
  }
  subject.user = user;
  trace.pass(knownUser, user.username);
  return user;
}

/** The rules of this grant, in the order in which they are applied. */
export const jwtBearerRules: readonly Rule[] = [
  noScopeParameter,
  wellFormed,
  algorithm,
  requiredClaims,
  audience,
  clientApp,
  propagation,
  installed,
  signature,
  unexpired,
  begun,
  unused,
  enabledApp,
  knownUser,
  ...usableUserRules,
  permitted,
  usableScopes,
  ...allowedLoginRules,
];

/** Of a claim that is no text, number or flag, the kind alone: it can be of any depth and size. */
function describe(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return value;
    case 'number':
    case 'boolean':
      return String(value);
    case 'undefined':
      return 'missing';
    default:
      return Array.isArray(value) ? 'a list' : 'an object or null';
  }
}
