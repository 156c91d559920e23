/**
 * What a person typed as login URL becomes two separate values: where the token request goes, and
 * what the assertion names as its audience. Welding them together is why clients fail on
 * GovCloud, on sites and on sandboxes.
 */

import { ClientError } from './errors.ts';
import type { SentAssertion } from './errors.ts';

export interface LoginUrl {
  /** Where the token request goes. */
  readonly tokenEndpoint: string;
  /** The `aud` claim. */
  readonly audience: string;
  /** What was corrected, in words for a person. */
  readonly warnings: readonly string[];
}

/** Hosts that never leave this machine (RFC 6761 section 6.3): plain http is accepted for them. */
const loopbackHost = /^(localhost|127(\.\d{1,3}){3}|\[::1\]|.+\.localhost)$/;

const tokenPath = '/services/oauth2/token';

const production = 'https://login.salesforce.com';
const sandbox = 'https://test.salesforce.com';

/** One kind of host: how it is told, and what is particular about it. */
interface HostKind {
  readonly host: RegExp;
  /** The host that serves the token endpoint, where the address bar shows another. */
  readonly servedBy?: string;
  /** Whether a path belongs to the address, as with sites. */
  readonly hasPath?: true;
  /** The audience, where it is not the address itself. */
  readonly audience?: (host: string) => string;
  readonly warning?: string;
}

/** A name of an org, with a sandbox after two dashes, and what kind of org it is. */
const org = String.raw`([\w-]+?)`;
const kind = String.raw`((?:\.(?:sandbox|develop|scratch|trailblaze|patch|demo|free|malware|mist|pc-rnd|stm|dev|test\d*))?)`;

/**
 * The first row that fits decides. Hosts that are not in the table are taken as they are: a proxy
 * of somebody's own, a local org.
 */
