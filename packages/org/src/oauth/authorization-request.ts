/** What a tool asks for when it sends a browser to /services/oauth2/authorize: RFC 6749 section 4.1.1. */

import type { ClientApp } from '../directory/client-app.ts';
import type { OrgContext } from '../org-context.ts';
import type { CalledHost } from './called-host.ts';

export interface AuthorizationRequest {
  app: ClientApp;
  redirectUri: string;
  scopes: readonly string[];
  state: string | undefined;
  codeChallenge: string | undefined;
  nonce: string | undefined;
  /** `login`, `consent`, `none`: OpenID Connect Core section 3.1.2.1. */
  prompts: readonly string[];
  loginHint: string | undefined;
}

interface ErrorFields {
  error: string;
  description: string;
}

/** Nobody knows where to send the browser back to: it is told so on a page. */
export class UnknownCallback extends Error {
  override readonly name = 'UnknownCallback';
  readonly error: string;
  readonly description: string;

  constructor({ error, description }: ErrorFields) {
    super(`${error}: ${description}`);
    this.error = error;
    this.description = description;
  }
}

/** The tool is told at its callback: RFC 6749 section 4.1.2.1. */
export class AuthorizationError extends Error {
  override readonly name = 'AuthorizationError';
  /** Callback with `error`, `error_description` and `state`. */
  readonly location: string;

  constructor(
    { redirectUri, state }: Pick<AuthorizationRequest, 'redirectUri' | 'state'>,
    { error, description }: ErrorFields,
  ) {
    super(`${error}: ${description}`);
    this.location = callbackWith(redirectUri, { error, error_description: description, state });
  }
}

/** @throws UnknownCallback, AuthorizationError */
export function readAuthorizationRequest(
  parameters: URLSearchParams,
  context: OrgContext,
  called: CalledHost,
): AuthorizationRequest {
  const callback = requireCallback(parameters, context);
  const { app } = callback;
  const refuse = (error: string, description: string): AuthorizationError =>
    new AuthorizationError(callback, { error, description });
  if (parameters.get('response_type') !== 'code') {
    throw refuse('unsupported_response_type', 'response type not supported');
  }
  if (app.kind === 'externalClientApp' && (called.kind !== 'myDomain' || !app.isInstalled)) {
    throw refuse('OAUTH_EC_APP_NOT_FOUND', 'External client app is not installed in this org');
  }
  if (app.isBlocked || !app.isEnabled || !app.isOauthPluginEnabled) {
    throw refuse('OAUTH_APP_BLOCKED', 'this app is blocked by admin');
  }
  const words = (name: string): string[] =>
    (parameters.get(name) ?? '').split(' ').filter((word) => word !== '');
  const wanted = words('scope');
  if (!wanted.every((scope) => app.scopes.includes(scope))) {
    throw refuse('invalid_scope', 'the requested scope is invalid, unknown, or malformed');
  }
  return {
    ...callback,
    scopes: wanted.length === 0 ? app.scopes : wanted,
    codeChallenge: readChallenge(parameters, app, refuse),
    nonce: parameters.get('nonce') ?? undefined,
    prompts: words('prompt'),
    loginHint: parameters.get('login_hint') ?? undefined,
  };
}

type Callback = Pick<AuthorizationRequest, 'app' | 'redirectUri' | 'state'>;

const parameterNames = [
  'response_type',
  'client_id',
  'redirect_uri',
  'scope',
  'state',
  'code_challenge',
  'code_challenge_method',
  'nonce',
  'prompt',
  'login_hint',
];

function requireCallback(parameters: URLSearchParams, { clientApps }: OrgContext): Callback {
  const repeated = parameterNames.find((name) => parameters.getAll(name).length > 1);
  if (repeated !== undefined) {
    throw new UnknownCallback({ error: 'invalid_request', description: 'parameter repeated' });
  }
  const app = clientApps.find(parameters.get('client_id') ?? '');
  if (app === undefined) {
    throw new UnknownCallback({
      error: 'invalid_client_id',
      description: 'client identifier invalid',
    });
  }
  const redirectUri = parameters.get('redirect_uri') ?? '';
  // To the letter, RFC 9700 section 2.1: whoever can bend the address can have the code.
  if (!callbackUrls(app).includes(redirectUri)) {
    throw new UnknownCallback({
      error: 'redirect_uri_mismatch',
      description: 'redirect_uri must match configuration',
    });
  }
  return { app, redirectUri, state: parameters.get('state') ?? undefined };
}

/** Setup takes several, one in each line. */
function callbackUrls({ callbackUrl }: ClientApp): string[] {
  return callbackUrl.split(/\s+/).filter((url) => URL.canParse(url));
}

/** Only S256 is known to Salesforce; without a method it is meant. */
function readChallenge(
  parameters: URLSearchParams,
  app: ClientApp,
  refuse: (error: string, description: string) => AuthorizationError,
): string | undefined {
  const challenge = parameters.get('code_challenge') ?? undefined;
  if (challenge === undefined) {
    if (app.isPkceRequired) throw refuse('invalid_request', 'missing required code challenge');
    return undefined;
  }
  if ((parameters.get('code_challenge_method') ?? 'S256') !== 'S256') {
    throw refuse('invalid_request', 'invalid code challenge method');
  }
  if (!/^[\w-]{43}$/.test(challenge)) throw refuse('invalid_request', 'invalid code challenge');
  return challenge;
}

/** A callback URL with parameters added to those it has. */
export function callbackWith(
  redirectUri: string,
  parameters: Readonly<Record<string, string | undefined>>,
): string {
  const url = new URL(redirectUri);
  for (const [name, value] of Object.entries(parameters)) {
    if (value !== undefined) url.searchParams.append(name, value);
  }
  return url.href;
}

/**
 * The origin of the callback of an authorization request at this path, for the content security
 * policy of a form that leads there: browsers judge the redirects after a form as well.
 */
export function callbackOf(path: string, context: OrgContext): string | undefined {
  const [, query] = /^\/services\/oauth2\/authorize\?(.*)$/s.exec(path) ?? [];
  if (query === undefined) return undefined;
  try {
    return originOf(requireCallback(new URLSearchParams(query), context).redirectUri);
  } catch (error) {
    if (error instanceof UnknownCallback) return undefined;
    throw error;
  }
}

/** Of a scheme of an app's own, which has no origin, the scheme. */
export function originOf(redirectUri: string): string {
  const { origin, protocol } = new URL(redirectUri);
  return origin === 'null' ? protocol : origin;
}
