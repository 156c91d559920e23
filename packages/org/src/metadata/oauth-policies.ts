/** ExtlClntAppOauthConfigurablePolicies: who may use an external client app, and for how long. */

import type { ClientApp } from '../directory/client-app.ts';
import type { IpRelaxation } from '../policies/ip-ranges.ts';
import type { RefreshTokenPolicy } from '../policies/refresh-token.ts';
import { jwtTimeoutChoices, sessionTimeoutLimits } from '../policies/session-timeout.ts';
import { assignExactly, assignedNames, namesOf } from './app-access-list.ts';
import { numberOf, textOf } from './component.ts';
import type { ComponentFields } from './component.ts';
import { DeployProblem, shortened } from './deploy-problem.ts';
import { requireAny, requireDeveloperName } from './component-store.ts';
import type { ComponentStore } from './component-store.ts';
import { endSessionsOfStrangers } from './policy-sessions.ts';
import { metadataTypes } from './metadata-type.ts';
import {
  appOfPart,
  change,
  findPart,
  idOfPart,
  keeping,
  keptElements,
  listParts,
  without,
} from './stored-app.ts';

const type = metadataTypes.oauthPolicies;
const column = '_oauthPolicyName';

const ownElements = [
  'commaSeparatedPermissionSet',
  'commaSeparatedProfile',
  'externalClientApplication',
  'ipRelaxationPolicyType',
  'namedUserJwtTimeout',
  'permittedUsersPolicyType',
  'refreshTokenPolicyType',
  'refreshTokenValidityPeriod',
  'refreshTokenValidityUnit',
  'sessionTimeoutInMinutes',
];

const ipRelaxations: Readonly<Record<string, IpRelaxation>> = {
  Enforce: 'enforce',
  Bypass: 'bypass',
  Bypass_2factor: 'bypass2factor',
  Enforce_RelaxRefresh: 'enforceRelaxRefresh',
};

const refreshTokenPolicies: Readonly<Record<string, RefreshTokenPolicy>> = {
  Infinite: 'infinite',
  Zero: 'zero',
  SpecificLifetime: 'specificLifetime',
  SpecificInactivity: 'specificInactivity',
};

const hoursOf: Readonly<Record<string, number>> = { Hours: 1, Days: 24, Months: 24 * 30 };

export function keyOfValue<Value>(entries: Readonly<Record<string, Value>>, value: Value): string {
  return Object.keys(entries).find((key) => entries[key] === value) ?? '';
}

const defaults = {
  isClientCredentialsFlowEnabled: false,
  isGuestCodeCredFlowEnabled: false,
  isTokenExchangeFlowEnabled: false,
  requiredSessionLevel: 'STANDARD',
};

export const oauthPolicies: ComponentStore = {
  type,
  list: (call) => listParts(column, call),
  read(fullName, call) {
    const one = findPart(column, fullName, call);
    if (one === undefined) return undefined;
    const { app } = one;
    const { permissionSets, profiles } = assignedNames(app, call);
    return {
      ...defaults,
      label: fullName,
      ...keptElements(one, type.name),
      commaSeparatedPermissionSet: permissionSets.join(', '),
      commaSeparatedProfile: profiles.join(', '),
      externalClientApplication: app.apiName,
      ipRelaxationPolicyType: keyOfValue(ipRelaxations, app.ipRelaxation),
      permittedUsersPolicyType:
        app.permittedUsers === 'adminApproved' ? 'AdminApprovedPreAuthorized' : 'AllSelfAuthorized',
      ...refreshTokenElements(app),
      ...(app.sessionTimeoutMinutes === undefined
        ? {}
        : { sessionTimeoutInMinutes: app.sessionTimeoutMinutes }),
      ...(app.jwtTimeoutMinutes === undefined
        ? {}
        : { namedUserJwtTimeout: app.jwtTimeoutMinutes }),
    };
  },
  deploy(fullName, fields, call) {
    requireAny(call, 'ExternalClientAppAdmin');
    requireDeveloperName(fullName, 'Developer Name');
    const one = appOfPart(column, fullName, fields, call);
    const { app } = one;
    const access = namesOf(
      {
        permissionSets: commaSeparated(fields, 'commaSeparatedPermissionSet'),
        profiles: commaSeparated(fields, 'commaSeparatedProfile'),
      },
      call,
    );
    const permittedUsers =
      textOf(fields, 'permittedUsersPolicyType') === 'AdminApprovedPreAuthorized'
        ? 'adminApproved'
        : 'selfAuthorize';
    const values = {
      _oauthPolicyName: fullName,
      _permittedUsers: permittedUsers,
      _ipRelaxation: ipRelaxationOf(fields),
      ...refreshTokenColumns(fields),
      _sessionTimeoutMinutes: requireTimeout(numberOf(fields, 'sessionTimeoutInMinutes')) ?? null,
      _jwtTimeoutMinutes: requireJwtTimeout(fields) ?? null,
      ...keeping(one, type.name, { ...defaults, ...without(fields, ownElements) }),
    };
    const isNew = call.newApps.has(app.id) && one.row[column] === null;
    const changed = change(one, values, call);
    const given = assignExactly(app, access, call);
    if (app.permittedUsers !== permittedUsers) endSessionsOfStrangers(app, call);
    return {
      id: idOfPart(one, column),
      change: isNew ? 'created' : changed || given ? 'changed' : 'unchanged',
    };
  },
  delete() {
    throw new DeployProblem('undeletable', type.name);
  },
};

