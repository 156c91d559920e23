/** An org to deploy to, and the words of a client that does it over HTTP alone. */

import { unzipSync, zipSync } from 'fflate';
import { XMLParser } from 'fast-xml-parser';
import { expect } from 'vitest';
import type { Org, OrgClock, OrgOptions } from '../src/index.ts';
import { orgSetting } from './org-setting.ts';
import type { OrgSetting } from './org-setting.ts';
import { appKey } from './assertion.ts';

export const metadataPath = '/services/data/v67.0/metadata/deployRequest';

/** Path -> content. */
export type Files = Record<string, string>;

export interface ComponentMessage {
  componentType: string;
  fullName: string;
  fileName: string;
  problem?: string;
  problemType?: string;
  created: boolean;
  changed: boolean;
  deleted: boolean;
  success: boolean;
}

export interface DeployAnswer {
  id: string;
  url: string;
  deployResult: {
    status: string;
    done: boolean;
    success: boolean;
    errorMessage?: string;
    errorStatusCode?: string;
    numberComponentsTotal: number;
    numberComponentsDeployed: number;
    numberComponentErrors: number;
    details: { componentFailures: ComponentMessage[]; componentSuccesses: ComponentMessage[] };
  };
}

export interface MetadataSetting extends OrgSetting {
  clock: OrgClock;
  /** Of the administrator. */
  admin: string;
  /** Sends a deployment; the answer to that. */
  submit: (files: Files, options?: object, token?: string) => Promise<Response>;
  /** The state of a deployment. */
  poll: (id: string, token?: string) => Promise<DeployAnswer>;
  /** Both. */
  deploy: (files: Files, options?: object, token?: string) => Promise<DeployAnswer['deployResult']>;
  /** A call of the SOAP API; what is in the body of its answer. */
  soap: (body: string, token?: string) => Promise<Record<string, unknown>>;
  /** Files of the org, by path. */
  retrieve: (types: Record<string, string[]>) => Promise<Files>;
}

export async function metadataSetting(options: OrgOptions = {}): Promise<MetadataSetting> {
  const setting = await orgSetting(options);
  const { org } = setting;
  const admin = org.openSession(org.administrator);
  const submit: MetadataSetting['submit'] = (files, deployOptions = {}, token = admin) => {
    const form = new FormData();
    const all = { singlePackage: true, rollbackOnError: true, ...deployOptions };
    form.append(
      'json',
      new Blob([JSON.stringify({ deployOptions: all })], { type: 'application/json' }),
    );
    form.append('file', new Blob([zipOf(files)], { type: 'application/zip' }), 'deploy.zip');
    return org.fetch(
      new Request(org.url + metadataPath, {
        method: 'POST',
        headers: { authorization: `Bearer ${token}` },
        body: form,
      }),
    );
  };
  const poll: MetadataSetting['poll'] = async (id, token = admin) => {
    const response = await org.fetch(
      new Request(`${org.url}${metadataPath}/${id}?includeDetails=true`, {
        headers: { authorization: `Bearer ${token}` },
      }),
    );
    expect(response.status).toBe(200);
    return (await response.json()) as DeployAnswer;
  };
  const deploy: MetadataSetting['deploy'] = async (files, deployOptions, token) => {
    const response = await submit(files, deployOptions, token);
    const { id } = (await response.json()) as DeployAnswer;
    expect(response.status).toBe(201);
    return (await poll(id)).deployResult;
  };
  const soap: MetadataSetting['soap'] = async (body, token = admin) => {
    const response = await org.fetch(soapRequest(org, body, token));
    const { Envelope } = new XMLParser({
      removeNSPrefix: true,
      parseTagValue: false,
      ignoreAttributes: false,
      attributeNamePrefix: '@',
    }).parse(await response.text()) as {
      Envelope: { Body: Record<string, Record<string, unknown>> };
    };
    const [answer] = Object.values(Envelope.Body);
    return (response.ok ? answer?.['result'] : answer) as Record<string, unknown>;
  };
  const retrieve: MetadataSetting['retrieve'] = async (types) => {
    const members = Object.entries(types)
      .map(
        ([name, wanted]) =>
          `<types>${wanted.map((one) => `<members>${one}</members>`).join('')}<name>${name}</name></types>`,
      )
      .join('');
    const { id } = await soap(
      `<retrieve><retrieveRequest><apiVersion>67.0</apiVersion><singlePackage>true</singlePackage><unpackaged>${members}<version>67.0</version></unpackaged></retrieveRequest></retrieve>`,
    );
    const result = await soap(
      `<checkRetrieveStatus><asyncProcessId>${String(id)}</asyncProcessId></checkRetrieveStatus>`,
    );
    expect(result).toMatchObject({ done: 'true', status: 'Succeeded' });
    const files = unzipSync(Buffer.from(String(result['zipFile']), 'base64'));
    return Object.fromEntries(
      Object.entries(files).map(([name, content]) => [name, new TextDecoder().decode(content)]),
    );
  };
  return { ...setting, admin, submit, poll, deploy, soap, retrieve };
}

