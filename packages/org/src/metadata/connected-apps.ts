/** ConnectedApp: everything of the older kind of client app in one file. */

import { detailNames } from '../directory/client-app-details.ts';
import { orgSettings } from '../directory/organization.ts';
import type { IpRelaxation } from '../policies/ip-ranges.ts';
import type { RefreshTokenPolicy } from '../policies/refresh-token.ts';
import type { Values } from '../store/records.ts';
import { assignExactly, assignedNames, namesOf } from './app-access-list.ts';
import { certificateOf, certificateText } from './app-certificate.ts';
import { flagOf, groupOf, listOf, numberOf, textOf } from './component.ts';
import type { ComponentFields } from './component.ts';
import { DeployProblem, shortened } from './deploy-problem.ts';
import {
  nothingToDelete,
  requireAny,
  requireDeveloperName,
  requireLength,
} from './component-store.ts';
import type { ComponentStore, MetadataCall } from './component-store.ts';
import { mayReadCredentials, requireFreeKey } from './consumer-credentials.ts';
import { detailColumns } from './detail-columns.ts';
import { deployed, requireEmail } from './external-client-application.ts';
import { requireCallbackUrl } from './global-oauth-settings.ts';
import { metadataTypes } from './metadata-type.ts';
import { keyOfValue, requireTimeout } from './oauth-policies.ts';
import { toMetadataScopes, toWireScopes } from './oauth-settings.ts';
import { endSessionsOfStrangers } from './policy-sessions.ts';
import {
  change,
  entryOf,
  findApp,
  keeping,
  keptElements,
  listApps,
  without,
} from './stored-app.ts';
import type { StoredApp } from './stored-app.ts';

const type = metadataTypes.connectedApp;

const ipRelaxations: Readonly<Record<string, IpRelaxation>> = {
  ENFORCE: 'enforce',
  BYPASS: 'bypass',
  BYPASS_2FACTOR: 'bypass2factor',
  ENFORCE_RELAX_REFRESH: 'enforceRelaxRefresh',
};

const refreshTokenPolicies: Readonly<Record<string, RefreshTokenPolicy>> = {
  infinite: 'infinite',
  zero: 'zero',
  specific_lifetime: 'specificLifetime',
  specific_inactivity: 'specificInactivity',
};

const ownElements = [
  ...detailNames,
  'contactEmail',
  'label',
  'oauthConfig',
  'oauthPolicy',
  'permissionSetName',
  'profileName',
  'sessionPolicy',
];

const ownOauthElements = [
  'callbackUrl',
  'consumerKey',
  'consumerSecret',
  'isAdminApproved',
  'isConsumerSecretOptional',
  'isIntrospectAllTokens',
  'isNamedUserJwtEnabled',
  'isPkceRequired',
];

