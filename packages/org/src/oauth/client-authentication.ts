/** Consumer key and secret, in the body or by HTTP Basic: RFC 6749 section 2.3.1. */

import { timingSafeEqual } from 'node:crypto';
import type { ClientApp } from '../directory/client-app.ts';
import type { OrgContext } from '../org-context.ts';
import type { Rule, Trace } from '../trace.ts';
import { Refusal } from './oauth-error.ts';
import type { RefusalFields } from './oauth-error.ts';

interface ClientCredentials {
  clientId: string;
  clientSecret: string | undefined;
}

/** The header decides before the body; its two parts are form-encoded. */
function readClientCredentials(request: Request, parameters: URLSearchParams): ClientCredentials {
  const basic = /^Basic +([\w+/=]+)$/i.exec(request.headers.get('authorization') ?? '')?.[1];
  if (basic === undefined) {
    return {
      clientId: parameters.get('client_id') ?? '',
      clientSecret: parameters.get('client_secret') ?? undefined,
    };
  }
  const text = Buffer.from(basic, 'base64').toString('utf8');
  const colon = text.indexOf(':');
  const [id, secret] = colon === -1 ? [text, ''] : [text.slice(0, colon), text.slice(colon + 1)];
  return { clientId: formDecoded(id), clientSecret: formDecoded(secret) };
}

function formDecoded(text: string): string {
  return new URLSearchParams(`text=${text.replaceAll('&', '%26')}`).get('text') ?? '';
}

const unknownClient: RefusalFields = {
  error: 'invalid_client_id',
  description: 'client identifier invalid',
  loginStatus: 'Failed: Consumer Deleted',
};

const wrongSecret: RefusalFields = {
  error: 'invalid_client',
  description: 'invalid client credentials',
  loginStatus: 'Failed: Client Credentials Invalid',
};

/**
 * The app whose key and secret the request brings.
 *
 * @throws Refusal
 */
export function authenticateClient(
  request: Request,
  parameters: URLSearchParams,
  { clientApps }: OrgContext,
): ClientApp {
  const { clientId, clientSecret } = readClientCredentials(request, parameters);
  const app = clientApps.find(clientId);
  if (app === undefined) throw new Refusal(unknownClient);
  if (!isSecretOf(app, clientSecret ?? '')) throw new Refusal(wrongSecret);
  return app;
}

const knownClient: Rule = {
  name: 'app with this client_id',
  source: 'Salesforce Help, OAuth Error Codes: invalid_client_id',
  refusal: unknownClient,
};

const clientSecret: Rule = {
  name: 'consumer secret is right, or optional and left out',
  source: 'Salesforce Help, OAuth 2.0 Web Server Flow: Require Secret for Web Server Flow',
  refusal: wrongSecret,
};

export const clientRules: readonly Rule[] = [knownClient, clientSecret];

/** As a step of a grant. Throws what the trace returns. */
export function requireClient(request: {
  request: Request;
  parameters: URLSearchParams;
  context: OrgContext;
  trace: Trace;
}): ClientApp {
  const { trace } = request;
  const credentials = readClientCredentials(request.request, request.parameters);
  const app = request.context.clientApps.find(credentials.clientId);
  if (app === undefined) {
    throw trace.refuse(knownClient, 'the consumer key of an app of this org', credentials.clientId);
  }
  trace.pass(knownClient, app.name);
  const { clientSecret: secret } = credentials;
  const isLeftOut = secret === undefined || secret === '';
  if (isLeftOut ? !app.isConsumerSecretOptional : !isSecretOf(app, secret)) {
    throw trace.refuse(
      clientSecret,
      'the consumer secret of the app',
      isLeftOut ? 'none' : 'another one',
    );
  }
  trace.pass(clientSecret, isLeftOut ? 'left out, as the app allows' : 'right');
  return app;
}

function isSecretOf(app: ClientApp, secret: string): boolean {
  const [given, expected] = [Buffer.from(secret), Buffer.from(app.consumerSecret)];
  return given.length === expected.length && timingSafeEqual(given, expected);
}