/** Undefined when the element is not there: then what is assigned stays. */
function commaSeparated(fields: ComponentFields, name: string): string[] | undefined {
  if (!(name in fields)) return undefined;
  return (textOf(fields, name) ?? '')
    .split(',')
    .map((one) => one.trim())
    .filter((one) => one !== '');
}

function ipRelaxationOf(fields: ComponentFields): IpRelaxation {
  const value = textOf(fields, 'ipRelaxationPolicyType') ?? 'Enforce';
  const relaxation = Object.hasOwn(ipRelaxations, value) ? ipRelaxations[value] : undefined;
  if (relaxation !== undefined) return relaxation;
  throw new DeployProblem('picklist', 'ipRelaxationPolicyType', shortened(value));
}

function refreshTokenElements(app: ClientApp): ComponentFields {
  const refreshTokenPolicyType = keyOfValue(refreshTokenPolicies, app.refreshTokenPolicy);
  const hours = app.refreshTokenHours;
  if (hours === undefined) return { refreshTokenPolicyType };
  const inDays = hours % 24 === 0;
  return {
    refreshTokenPolicyType,
    refreshTokenValidityPeriod: inDays ? hours / 24 : hours,
    refreshTokenValidityUnit: inDays ? 'Days' : 'Hours',
  };
}

function refreshTokenColumns(fields: ComponentFields): {
  _refreshTokenPolicy: RefreshTokenPolicy;
  _refreshTokenHours: number | null;
} {
  const policy =
    refreshTokenPolicies[textOf(fields, 'refreshTokenPolicyType') ?? 'Infinite'] ?? 'infinite';
  if (policy === 'infinite' || policy === 'zero') {
    return { _refreshTokenPolicy: policy, _refreshTokenHours: null };
  }
  const unit = textOf(fields, 'refreshTokenValidityUnit') ?? 'Days';
  const hours = Object.hasOwn(hoursOf, unit) ? hoursOf[unit] : undefined;
  if (hours === undefined) {
    throw new DeployProblem('picklist', 'refreshTokenValidityUnit', shortened(unit));
  }
  const period = numberOf(fields, 'refreshTokenValidityPeriod');
  if (period === undefined || period < 1) {
    throw new DeployProblem('required', 'refreshTokenValidityPeriod');
  }
  return { _refreshTokenPolicy: policy, _refreshTokenHours: period * hours };
}

/** @throws DeployProblem */
export function requireTimeout(minutes: number | undefined): number | undefined {
  const { minimum, maximum } = sessionTimeoutLimits;
  if (minutes === undefined || (minutes >= minimum && minutes <= maximum)) return minutes;
  throw new DeployProblem('range', 'Session Timeout', minutes, `${minimum} to ${maximum} minutes`);
}

function requireJwtTimeout(fields: ComponentFields): number | undefined {
  const minutes = numberOf(fields, 'namedUserJwtTimeout');
  if (minutes === undefined || jwtTimeoutChoices.some((choice) => choice === minutes)) {
    return minutes;
  }
  throw new DeployProblem('range', 'namedUserJwtTimeout', minutes, jwtTimeoutChoices.join(', '));
}
