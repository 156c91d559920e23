/** The metadata that an app becomes: five components, or one of a connected app. */

import type { ResolvedApp } from '../app-specification.ts';
import type { IpRelaxation } from '../specification-schema.ts';
import { scopeOf, tokenOfScope } from '../scope-token.ts';
import type { MetadataType } from './component.ts';
import { namesOf } from './desired-component.ts';
import type { DesiredComponent, DesiredFields } from './desired-component.ts';
import { fieldsOf, textOf, textsOf } from './metadata-xml.ts';
import type { ReadFields } from './metadata-xml.ts';
import type { RetrievedComponent } from './package-archive.ts';

/** The parts of an external client app, beside the app itself. */
export const externalClientAppParts = [
  'ExtlClntAppGlobalOauthSettings',
  'ExtlClntAppOauthSettings',
  'ExtlClntAppOauthConfigurablePolicies',
  'ExtlClntAppConfigurablePolicies',
] as const satisfies readonly MetadataType[];

export type ExternalClientAppPart = (typeof externalClientAppParts)[number];

/**
 * As Salesforce names the policies that come with a new app: under another name it refuses them as
 * duplicates.
 */
const suffixes: Readonly<Record<ExternalClientAppPart, string>> = {
  ExtlClntAppGlobalOauthSettings: '_glbloauth',
  ExtlClntAppOauthSettings: '_oauth',
  ExtlClntAppOauthConfigurablePolicies: '_oauthPlcy',
  ExtlClntAppConfigurablePolicies: '_plcy',
};

function usualNameOf(part: ExternalClientAppPart, apiName: string): string {
  return apiName + suffixes[part];
}

/** What of an app is decided anew at each run. */
export interface AppMaterial {
  certificatePem: string;
  /** Sent at creation alone; the org makes one when undefined. */
  consumerKey: string | undefined;
  /** Components that the org has, by type. */
  found: ReadonlyMap<MetadataType, RetrievedComponent>;
}

const ipRelaxations: Readonly<Record<IpRelaxation, { policy: string; connectedApp: string }>> = {
  enforce: { policy: 'Enforce', connectedApp: 'ENFORCE' },
  bypass: { policy: 'Bypass', connectedApp: 'BYPASS' },
  bypassWithSecondFactor: { policy: 'Bypass_2factor', connectedApp: 'BYPASS_2FACTOR' },
  relaxRefresh: { policy: 'Enforce_RelaxRefresh', connectedApp: 'ENFORCE_RELAX_REFRESH' },
};

/** Fields that the specification names hold always, others at the beginning only. */
function split(
  fields: Readonly<Record<string, { value: DesiredFields[string]; named: boolean }>>,
): { always: DesiredFields; initially: DesiredFields } {
  const entries = Object.entries(fields);
  const pick = (named: boolean): DesiredFields =>
    Object.fromEntries(
      entries.flatMap(([field, one]) => (one.named === named ? [[field, one.value]] : [])),
    );
  return { always: pick(true), initially: pick(false) };
}

export function desiredComponents(app: ResolvedApp, material: AppMaterial): DesiredComponent[] {
  return app.kind === 'connectedApp'
    ? [desiredConnectedApp(app, material)]
    : desiredExternalClientApp(app, material);
}

function desiredExternalClientApp(app: ResolvedApp, material: AppMaterial): DesiredComponent[] {
  const { apiName, named } = app;
  const { certificatePem, consumerKey, found } = material;
  const part = (
    type: ExternalClientAppPart,
    fields: ReturnType<typeof split>,
  ): DesiredComponent => {
    const fullName = found.get(type)?.fullName ?? usualNameOf(type, apiName);
    const { always, initially } = fields;
    return {
      type,
      fullName,
      always: { externalClientApplication: apiName, ...always },
      initially: { label: fullName, ...initially },
    };
  };
  return [
    {
      type: 'ExternalClientApplication',
      fullName: apiName,
      ...split({
        label: { value: app.name, named: true },
        contactEmail: { value: app.contactEmail, named: true },
        description: { value: app.description, named: named.has('description') },
        distributionState: { value: 'Local', named: false },
        isProtected: { value: false, named: false },
      }),
    },
    part('ExtlClntAppGlobalOauthSettings', {
      always: {
        // Its presence is the switch "Enable JWT Bearer Flow".
        certificate: certificatePem,
        ...(named.has('callbackUrl') ? { callbackUrl: app.callbackUrl } : {}),
      },
      initially: {
        callbackUrl: app.callbackUrl,
        ...(consumerKey === undefined ? {} : { consumerKey }),
        isConsumerSecretOptional: false,
        isIntrospectAllTokens: false,
        isPkceRequired: true,
        isSecretRequiredForRefreshToken: true,
        shouldRotateConsumerKey: false,
        shouldRotateConsumerSecret: false,
      },
    }),
    part(
      'ExtlClntAppOauthSettings',
      split({
        commaSeparatedOauthScopes: {
          value: wantedScopes(app, found).map(tokenOfScope).join(', '),
          named: true,
        },
      }),
    ),
    part(
      'ExtlClntAppOauthConfigurablePolicies',
      split({
        permittedUsersPolicyType: {
          value:
            app.permittedUsers === 'adminApproved'
              ? 'AdminApprovedPreAuthorized'
              : 'AllSelfAuthorized',
          named: true,
        },
        ...accessLists(app, found.get('ExtlClntAppOauthConfigurablePolicies')?.fields),
        ipRelaxationPolicyType: {
          value: ipRelaxations[app.ipRelaxation].policy,
          named: named.has('ipRelaxation'),
        },
        ...(app.sessionTimeoutMinutes === undefined
          ? {}
          : { sessionTimeoutInMinutes: { value: app.sessionTimeoutMinutes, named: true } }),
        // The JWT bearer flow gives no refresh token, so none has to live.
        refreshTokenPolicyType: { value: 'Zero', named: false },
      }),
    ),
    part(
      'ExtlClntAppConfigurablePolicies',
      split({
        isEnabled: { value: true, named: true },
        isOauthPluginEnabled: { value: true, named: true },
        startPage: { value: 'None', named: false },
      }),
    ),
  ];
}