export const connectedApps: ComponentStore = {
  type,
  list: (call) =>
    listApps('connectedApp', call).map((one) => entryOf(one, one.app.apiName, one.app.id)),
  read(fullName, call) {
    const one = findApp('connectedApp', fullName, call);
    if (one === undefined) return undefined;
    const { app } = one;
    const { permissionSets, profiles } = assignedNames(app, call);
    return {
      ...without(keptElements(one, type.name), ['oauthConfig']),
      ...Object.fromEntries(detailNames.map((name) => [name, app[name]])),
      contactEmail: app.contactEmail,
      label: app.name,
      ...(app.isOauthEnabled ? oauthElements(one, call) : {}),
      permissionSetName: permissionSets,
      profileName: profiles,
      ...(app.sessionTimeoutMinutes === undefined
        ? {}
        : { sessionPolicy: { sessionTimeout: app.sessionTimeoutMinutes } }),
    };
  },
  deploy(fullName, fields, call) {
    requireAny(call, 'ManageRemoteAccess', 'CustomizeApplication');
    requireDeveloperName(fullName, 'Connected App Name');
    requireLength(textOf(fields, 'label'), 'Label', 80);
    requireEmail(textOf(fields, 'contactEmail') ?? '');
    const access = namesOf(
      {
        permissionSets: names(fields, 'permissionSetName'),
        profiles: names(fields, 'profileName'),
      },
      call,
    );
    const details = detailColumns(fields, detailNames);
    const before = findApp('connectedApp', fullName, call);
    const oauth = oauthColumns(fields, before, call);
    const policies = policyColumns(fields);
    const id = before?.app.id ?? create(fullName, fields, call);
    const one = findApp('connectedApp', fullName, call);
    if (one === undefined) throw nothingToDelete(type.name, fullName);
    const kept = {
      ...without(fields, ownElements),
      oauthConfig: without(groupOf(fields, 'oauthConfig') ?? {}, ownOauthElements),
    };
    const changed = change(
      one,
      {
        _name: textOf(fields, 'label') ?? '',
        _contactEmail: textOf(fields, 'contactEmail') ?? '',
        ...details,
        ...oauth,
        ...policies,
        ...keeping(one, type.name, kept),
      },
      call,
    );
    const given = assignExactly(one.app, access, call);
    if (before !== undefined && before.app.permittedUsers !== oauth['_permittedUsers']) {
      endSessionsOfStrangers(one.app, call);
    }
    return { id, change: deployed(before === undefined, changed || given) };
  },
  delete(fullName, call) {
    requireAny(call, 'ManageRemoteAccess', 'CustomizeApplication');
    const one = findApp('connectedApp', fullName, call);
    if (one === undefined) throw nothingToDelete(type.name, fullName);
    call.directory.clientApps.delete(one.app);
    return { id: one.app.id };
  },
};

function oauthElements(one: StoredApp, call: MetadataCall): ComponentFields {
  const { app } = one;
  const kept = groupOf(keptElements(one, type.name), 'oauthConfig') ?? {};
  return {
    oauthConfig: {
      ...kept,
      callbackUrl: app.callbackUrl,
      certificate: certificateText(app.certificate, textOf(kept, 'certificate')),
      consumerKey: app.consumerKey,
      // A secret leaves the org only where both switch and permission open it.
      consumerSecret: mayReadCredentials(call) ? app.consumerSecret : '',
      isAdminApproved: app.permittedUsers === 'adminApproved',
      isConsumerSecretOptional: app.isConsumerSecretOptional,
      isIntrospectAllTokens: app.isIntrospectAllTokens,
      isNamedUserJwtEnabled: app.jwtAccessTokens,
      isPkceRequired: app.isPkceRequired,
      scopes: toMetadataScopes(app.scopes),
    },
    oauthPolicy: {
      ipRelaxation: keyOfValue(ipRelaxations, app.ipRelaxation),
      refreshTokenPolicy: refreshTokenPolicyText(app),
    },
  };
}

/** A specific time is part of the value: `specific_lifetime:24:HOURS`. */
function refreshTokenPolicyText({
  refreshTokenPolicy,
  refreshTokenHours,
}: StoredApp['app']): string {
  const name = keyOfValue(refreshTokenPolicies, refreshTokenPolicy);
  return refreshTokenHours === undefined ? name : `${name}:${refreshTokenHours}:HOURS`;
}

/** Undefined when there is no such element: then what is assigned stays. */
function names(fields: ComponentFields, element: string): string[] | undefined {
  return element in fields ? listOf(fields, element).map(String) : undefined;
}

