/** ExtlClntAppOauthSettings: the OAuth scopes of an external client app. */

import { scopeLabels } from '../policies/scopes.ts';
import { to15 } from '../store/record-id.ts';
import { textOf } from './component.ts';
import type { ComponentFields } from './component.ts';
import { DeployProblem, shortened } from './deploy-problem.ts';
import { noneNamed, nothingToDelete, requireAny, requireDeveloperName } from './component-store.ts';
import type { ComponentStore, MetadataCall } from './component-store.ts';
import { consumerIdOf } from './consumer-id.ts';
import { deployed } from './external-client-application.ts';
import { metadataScopes, metadataTypes } from './metadata-type.ts';
import {
  appOfPart,
  change,
  findPart,
  idOfPart,
  keeping,
  keptElements,
  listParts,
  nameOfPart,
  without,
} from './stored-app.ts';

const type = metadataTypes.oauthSettings;
const column = '_oauthName';

/** Kept under a name of our own: scopes that Salesforce knows and that mean nothing here. */
const otherScopes = 'otherScopes';

const defaults = { isFirstPartyAppEnabled: false };

export const oauthSettings: ComponentStore = {
  type,
  list: (call) => listParts(column, call),
  read(fullName, call) {
    const one = findPart(column, fullName, call);
    if (one === undefined) return undefined;
    const kept = keptElements(one, type.name);
    const others = textOf(kept, otherScopes)?.split(' ') ?? [];
    return {
      ...defaults,
      label: fullName,
      ...without(kept, [otherScopes]),
      commaSeparatedOauthScopes: [...toMetadataScopes(one.app.scopes), ...others].join(', '),
      externalClientApplication: one.app.apiName,
      oauthLink: oauthLink(one.app.id, call),
    };
  },
  deploy(fullName, fields, call) {
    requireAny(call, 'ExternalClientAppDeveloper');
    requireDeveloperName(fullName, 'Developer Name');
    const one = appOfPart(column, fullName, fields, call);
    const isNew = nameOfPart(one, column) === undefined;
    const { scopes, others } = readScopes(textOf(fields, 'commaSeparatedOauthScopes') ?? '');
    requireOwnLink(fields, one.app.id, call);
    const kept = without(fields, [
      'commaSeparatedOauthScopes',
      'externalClientApplication',
      'oauthLink',
    ]);
    const changed = change(
      one,
      {
        _oauthName: fullName,
        _scopes: scopes.join(' '),
        ...keeping(one, type.name, {
          ...defaults,
          ...kept,
          [otherScopes]: others.join(' '),
        }),
      },
      call,
    );
    return { id: idOfPart(one, column), change: deployed(isNew, changed) };
  },
  delete(fullName, call) {
    requireAny(call, 'ExternalClientAppDeveloper');
    const one = findPart(column, fullName, call);
    if (one === undefined) throw nothingToDelete(type.name, fullName);
    change(one, { _oauthName: '', _scopes: '', ...keeping(one, type.name, {}) }, call);
    return { id: idOfPart(one, column) };
  },
};

/** Written by Salesforce; in a file it ties the settings to the org of the app. */
const oauthLink = (appId: string, { context }: MetadataCall): string =>
  `${to15(context.organization.id)}:${to15(consumerIdOf(appId))}`;

function requireOwnLink(fields: ComponentFields, appId: string, call: MetadataCall): void {
  const link = textOf(fields, 'oauthLink');
  if (link === undefined || link === oauthLink(appId, call)) return;
  throw noneNamed('oauthLink', 'ExtlClntAppGlobalOauthSettings', link);
}

/** Names in Metadata: `sfap_api` is called SFAP in the WSDL and SFApiPlatform by the org itself. */
const aliases: Readonly<Record<string, string>> = { SFApiPlatform: 'SFAP' };

/** @throws DeployProblem */
function readScopes(text: string): { scopes: string[]; others: string[] } {
  const scopes: string[] = [];
  const others: string[] = [];
  for (const name of text.split(',').map((one) => one.trim())) {
    if (name === '') continue;
    const token = aliases[name] ?? name;
    const scope = Object.hasOwn(metadataScopes, token) ? metadataScopes[token] : undefined;
    if (scope === undefined) {
      throw new DeployProblem('scope', shortened(name), Object.keys(metadataScopes).join(', '));
    }
    if (Object.hasOwn(scopeLabels, scope)) scopes.push(scope);
    else others.push(token);
  }
  return { scopes: [...new Set(scopes)], others: [...new Set(others)] };
}

/** By their names in Metadata. */
export function toMetadataScopes(scopes: readonly string[]): string[] {
  return Object.entries(metadataScopes).flatMap(([name, scope]) =>
    scopes.includes(scope) ? [name] : [],
  );
}

/** By their names on the wire; those that mean nothing here are left out. */
export function toWireScopes(names: readonly string[]): string[] {
  return names.flatMap((name) => {
    const scope = metadataScopes[name];
    return scope !== undefined && Object.hasOwn(scopeLabels, scope) ? [scope] : [];
  });
}
