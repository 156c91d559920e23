import type { Transport, TransportResponse } from './transport/transport.ts';

/** RFC 7523 section 2.1. */
export const jwtBearerGrantType = 'urn:ietf:params:oauth:grant-type:jwt-bearer';

/** A token response has five short fields; this is generous. */
const maximumResponseBytes = 64 * 1024;

export interface TokenRequest {
  tokenEndpoint: string;
  assertion: string;
  signal?: AbortSignal | undefined;
  timeoutMilliseconds: number;
}

/**
 * Sends the token request and judges nothing. Only `grant_type` and `assertion` go out:
 * Salesforce takes the scopes from the app and refuses a `scope` parameter in this flow.
 */
export function sendTokenRequest(
  transport: Transport,
  { tokenEndpoint, assertion, signal, timeoutMilliseconds }: TokenRequest,
): Promise<TransportResponse> {
  return transport.send({
    method: 'POST',
    url: tokenEndpoint,
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      accept: 'application/json',
      // Without it any coding would do (RFC 9110 section 12.5.3), and here nothing is unpacked.
      'accept-encoding': 'identity',
    },
    // Neither value has a character that form encoding would change, but for the colons.
    body: `grant_type=${encodeURIComponent(jwtBearerGrantType)}&assertion=${assertion}`,
    signal,
    timeoutMilliseconds,
    maximumBytes: maximumResponseBytes,
  });
}
