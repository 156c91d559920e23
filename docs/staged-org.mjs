/**
 * An org with something on every page of Setup, and the addresses of the pages: for the pictures in
 * docs/images and for the figures of `npm run bench:pages`.
 */

import { createClock, createOrg } from '@sfjwt/org';
import { connect, milliseconds } from '@sfjwt/client';
import { createCertificate, createKeyPair } from '@sfjwt/setup';

/** @returns {Promise<{ org: import('@sfjwt/org').Org, pages: Readonly<Record<string, string>> }>} */
export async function staged() {
  const clock = createClock(() => Date.UTC(2026, 10, 25, 9, 30));
  const org = await createOrg({ clock });
  await org.listen({ port: 0 });
  const { privateKey, privateKeyPem } = await createKeyPair();
  const ownClock = { now: () => milliseconds(clock.now()) };
  const { pem } = await createCertificate({ privateKey, clock: ownClock });
  const consumerKey = `3MVG9${'LocalOrgExample'.repeat(5)}12345`;
  const app = org.clientApps.create({
    kind: 'connectedApp',
    name: 'Nightly Sync',
    contactEmail: 'ops@example.org',
    consumerKey,
    scopes: ['api', 'refresh_token'],
    permittedUsers: 'adminApproved',
  });
  const other = org.clientApps.create({
    name: 'Data Export',
    contactEmail: 'ops@example.org',
    consumerKey: `3MVG9${'DataExportExample'.repeat(4)}12345`,
    scopes: ['api'],
  });
  const consent = new URLSearchParams({
    response_type: 'code',
    client_id: other.consumerKey,
    redirect_uri: 'http://localhost/',
    code_challenge: 'x'.repeat(43),
  });
  org.clientApps.uploadCertificate(app, pem);
  const username = 'integration@local-org.example';
  const signIn = () =>
    connect({
      clientId: consumerKey,
      username,
      privateKey: privateKeyPem,
      loginUrl: org.url,
      clock: ownClock,
    });
  // Refused first, then let in: Login History has both.
  await signIn()
    .token()
    .catch(() => undefined);
  org.clientApps.assignProfile(app, org.profiles.get('Minimum Access - API Only Integrations'));
  await signIn().token();

  const setup = '/lightning/setup';
  const appPages = `${setup}/ConnectedApplication/${app.id}`;
  const user = org.users.get(username);
  const profile = org.profiles.get('Minimum Access - API Only Integrations');
  const permissionSet = org.permissionSets.create({ label: 'Nightly Sync Access' });
  const attempt = org.loginHistory.list().find(({ status }) => status !== 'Success');
  const [request] = org.requests.list({ path: 'token' });
  /** Name of the page -> its address. */
  const pages = {
    login: '/login',
    home: '/',
    consent: `/services/oauth2/authorize?${consent.toString()}`,
    'setup-home': `${setup}/SetupOneHome/home`,
    'app-manager': `${setup}/NavigationMenus/home`,
    'external-client-app-manager': `${setup}/ManageExternalClientApplication/home`,
    'new-connected-app': `${setup}/NavigationMenus/new`,
    'new-external-client-app': `${setup}/ManageExternalClientApplication/new`,
    view: `${appPages}/view`,
    edit: `${appPages}/edit`,
    delete: `${appPages}/delete`,
    manage: `${appPages}/manage`,
    'edit-policies': `${appPages}/policies`,
    'application-profile-assignment': `${appPages}/profiles`,
    'application-permission-set-assignment': `${appPages}/permission-sets`,
    'connected-apps-oauth-usage': `${setup}/ConnectedAppsUsage/home`,
    'connected-app-users-usage': `${setup}/ConnectedAppsUsage/home/${app.id}`,
    users: `${setup}/ManageUsers/home`,
    'new-user': `${setup}/ManageUsers/home/new`,
    user: `${setup}/ManageUsers/home/${user.id}`,
    'edit-user': `${setup}/ManageUsers/home/${user.id}/edit`,
    profiles: `${setup}/EnhancedProfiles/home`,
    'clone-profile': `${setup}/EnhancedProfiles/home/new`,
    profile: `${setup}/EnhancedProfiles/home/${profile.id}`,
    'permission-sets': `${setup}/PermSets/home`,
    'new-permission-set': `${setup}/PermSets/home/new`,
    'permission-set': `${setup}/PermSets/home/${permissionSet.id}`,
    'session-management': `${setup}/SessionManagement/home`,
    'login-history': `${setup}/OrgLoginHistory/home`,
    'login-attempt': `${setup}/OrgLoginHistory/home/${attempt?.id}`,
    'certificates-in-use': `${setup}/CertificatesAndKeysManagement/home`,
    'setup-audit-trail': `${setup}/SecurityEvents/home`,
    'request-monitor': `${setup}/LocalOrgRequests/home`,
    request: `${setup}/LocalOrgRequests/home/${request?.number}`,
    'clock-and-faults': `${setup}/LocalOrgControl/home`,
  };
  return { org, pages };
}
