/** ExtlClntAppGlobalOauthSettings: callback URL, certificate, consumer key and flows. */

import { randomConsumerKey, randomConsumerSecret } from '../directory/client-app.ts';
import type { ClientApp } from '../directory/client-app.ts';
import { certificateOf, certificateText } from './app-certificate.ts';
import { flagOf, textOf } from './component.ts';
import type { ComponentFields } from './component.ts';
import { DeployProblem, shortened } from './deploy-problem.ts';
import { nothingToDelete, requireAny, requireDeveloperName } from './component-store.ts';
import type { ComponentStore, MetadataCall } from './component-store.ts';
import { mayReadCredentials, redacted, requireFreeKey } from './consumer-credentials.ts';
import { deployed } from './external-client-application.ts';
import { metadataTypes } from './metadata-type.ts';
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

const type = metadataTypes.globalOauthSettings;
const column = '_globalOauthName';

const ownElements = [
  'callbackUrl',
  'consumerKey',
  'consumerSecret',
  'externalClientApplication',
  'isConsumerSecretOptional',
  'isIntrospectAllTokens',
  'isNamedUserJwtEnabled',
  'isPkceRequired',
  'shouldRotateConsumerKey',
  'shouldRotateConsumerSecret',
];

const defaults = {
  isClientCredentialsFlowEnabled: false,
  isCodeCredFlowEnabled: false,
  isCodeCredPostOnly: false,
  isDeviceFlowEnabled: false,
  isRefreshTokenRotationEnabled: false,
  isSecretRequiredForRefreshToken: true,
  isSecretRequiredForTokenExchange: false,
  isTokenExchangeEnabled: false,
};

export const globalOauthSettings: ComponentStore = {
  type,
  list: (call) => listParts(column, call),
  read(fullName, call) {
    const one = findPart(column, fullName, call);
    if (one === undefined) return undefined;
    const { app } = one;
    const kept = keptElements(one, type.name);
    const isTold = mayReadCredentials(call);
    return {
      ...defaults,
      label: fullName,
      ...kept,
      callbackUrl: app.callbackUrl,
      certificate: certificateText(app.certificate, textOf(kept, 'certificate')),
      consumerKey: isTold ? app.consumerKey : redacted,
      consumerSecret: isTold ? app.consumerSecret : redacted,
      externalClientApplication: app.apiName,
      isConsumerSecretOptional: app.isConsumerSecretOptional,
      isIntrospectAllTokens: app.isIntrospectAllTokens,
      isNamedUserJwtEnabled: app.jwtAccessTokens,
      isPkceRequired: app.isPkceRequired,
      shouldRotateConsumerKey: false,
      shouldRotateConsumerSecret: false,
    };
  },
  deploy(fullName, fields, call) {
    requireAny(call, 'ExternalClientAppDeveloper');
    requireDeveloperName(fullName, 'Developer Name');
    const one = appOfPart(column, fullName, fields, call);
    const isNew = nameOfPart(one, column) === undefined;
    const { app } = one;
    const callbackUrl = requireCallbackUrl(textOf(fields, 'callbackUrl') ?? '');
    const text = textOf(fields, 'certificate');
    const certificate = text === undefined ? null : certificateOf(text);
    const consumerKey = keyOf(fields, app, isNew, call);
    const chosenSecret = textOf(fields, 'consumerSecret');
    const rotatesSecret = flagOf(fields, 'shouldRotateConsumerSecret') === true;
    const changed = change(
      one,
      {
        _globalOauthName: fullName,
        _isOauthEnabled: 1,
        _callbackUrl: callbackUrl,
        _certificate: certificate,
        _consumerKey: consumerKey,
        _consumerSecret:
          rotatesSecret || (isNew && chosenSecret !== undefined)
            ? randomConsumerSecret()
            : app.consumerSecret,
        _isConsumerSecretOptional: flagOf(fields, 'isConsumerSecretOptional') ?? false,
        _isIntrospectAllTokens: flagOf(fields, 'isIntrospectAllTokens') ?? false,
        _jwtAccessTokens: flagOf(fields, 'isNamedUserJwtEnabled') ?? false,
        _isPkceRequired: flagOf(fields, 'isPkceRequired') ?? false,
        ...keeping(one, type.name, { ...defaults, ...without(fields, ownElements) }),
      },
      call,
    );
    return { id: idOfPart(one, column), change: deployed(isNew, changed) };
  },
  delete(fullName, call) {
    requireAny(call, 'ExternalClientAppDeveloper');
    const one = findPart(column, fullName, call);
    if (one === undefined) throw nothingToDelete(type.name, fullName);
    change(
      one,
      {
        _globalOauthName: '',
        _isOauthEnabled: 0,
        _certificate: null,
        // The key is gone for good: the next settings have one of their own.
        _consumerKey: randomConsumerKey(),
        _consumerSecret: randomConsumerSecret(),
        ...keeping(one, type.name, {}),
      },
      call,
    );
    return { id: idOfPart(one, column) };
  },
};

/** Chosen at the first deployment, or made by the org; afterwards it stays until it is rotated. */
function keyOf(
  fields: ComponentFields,
  app: ClientApp,
  isNew: boolean,
  call: MetadataCall,
): string {
  const chosen = textOf(fields, 'consumerKey');
  if (flagOf(fields, 'shouldRotateConsumerKey') === true && !isNew) {
    requireAny(call, 'ClientSecretRotation', 'ExternalClientAppDeveloper');
    return randomConsumerKey();
  }
  if (chosen === undefined) return app.consumerKey;
  if (isNew) {
    requireFreeKey(chosen, app, call);
    return chosen;
  }
  if (chosen !== app.consumerKey && chosen !== redacted) {
    throw new DeployProblem('consumerKeyRefused');
  }
  return app.consumerKey;
}

/** One URL in each line, as in Setup. @throws DeployProblem */
export function requireCallbackUrl(text: string): string {
  const lines = text
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '');
  for (const line of lines) {
    if (!URL.canParse(line) || /\s/.test(line)) {
      throw new DeployProblem('callbackUrl', shortened(line));
    }
    const { protocol, hostname } = new URL(line);
    // Salesforce Help, Configure Basic Connected App Settings: https, localhost or a custom scheme.
    if (protocol === 'http:' && !/^(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(hostname)) {
      throw new DeployProblem('callbackUrl', shortened(line));
    }
  }
  if (text.length > 2000) throw new DeployProblem('tooLong', 'Callback URL', shortened(text), 2000);
  return lines.join('\n');
}
