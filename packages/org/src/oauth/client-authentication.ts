/** Consumer key and secret, in the body or by HTTP Basic: RFC 6749 section 2.3.1. */

import { timingSafeEqual } from 'node:crypto';
import type { ClientApp } from '../directory/client-app.ts';
import type { OrgContext } from '../org-context.ts';
import { Refusal } from './oauth-error.ts';

export interface ClientCredentials {
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

const unknownClient = {
  error: 'invalid_client_id',
  description: 'client identifier invalid',
  loginStatus: 'Failed: Consumer Deleted',
} as const;

const wrongSecret = {
  error: 'invalid_client',
  description: 'invalid client credentials',
  loginStatus: 'Failed: Client Credentials Invalid',
} as const;

function isSecretOf(app: ClientApp, secret: string): boolean {
  const [given, expected] = [Buffer.from(secret), Buffer.from(app.consumerSecret)];
  return given.length === expected.length && timingSafeEqual(given, expected);
}
