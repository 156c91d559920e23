/**
 * The audiences an org takes: the login host of its personality, and the URL of the org itself,
 * which stands for My Domain. Production and sandbox differ, so that a wrong pair shows.
 */

export type OrgKind = 'production' | 'sandbox';

const loginHosts: Readonly<Record<OrgKind, string>> = {
  production: 'https://login.salesforce.com',
  sandbox: 'https://test.salesforce.com',
};

/** @param url origin under which the org is reached */
export function acceptedAudiences(kind: OrgKind, url: string): readonly string[] {
  return [url, loginHosts[kind]];
}

/** The Salesforce CLI sends a trailing slash, and Salesforce takes it. */
export function isAccepted(audience: string, accepted: readonly string[]): boolean {
  return accepted.includes(audience.replace(/\/$/, ''));
}
