import { onTestFinished } from 'vitest';
import { createClock, createOrg } from '../src/index.ts';
import type { ClientApp, NewClientApp, Org, OrgClock, OrgOptions, User } from '../src/index.ts';
import { appKey, assertion } from './assertion.ts';
import type { AssertionChange } from './assertion.ts';

export const jwtBearer = 'urn:ietf:params:oauth:grant-type:jwt-bearer';
export const noon = Date.UTC(2026, 10, 23, 12);

export interface OrgSetting {
  org: Org;
  app: ClientApp;
  user: User;
  clock: OrgClock;
  /** The claims of an assertion that this org accepts. */
  claims: (change?: Record<string, unknown>) => Record<string, unknown>;
  /** Asks for a token with an assertion that is right but for the change. */
  ask: (change?: AssertionChange) => Promise<Response>;
  post: (
    form: Record<string, string> | string,
    headers?: Record<string, string>,
  ) => Promise<Response>;
  /** A token that works. */
  token: () => Promise<string>;
}

let unique = 0;

/** An org with one app whose user is pre-authorized by profile, and time that stands still. */
export async function orgSetting(
  options: OrgOptions = {},
  appChange: Partial<NewClientApp> = {},
): Promise<OrgSetting> {
  const clock = createClock(() => noon);
  const org = await createOrg({ clock, ...options });
  onTestFinished(() => org.close());
  const app = org.clientApps.create({
    name: 'Nightly Sync',
    contactEmail: 'ops@example.org',
    scopes: ['api', 'refresh_token'],
    permittedUsers: 'adminApproved',
    ...appChange,
  });
  org.clientApps.uploadCertificate(app, appKey.certificatePem);
  const user = org.users.create({ username: 'worker@example.org', profile: 'Standard User' });
  org.clientApps.assignProfile(app, org.profiles.get('Standard User'));

  const claims: OrgSetting['claims'] = (change = {}) => {
    unique += 1;
    return {
      iss: app.consumerKey,
      sub: user.username,
      aud: org.url,
      exp: Math.floor(clock.now() / 1000) + 180,
      jti: `jti-${unique}`,
      ...change,
    };
  };
  const post: OrgSetting['post'] = (form, headers = {}) =>
    org.fetch(
      new Request(`${org.url}/services/oauth2/token`, {
        method: 'POST',
        headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
        body: typeof form === 'string' ? form : new URLSearchParams(form).toString(),
      }),
    );
  const ask: OrgSetting['ask'] = async ({ claims: change = {}, ...rest } = {}) =>
    post({ grant_type: jwtBearer, assertion: await assertion(claims(change), rest) });
  const token: OrgSetting['token'] = async () => {
    const response = await ask();
    const body = (await response.json()) as { access_token: string };
    return body.access_token;
  };
  return { org, app, user, clock, claims, ask, post, token };
}

export function get(org: Org, path: string, token?: string): Promise<Response> {
  const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
  return org.fetch(new Request(org.url + path, { headers }));
}