/** @throws DeployProblem */
function oauthColumns(
  fields: ComponentFields,
  before: StoredApp | undefined,
  call: MetadataCall,
): Values {
  const config = groupOf(fields, 'oauthConfig');
  if (config === undefined) return { _isOauthEnabled: 0, _permittedUsers: 'selfAuthorize' };
  const callbackUrl = textOf(config, 'callbackUrl');
  if (callbackUrl === undefined) throw new DeployProblem('required', 'callbackUrl');
  const consumerKey = textOf(config, 'consumerKey');
  if (consumerKey !== undefined) {
    // Create and update are two documents: a key is taken at the creation of the app alone.
    if (before !== undefined) throw new DeployProblem('consumerKeyRefused');
    requireFreeKey(consumerKey, undefined, call);
  }
  const certificate = textOf(config, 'certificate');
  return {
    _isOauthEnabled: 1,
    _callbackUrl: requireCallbackUrl(callbackUrl),
    _certificate: certificate === undefined ? null : certificateOf(certificate),
    ...(consumerKey === undefined ? {} : { _consumerKey: consumerKey }),
    _permittedUsers: flagOf(config, 'isAdminApproved') === true ? 'adminApproved' : 'selfAuthorize',
    _isConsumerSecretOptional: flagOf(config, 'isConsumerSecretOptional') ?? false,
    _isIntrospectAllTokens: flagOf(config, 'isIntrospectAllTokens') ?? false,
    _jwtAccessTokens: flagOf(config, 'isNamedUserJwtEnabled') ?? false,
    _isPkceRequired: flagOf(config, 'isPkceRequired') ?? false,
    _scopes: [...new Set(toWireScopes(listOf(config, 'scopes').map(String)))].join(' '),
  };
}

/** @throws DeployProblem */
function policyColumns(fields: ComponentFields): Values {
  const policy = groupOf(fields, 'oauthPolicy') ?? {};
  const relaxation = textOf(policy, 'ipRelaxation') ?? 'ENFORCE';
  const ipRelaxation = Object.hasOwn(ipRelaxations, relaxation)
    ? ipRelaxations[relaxation]
    : undefined;
  if (ipRelaxation === undefined) {
    throw new DeployProblem('picklist', 'ipRelaxation', shortened(relaxation));
  }
  const text = textOf(policy, 'refreshTokenPolicy') ?? 'infinite';
  const [, name = '', count, unit] =
    /^(\w+?)(?::(\d{1,5}):(HOURS|DAYS|MONTHS))?$/i.exec(text) ?? [];
  const refreshTokenPolicy = Object.hasOwn(refreshTokenPolicies, name)
    ? refreshTokenPolicies[name]
    : undefined;
  const isSpecific = name.startsWith('specific_');
  if (refreshTokenPolicy === undefined || isSpecific !== (count !== undefined)) {
    throw new DeployProblem('picklist', 'refreshTokenPolicy', shortened(text));
  }
  const hours = { hours: 1, days: 24, months: 720 }[unit?.toLowerCase() ?? ''];
  const timeout = numberOf(groupOf(fields, 'sessionPolicy') ?? {}, 'sessionTimeout');
  return {
    _ipRelaxation: ipRelaxation,
    _refreshTokenPolicy: refreshTokenPolicy,
    _refreshTokenHours: hours === undefined ? null : Number(count) * hours,
    _sessionTimeoutMinutes: requireTimeout(timeout) ?? null,
  };
}

function create(fullName: string, fields: ComponentFields, call: MetadataCall): string {
  const { context, directory } = call;
  if (orgSettings(context.database).newConnectedAppsBlocked) {
    throw new DeployProblem('connectedAppsBlocked');
  }
  const taken = context.records.find('_ClientApp', { _apiName: fullName });
  if (taken !== undefined) {
    throw new DeployProblem(
      'duplicate',
      'DeveloperName',
      `record with id: ${String(taken['Id']).slice(0, 15)}`,
    );
  }
  const { id } = directory.clientApps.create({
    kind: 'connectedApp',
    name: textOf(fields, 'label') ?? '',
    apiName: fullName,
    contactEmail: textOf(fields, 'contactEmail') ?? '',
  });
  directory.records.update('_ClientApp', id, { _deployed: context.clock.now() });
  return id;
}
