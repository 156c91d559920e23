/** The one question asked before anything is signed: what does the host say of itself? */

import { ClientError } from '@sfjwt/client';
import type { TransportResponse } from '@sfjwt/client';
import type { Examination } from './examination.ts';

/** OpenID Connect Discovery: no secret goes out, and no login is counted. */
const discoveryPath = '/.well-known/openid-configuration';

const maximumBytes = 256 * 1024;

/** Undefined without a login URL. Asks once, however many checks want to know. */
export async function hostAnswer(
  examination: Examination,
): Promise<TransportResponse | ClientError | undefined> {
  const { loginUrl, transport, timeoutMilliseconds } = examination;
  if (loginUrl === undefined) return undefined;
  examination.answer ??= await transport
    .send({
      method: 'GET',
      url: baseOf(loginUrl) + discoveryPath,
      headers: { accept: 'application/json', 'accept-encoding': 'identity' },
      timeoutMilliseconds,
      maximumBytes,
    })
    .catch((error: unknown) => {
      if (error instanceof ClientError) return error;
      throw error;
    });
  return examination.answer;
}

/** The login URL as it is used: origin, and the path of a site. */
export function baseOf({ tokenEndpoint }: { tokenEndpoint: string }): string {
  return tokenEndpoint.replace(/\/services\/oauth2\/token$/, '');
}
