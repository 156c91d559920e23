/**
 * The audiences an org takes: the login host of its personality, and the URL of the org itself,
 * which stands for My Domain. Production and sandbox differ, so that a wrong pair shows.
 */

import type { CalledHost } from './called-host.ts';

export type OrgKind = 'production' | 'sandbox';

const loginHosts: Readonly<Record<OrgKind, string>> = {
  production: 'https://login.salesforce.com',
  sandbox: 'https://test.salesforce.com',
};

/** @param url origin under which the org is reached */
export function acceptedAudiences(kind: OrgKind, url: string): readonly string[] {
  return [url, loginHosts[kind]];
}

export interface AudienceContext {
  kind: OrgKind;
  /** Origin under which the org is reached. */
  url: string;
  called: CalledHost;
  /** Path of the Experience Cloud site whose token endpoint was called. */
  sitePath: string | undefined;
  /** Name of the My Domain that the org stands in for. */
  myDomain?: string | undefined;
}

/** The real My Domain of this name, which a client that is set up for it names as audience. */
function myDomainUrl(name: string, kind: OrgKind): string {
  return `https://${name}${kind === 'sandbox' ? '.sandbox' : ''}.my.salesforce.com`;
}

/**
 * What this request may name as its audience. The generic hosts know no org and take their own
 * names; a site takes its own URL; My Domain takes itself and the login host of the org.
 */
export function audiencesOfRequest(context: AudienceContext): readonly string[] {
  const { kind, url, called, sitePath, myDomain } = context;
  const origins = [...new Set([called.origin ?? url, url])];
  if (sitePath !== undefined) return origins.map((origin) => `${origin}/${sitePath}`);
  switch (called.kind) {
    case 'login':
      return [...origins.slice(0, 1), loginHosts.production];
    case 'test':
      return [...origins.slice(0, 1), loginHosts.sandbox];
    case 'myDomain':
      return [
        ...origins,
        ...(myDomain === undefined ? [] : [myDomainUrl(myDomain, kind)]),
        loginHosts[kind],
      ];
  }
}

/** The Salesforce CLI sends a trailing slash, and Salesforce takes it. */
export function isAccepted(audience: string, accepted: readonly string[]): boolean {
  return accepted.includes(audience.replace(/\/$/, ''));
}
