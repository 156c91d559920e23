/**
 * Which of Salesforce's hosts a request was sent to. An org answers to the generic login hosts, to
 * its My Domain and to its sites, and each takes other audiences.
 */

/**
 * `login` and `test` find an org by the username; `myDomain` is the org itself, which a plain
 * loopback address stands for.
 */
export type HostKind = 'login' | 'test' | 'myDomain';

export interface CalledHost {
  kind: HostKind;
  /** Origin as it was called, when it can be one of this org's. */
  origin: string | undefined;
}

const genericHosts: Readonly<Record<string, HostKind>> = {
  'login.salesforce.com': 'login',
  'test.salesforce.com': 'test',
  'login.localhost': 'login',
  'test.localhost': 'test',
};

/** Names that a test without a socket may use; the socket itself answers to loopback names alone. */
const salesforceName = /\.(?:salesforce|site)\.com$/;
const loopbackName = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\]|[\w.-]+\.localhost)$/;

/**
 * @param requestUrl URL of the request, made of the Host header
 * @param orgUrl origin under which the org is reached
 */
export function calledHost(requestUrl: string, orgUrl: string): CalledHost {
  const { hostname, port, origin } = new URL(requestUrl);
  const kind = genericHosts[hostname] ?? 'myDomain';
  // A Host header can name any port; the audience of another org must not pass for this one's.
  const own =
    salesforceName.test(hostname) ||
    (loopbackName.test(hostname) && port === (/:(\d+)$/.exec(orgUrl)?.[1] ?? ''));
  return { kind, origin: own ? origin : undefined };
}