/** Whom others let in as well stays let in. */
function accessLists(
  app: ResolvedApp,
  policy: ReadFields | undefined,
): Readonly<Record<string, { value: string; named: boolean }>> {
  const list = (field: string, wanted: readonly string[]) => {
    if (wanted.length === 0) return {};
    const has = namesOf(textOf(policy, field));
    const lower = new Set(has.map((name) => name.toLowerCase()));
    const added = wanted.filter((name) => !lower.has(name.toLowerCase()));
    return { [field]: { value: [...has, ...added].join(','), named: true } };
  };
  return {
    ...list('commaSeparatedPermissionSet', app.permissionSets),
    ...list('commaSeparatedProfile', app.profiles),
  };
}

/** Scopes that nobody named are kept, if the flow can work with them. */
function wantedScopes(app: ResolvedApp, found: AppMaterial['found']): readonly string[] {
  if (app.named.has('scopes')) return app.scopes;
  const has =
    app.kind === 'connectedApp'
      ? textsOf(fieldsOf(found.get('ConnectedApp')?.fields, 'oauthConfig'), 'scopes')
      : namesOf(textOf(found.get('ExtlClntAppOauthSettings')?.fields, 'commaSeparatedOauthScopes'));
  const scopes = has.map(scopeOf);
  if (scopes.length === 0) return app.scopes;
  return scopes.includes('api') || scopes.includes('full') ? scopes : [...scopes, 'api'];
}

function desiredConnectedApp(app: ResolvedApp, material: AppMaterial): DesiredComponent {
  const { named } = app;
  const { certificatePem, consumerKey, found } = material;
  return {
    type: 'ConnectedApp',
    fullName: found.get('ConnectedApp')?.fullName ?? app.apiName,
    ...split({
      label: { value: app.name, named: true },
      contactEmail: { value: app.contactEmail, named: true },
      description: { value: app.description, named: named.has('description') },
      'oauthConfig.callbackUrl': { value: app.callbackUrl, named: named.has('callbackUrl') },
      'oauthConfig.certificate': { value: certificatePem, named: true },
      ...(consumerKey === undefined
        ? {}
        : { 'oauthConfig.consumerKey': { value: consumerKey, named: false } }),
      'oauthConfig.isAdminApproved': { value: app.permittedUsers === 'adminApproved', named: true },
      'oauthConfig.isConsumerSecretOptional': { value: false, named: false },
      'oauthConfig.scopes': { value: wantedScopes(app, found).map(tokenOfScope), named: true },
      'oauthPolicy.ipRelaxation': {
        value: ipRelaxations[app.ipRelaxation].connectedApp,
        named: named.has('ipRelaxation'),
      },
      'oauthPolicy.refreshTokenPolicy': { value: 'infinite', named: false },
      ...(app.sessionTimeoutMinutes === undefined
        ? {}
        : { 'sessionPolicy.sessionTimeout': { value: app.sessionTimeoutMinutes, named: true } }),
    }),
  };
}

/** An empty permission set that stands for "may use this app", and gives nothing else. */
export function markerPermissionSet(apiName: string, app: ResolvedApp): DesiredComponent {
  return {
    type: 'PermissionSet',
    fullName: apiName,
    always: {},
    initially: {
      label: `${app.name} Access`.slice(0, 80),
      description: markerDescription(app.apiName),
      hasActivationRequired: false,
    },
  };
}

/** By this setup knows a permission set of its own again. */
export function markerDescription(apiName: string): string {
  return `Lets its users sign in through the app ${apiName}. Made by sfjwt setup.`;
}
