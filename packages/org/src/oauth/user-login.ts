/** What every login of a user has to pass, whichever flow it comes by. */

import type { ClientApp } from '../directory/client-app.ts';
import type { ProfilePolicies } from '../directory/profile.ts';
import type { User } from '../directory/user.ts';
import type { OrgContext } from '../org-context.ts';
import { ipRelaxationLabels, isInRanges } from '../policies/ip-ranges.ts';
import { judgeLoginHours } from '../policies/login-hours.ts';
import { currentSettings, profilePolicies } from '../policies/standing.ts';
import type { Rule, Trace } from '../trace.ts';

export interface Login {
  context: OrgContext;
  trace: Trace;
  sourceIp: string;
  /** By a refresh token, for which an app may relax IP restrictions. */
  isRefresh?: boolean;
}

const activeUser: Rule = {
  name: 'user is active',
  source: 'Salesforce Help, OAuth Error Codes (older list): inactive_user',
  refusal: {
    error: 'inactive_user',
    description: 'user is inactive',
    loginStatus: 'User is inactive',
  },
};

function requireActive({ trace }: Login, user: User): void {
  if (!user.isActive) {
    throw trace.refuse(activeUser, 'an active user', 'the user is deactivated');
  }
  trace.pass(activeUser, 'active');
}

const unfrozenUser: Rule = {
  name: 'user is not frozen',
  source: 'Salesforce Help, Freeze or Unfreeze User Accounts; answered like an inactive user',
  assumption: true,
  refusal: {
    error: 'inactive_user',
    description: 'user is inactive',
    loginStatus: 'User is frozen',
  },
};

function requireUnfrozen({ trace }: Login, user: User): void {
  if (user.isFrozen) {
    throw trace.refuse(unfrozenUser, 'a user who is not frozen', 'the user is frozen');
  }
  trace.pass(unfrozenUser, 'not frozen');
}

const allowedAddress: Rule = {
  name: 'address is in the login IP ranges of the profile, unless the app relaxes them',
  source:
    'Salesforce Help, Manage OAuth Access Policies: IP Relaxation; public reports of the sentence',
  refusal: { error: 'invalid_grant', description: 'ip restricted', loginStatus: 'Restricted IP' },
};

function requireAddress(
  { trace, sourceIp, isRefresh = false }: Login,
  { ipRelaxation }: Pick<ClientApp, 'ipRelaxation'>,
  { loginIpRanges }: ProfilePolicies,
): void {
  // A second factor cannot be asked for here, so that choice relaxes nothing.
  if (ipRelaxation === 'bypass' || (ipRelaxation === 'enforceRelaxRefresh' && isRefresh)) {
    trace.pass(allowedAddress, ipRelaxationLabels[ipRelaxation]);
    return;
  }
  if (!isInRanges(sourceIp, loginIpRanges)) {
    throw trace.refuse(
      allowedAddress,
      loginIpRanges.map((range) => `${range.startAddress} to ${range.endAddress}`).join(', '),
      `${sourceIp}; ${ipRelaxationLabels[ipRelaxation]}`,
    );
  }
  trace.pass(
    allowedAddress,
    loginIpRanges.length === 0 ? 'the profile has no ranges' : `${sourceIp} is in a range`,
  );
}

const allowedHours: Rule = {
  name: 'time is within the login hours of the profile',
  source: 'Salesforce Help, OAuth Error Codes (older list): IP restricted or invalid login hours',
  refusal: {
    error: 'invalid_grant',
    description: 'IP restricted or invalid login hours',
    loginStatus: 'Restricted time',
  },
};

function requireLoginHours({ trace, context }: Login, profile: ProfilePolicies): void {
  const { allowed, hours, found } = judgeLoginHours(profile.loginHours, context.clock.now());
  if (!allowed) {
    throw trace.refuse(allowedHours, hours, found);
  }
  trace.pass(allowedHours, `${found}; allowed: ${hours}`);
}

const allowedRate: Rule = {
  name: 'user has logins left in this hour',
  source: 'public reports: 3,600 logins per user and hour, sliding; every token request counts',
  refusal: {
    error: 'invalid_grant',
    description: 'login rate exceeded',
    loginStatus: 'Login rate exceeded',
  },
};

function requireLoginRate({ trace, context }: Login, user: User): void {
  const { loginsPerHour } = currentSettings(context);
  const logins = context.loginRate.lastHour(user.id);
  if (logins >= loginsPerHour) {
    throw trace.refuse(
      allowedRate,
      `fewer than ${loginsPerHour} logins in the last hour`,
      `${logins} logins`,
    );
  }
  trace.pass(allowedRate, `${logins} of ${loginsPerHour}`);
}

/** Throws what the trace returns when the user may not log in at all. */
export function requireUsable(login: Login, user: User): void {
  requireActive(login, user);
  requireUnfrozen(login, user);
}

/** Throws what the trace returns when the user may not log in from here, now, or once more. */
export function requireAllowed(
  login: Login,
  app: Pick<ClientApp, 'ipRelaxation'>,
  user: User,
): void {
  const profile = profilePolicies(user, login.context);
  requireAddress(login, app, profile);
  requireLoginHours(login, profile);
  requireLoginRate(login, user);
}

export const usableUserRules: readonly Rule[] = [activeUser, unfrozenUser];
export const allowedLoginRules: readonly Rule[] = [allowedAddress, allowedHours, allowedRate];
