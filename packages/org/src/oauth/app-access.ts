/** What a client app has to allow before a user is given a token through it. */

import type { ClientApp } from '../directory/client-app.ts';
import type { User } from '../directory/user.ts';
import type { OrgContext } from '../org-context.ts';
import { notAdminApproved, notApproved, permittedUsers } from '../policies/permitted-users.ts';
import { grantedScopes } from '../policies/scopes.ts';
import type { Rule, Trace } from '../trace.ts';
import type { CalledHost } from './called-host.ts';

interface Asking {
  context: OrgContext;
  trace: Trace;
}

export const installed: Rule = {
  name: 'external client app is installed, and asked for at My Domain',
  source: 'public reports of 2026: app_not_found at login.salesforce.com and test.salesforce.com',
  refusal: {
    error: 'app_not_found',
    description: 'External client app is not installed in this org',
    loginStatus: 'Failed: External Client App Not Found',
  },
};

export function requireInstalled(
  { trace, called }: { trace: Trace; called: CalledHost },
  app: ClientApp,
): void {
  if (app.kind === 'externalClientApp' && called.kind !== 'myDomain') {
    throw trace.refuse(
      installed,
      'the token endpoint of the My Domain of the org',
      `${called.kind}, where external client apps are not known`,
    );
  }
  if (app.kind === 'externalClientApp' && !app.isInstalled) {
    throw trace.refuse(
      installed,
      'an app that is installed in this org',
      'uninstalled under Connected Apps OAuth Usage',
    );
  }
  trace.pass(installed, app.kind === 'connectedApp' ? 'a connected app' : 'installed, My Domain');
}

export const enabledApp: Rule = {
  name: 'app is enabled and not blocked',
  source:
    'public reports of the authorize endpoint: OAUTH_APP_BLOCKED; not seen at the token endpoint',
  assumption: true,
  refusal: {
    error: 'OAUTH_APP_BLOCKED',
    description: 'this app is blocked by admin',
    loginStatus: 'Failed: App Blocked',
  },
};

export function requireEnabled({ trace }: Pick<Asking, 'trace'>, app: ClientApp): void {
  if (app.isBlocked || !app.isEnabled || !app.isOauthPluginEnabled) {
    throw trace.refuse(
      enabledApp,
      'an app that is enabled and not blocked',
      app.isBlocked
        ? 'blocked under Connected Apps OAuth Usage'
        : `disabled in its policies${app.isEnabled ? ' (OAuth plugin)' : ''}`,
    );
  }
  trace.pass(enabledApp, 'enabled, not blocked');
}

export const permitted: Rule = {
  name: 'user may use the app',
  source: 'Salesforce Help, Manage OAuth Access Policies: Permitted Users',
  refusal: notAdminApproved,
  otherRefusals: [notApproved],
};

export function requirePermission(
  { context, trace }: Asking,
  app: ClientApp,
  user: User,
): readonly string[] {
  // Of an app that was deployed just now there are two: as it is, and as it was before.
  const key = `permission ${app.id} ${user.id} ${app.permittedUsers} ${app.scopes.join(' ')}`;
  const permission = context.memory.recall(key, () => permittedUsers(app, user, context));
  if (!permission.allowed) {
    const { refusal, expected, found } = permission;
    throw trace.refuse(permitted, expected, found, refusal);
  }
  trace.pass(permitted, permission.found);
  return permission.scopes;
}

export const usableScopes: Rule = {
  name: 'app has a scope to give',
  source: 'Salesforce Help: at least one scope besides refresh_token is needed',
  refusal: {
    error: 'invalid_grant',
    description: 'no valid scopes defined',
    loginStatus: 'Failed: No Valid Scopes',
  },
};

export function requireScopes(
  { trace }: Pick<Asking, 'trace'>,
  app: ClientApp,
  approved: readonly string[],
): string[] {
  const scopes = grantedScopes(approved);
  if (scopes.length === 0) {
    throw trace.refuse(
      usableScopes,
      'a scope besides refresh_token, such as api',
      app.scopes.join(' ') || 'no scopes',
    );
  }
  trace.pass(usableScopes, scopes.join(' '));
  return scopes;
}