const hostKinds: readonly HostKind[] = [
  { host: /^(?:login|test)\.salesforce\.com$/ },
  // GovCloud: its My Domain alone serves the endpoint, and the audience stays the generic one.
  {
    host: /\.my\.salesforce\.mil$/,
    audience: (host) => (host.includes('--') ? sandbox : production),
  },
  { host: /\.my\.(?:salesforce\.com|sfcrmproducts\.cn)$/ },
  // Sites of Experience Cloud, before and after enhanced domains; the site is in the path.
  { host: /\.my\.site\.(?:com|mil)$/, hasPath: true },
  // The user interface: Lightning, Setup, Visualforce, files.
  {
    host: new RegExp(`^${org}${kind}\\.lightning\\.(?:force|salesforce)\\.com$`),
    servedBy: '$1$2.my.salesforce.com',
  },
  {
    host: new RegExp(`^${org}${kind}\\.lightning\\.force\\.mil$`),
    servedBy: '$1$2.my.salesforce.mil',
  },
  {
    host: new RegExp(`^${org}${kind}\\.lightning\\.sfcrmapps\\.cn$`),
    servedBy: '$1$2.my.sfcrmproducts.cn',
  },
  {
    host: new RegExp(`^${org}${kind}\\.my\\.salesforce-setup\\.com$`),
    servedBy: '$1$2.my.salesforce.com',
  },
  {
    host: new RegExp(
      `^${org}--[a-z]\\w{0,14}${kind}\\.(?:vf\\.force|visual\\.force|visualforce)\\.com$`,
    ),
    servedBy: '$1$2.my.salesforce.com',
  },
  {
    host: new RegExp(
      `^${org}${kind}\\.(?:file|builder|preview|livepreview)\\.(?:force|salesforce-experience)\\.com$`,
    ),
    servedBy: '$1$2.my.salesforce.com',
  },
  // Sites under their former name.
  { host: /\.force\.com$/, hasPath: true },
  {
    host: /^(?:(?:na|eu|ap|um|gs|cs|usa|ind|swe|deu|fra|can|bra|aus|gbr|jpn|sgp|kor|che|isr|are|idn|ita|esp)\d+\w*)\.salesforce\.com$/,
    warning: 'an instance is not where an org is reached today: use its My Domain',
  },
];

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
  const shown = kindOf(url);
  if (shown?.servedBy !== undefined) {
    url.hostname = url.hostname.replace(shown.host, shown.servedBy);
    url.pathname = '/';
    warnings.push(
      `${shortened(typed)} is an address of the user interface; ${url.origin} is used in its place`,
    );
  }
  const row = kindOf(url);
  if (row?.warning !== undefined) warnings.push(`${url.host}: ${row.warning}`);
  const path = url.pathname.replace(/(?:\/+services\/oauth2\/token)*\/*$/, '');
  const keepsPath = row === undefined || row.hasPath === true;
  if (!keepsPath && path !== '') {
    warnings.push(`The path ${path} does not belong to a login URL and is left out`);
  }
  const base = url.origin + (keepsPath ? path : '');
  return {
    tokenEndpoint: base + tokenPath,
    audience: audience ?? row?.audience?.(url.hostname) ?? base,
    warnings,
  };
}

/**
 * Which pair of token endpoint and audience to try, after Salesforce refused this one. A
 * suggestion for a person: no request goes to a host that nobody named.
 */
export function suggestPair({ tokenEndpoint, audience }: SentAssertion): string {
  const { hostname, origin } = new URL(tokenEndpoint);
  const sent = `Token endpoint ${tokenEndpoint} and audience ${audience} were sent`;
  if (/^(?:login|test)\.salesforce\.com$/.test(hostname)) {
    return audience === origin
      ? `${sent}; try the My Domain of the org as login URL, with the audience that follows from it.`
      : `${sent}; try ${origin} as audience, or the My Domain of the org as login URL.`;
  }
  const generic = hostname.includes('--') || hostname.includes('.sandbox.') ? sandbox : production;
  const base = tokenEndpoint.slice(0, -tokenPath.length);
  return audience === base
    ? `${sent}; try ${generic} as audience with the same login URL.`
    : `${sent}; try ${base} as audience: leave the audience out.`;
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

function kindOf({ hostname }: URL): HostKind | undefined {
  // Trying every row on it would be the most expensive part of a connection to a local org.
  if (loopbackHost.test(hostname)) return undefined;
  return hostKinds.find(({ host }) => host.test(hostname));
}

function parseUrl(typed: string): URL {
  const trimmed = typed.trim();
  const hasScheme = /^[a-z][a-z0-9+.-]*:\/\//i.test(trimmed);
  const scheme = loopbackHost.test(trimmed.replace(/(:\d+)?(\/.*)?$/, '')) ? 'http' : 'https';
  const invalid = (reason: string, cause?: unknown): ClientError =>
    new ClientError('LOGIN_URL_INVALID', `The login URL "${shortened(typed)}" ${reason}`, {
      cause,
      hints: ['Use your My Domain, for example https://acme.my.salesforce.com'],
    });
  let url: URL;
  try {
    url = new URL(hasScheme ? trimmed : `${scheme}://${trimmed}`);
  } catch {
    throw invalid('is not a URL');
  }
  if (url.protocol !== 'https:' && url.protocol !== 'http:') throw invalid('is not an http(s) URL');
  if (url.username !== '' || url.password !== '') throw invalid('must not hold a user or password');
  if (!hasScheme && !url.hostname.includes('.') && !loopbackHost.test(url.hostname)) {
    throw invalid('is not the name of a host');
  }
  if (/^(?:www\.|help\.|developer\.)?salesforce\.com$/.test(url.hostname)) {
    throw invalid('is Salesforce’s website, where no org signs in');
  }
  // Copied from an address bar: what follows says where the browser was, not where to sign in.
  url.search = '';
  url.hash = '';
  return url;
}

/** As much of it as a message may show: a query copied from a browser can hold a session. */
function shortened(typed: string): string {
  return typed
    .trim()
    .replace(/[?#][^]*$/, '')
    .replace(/^([a-z][a-z0-9+.-]*:\/*|\/*)[^/@]*@/i, '$1');
}
