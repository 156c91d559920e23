/**
 * What a person typed as login URL becomes two separate values: where the token request goes, and
 * what the assertion names as its audience. Welding them together is why clients fail on
 * GovCloud, on sites and on sandboxes.
 */

import { ClientError } from './errors.ts';

export interface LoginUrl {
  /** Where the token request goes. */
  readonly tokenEndpoint: string;
  /** The `aud` claim: scheme, host and path as typed, without a trailing slash. */
  readonly audience: string;
  /** What was corrected, in words for a person. */
  readonly warnings: readonly string[];
}

/** Hosts that never leave this machine (RFC 6761 section 6.3): plain http is accepted for them. */
const loopbackHost = /^(localhost|127(\.\d{1,3}){3}|\[::1\]|.+\.localhost)$/;

const tokenPath = '/services/oauth2/token';

/**
 * Resolves a login URL.
 *
 * @param typed `login.salesforce.com`, `https://acme.my.salesforce.com`, a sandbox, a site with its
 *   path, `http://127.0.0.1:7523`; the scheme may be missing.
 * @param audience overrides the inferred audience, and is sent exactly as given.
 * @throws ClientError LOGIN_URL_INVALID, INSECURE_URL
 */
export function resolveLoginUrl(typed: string, audience?: string): LoginUrl {
  const warnings: string[] = [];
  const url = parseUrl(typed);
  requireSecure(url);
  if (correctLightning(url)) {
    warnings.push(
      `${typed} is an address of the user interface; ${url.origin} is used in its place`,
    );
  }
  if (url.pathname.endsWith(tokenPath)) url.pathname = url.pathname.slice(0, -tokenPath.length);
  const base = url.origin + url.pathname.replace(/\/+$/, '');
  return { tokenEndpoint: base + tokenPath, audience: audience ?? base, warnings };
}

/**
 * Refuses a plain http URL of any host but this machine's own.
 *
 * @throws ClientError INSECURE_URL
 */
export function requireSecure(url: URL): void {
  if (url.protocol === 'https:' || loopbackHost.test(url.hostname)) return;
  throw new ClientError('INSECURE_URL', `${url.origin} is not https: a token would be readable`, {
    hints: [`Use https://${url.host}`, 'Plain http is accepted for loopback hosts alone.'],
  });
}

function parseUrl(typed: string): URL {
  const trimmed = typed.trim();
  const hasScheme = /^[a-z][a-z0-9+.-]*:\/\//i.test(trimmed);
  const scheme = loopbackHost.test(trimmed.replace(/(:\d+)?(\/.*)?$/, '')) ? 'http' : 'https';
  const invalid = (reason: string, cause?: unknown): ClientError =>
    new ClientError('LOGIN_URL_INVALID', `The login URL "${typed}" ${reason}`, {
      cause,
      hints: ['Use your My Domain, for example https://acme.my.salesforce.com'],
    });
  let url: URL;
  try {
    url = new URL(hasScheme ? trimmed : `${scheme}://${trimmed}`);
  } catch (cause) {
    throw invalid('is not a URL', cause);
  }
  if (url.protocol !== 'https:' && url.protocol !== 'http:') throw invalid('is not an http(s) URL');
  if (url.username !== '' || url.password !== '') throw invalid('must not hold a user or password');
  if (url.search !== '' || url.hash !== '') throw invalid('must not have a query or fragment');
  return url;
}

/** The address bar of Lightning and Setup shows hosts that serve no token endpoint. */
function correctLightning(url: URL): boolean {
  const suffix = /\.(lightning\.force\.com|my\.salesforce-setup\.com)$/;
  if (!suffix.test(url.hostname)) return false;
  url.hostname = url.hostname.replace(suffix, '.my.salesforce.com');
  url.pathname = '/';
  return true;
}