export function zipOf(files: Files): Uint8Array<ArrayBuffer> {
  const bytes = Object.entries(files).map(([path, text]) => [path, new TextEncoder().encode(text)]);
  return zipSync(Object.fromEntries(bytes) as Record<string, Uint8Array>);
}

function soapRequest({ url }: Org, body: string, token: string): Request {
  return new Request(`${url}/services/Soap/m/67.0`, {
    method: 'POST',
    headers: { 'content-type': 'text/xml', soapaction: '""' },
    body: `<?xml version="1.0" encoding="UTF-8"?>
      <soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" xmlns="http://soap.sforce.com/2006/04/metadata" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
      <soapenv:Header><SessionHeader><sessionId>${token}</sessionId></SessionHeader></soapenv:Header>
      <soapenv:Body>${body}</soapenv:Body></soapenv:Envelope>`,
  });
}

export const file = (root: string, content: string): string =>
  `<?xml version="1.0" encoding="UTF-8"?>\n<${root} xmlns="http://soap.sforce.com/2006/04/metadata">${content}</${root}>\n`;

export function manifest(types: Record<string, readonly string[]>): string {
  const lists = Object.entries(types).map(
    ([name, members]) =>
      `<types>${members.map((one) => `<members>${one}</members>`).join('')}<name>${name}</name></types>`,
  );
  return file('Package', `${lists.join('')}<version>67.0</version>`);
}

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

/** Elements of a component; one that is undefined is left out. */
export function elements(values: Record<string, string | boolean | number | undefined>): string {
  return Object.entries(values)
    .map(([name, value]) =>
      value === undefined ? '' : `<${name}>${escaped(String(value))}</${name}>`,
    )
    .join('');
}

type Values = Record<string, string | boolean | number | undefined>;

export interface AppChange {
  name?: string;
  header?: Values;
  global?: Values;
  oauth?: Values;
  oauthPolicies?: Values;
  policies?: Values;
  permissionSet?: Values;
  /** Names of the policies, where they are not those that Setup makes. */
  oauthPolicyName?: string;
  policyName?: string;
}

/** The five files of an external client app and its permission set, as public projects deploy them. */
export function externalClientApp(change: AppChange = {}): Files {
  const { name = 'Bulk_Loader' } = change;
  const { oauthPolicyName = `${name}_oauthPlcy`, policyName = `${name}_plcy` } = change;
  const app = { externalClientApplication: name };
  return {
    'package.xml': manifest({
      ExternalClientApplication: [name],
      ExtlClntAppGlobalOauthSettings: [`${name}_glbloauth`],
      ExtlClntAppOauthSettings: [`${name}_oauth`],
      ExtlClntAppOauthConfigurablePolicies: [oauthPolicyName],
      ExtlClntAppConfigurablePolicies: [policyName],
      PermissionSet: [`${name}_Access`],
    }),
    [`externalClientApps/${name}.eca`]: file(
      'ExternalClientApplication',
      elements({
        contactEmail: 'ops@example.org',
        description: 'Made by a deployment',
        distributionState: 'Local',
        isProtected: false,
        label: 'Bulk Loader',
        ...change.header,
      }),
    ),
    [`extlClntAppGlobalOauthSets/${name}_glbloauth.ecaGlblOauth`]: file(
      'ExtlClntAppGlobalOauthSettings',
      elements({
        callbackUrl: 'http://localhost:1717/OauthRedirect',
        certificate: appKey.certificatePem,
        ...app,
        isConsumerSecretOptional: false,
        isIntrospectAllTokens: false,
        isNamedUserJwtEnabled: false,
        isPkceRequired: true,
        isSecretRequiredForRefreshToken: true,
        label: `${name}_glbloauth`,
        shouldRotateConsumerKey: false,
        shouldRotateConsumerSecret: false,
        ...change.global,
      }),
    ),
    [`extlClntAppOauthSettings/${name}_oauth.ecaOauth`]: file(
      'ExtlClntAppOauthSettings',
      elements({
        commaSeparatedOauthScopes: 'Api, RefreshToken',
        ...app,
        label: `${name}_oauth`,
        ...change.oauth,
      }),
    ),
    [`extlClntAppOauthPolicies/${oauthPolicyName}.ecaOauthPlcy`]: file(
      'ExtlClntAppOauthConfigurablePolicies',
      elements({
        commaSeparatedPermissionSet: `${name}_Access`,
        ...app,
        ipRelaxationPolicyType: 'Enforce',
        label: oauthPolicyName,
        permittedUsersPolicyType: 'AdminApprovedPreAuthorized',
        refreshTokenPolicyType: 'Zero',
        sessionTimeoutInMinutes: 15,
        ...change.oauthPolicies,
      }),
    ),
    [`extlClntAppPolicies/${policyName}.ecaPlcy`]: file(
      'ExtlClntAppConfigurablePolicies',
      elements({
        ...app,
        isEnabled: true,
        isOauthPluginEnabled: true,
        label: policyName,
        startPage: 'None',
        ...change.policies,
      }),
    ),
    [`permissionsets/${name}_Access.permissionset`]: file(
      'PermissionSet',
      elements({
        hasActivationRequired: false,
        label: 'Bulk Loader Access',
        ...change.permissionSet,
      }),
    ),
  };
}
