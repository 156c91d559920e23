/** For got: options for `got.extend` that let requests carry the token. */

import type { AccessToken } from '../access-token.ts';
import type { TokenSource } from '../token-source.ts';
import { ofOrg, requireOrg } from './origin.ts';
import { refusesToken } from './refusal.ts';

interface GotRequestOptions {
  url?: string | URL | undefined;
  headers: Record<string, string | string[] | undefined>;
}

interface GotResponse {
  statusCode: number;
  rawBody: Uint8Array;
  request: { options: GotRequestOptions };
}

/** What `got.extend` is given. */
export interface GotOptions {
  prefixUrl: string;
  hooks: {
    beforeRequest: ((options: GotRequestOptions) => Promise<void>)[];
    afterResponse: (<R extends GotResponse>(
      response: R,
      retry: (options: { headers: Record<string, string> }) => never,
    ) => Promise<R>)[];
  };
}

/**
 * Options for `got.extend`. Relative URLs are resolved against the instance URL; any other origin
 * is refused with FOREIGN_ORIGIN before anything is sent, and a redirect that leaves the org goes
 * on without the token. A request whose token is turned away is sent once more with a new one,
 * never twice. `got.stream` carries the token and is not sent again.
 *
 * @throws ClientError what the source throws
 */
export async function gotOptions(source: TokenSource): Promise<GotOptions> {
  const { instanceUrl } = await source.token();
  const sent = new WeakMap<object, AccessToken>();

  async function authorize(options: GotRequestOptions): Promise<void> {
    const token = await source.token();
    const redirected = sent.has(options);
    // got itself lets go of the header when a redirect leaves the host.
    if (redirected && !ofOrg(options.url ?? '', token)) return;
    requireOrg(options.url ?? '', token);
    options.headers['authorization'] = `Bearer ${token.value}`;
    sent.set(options, token);
  }

  return {
    prefixUrl: instanceUrl,
    hooks: {
      beforeRequest: [authorize],
      afterResponse: [
        async (response, retry) => {
          const { statusCode, rawBody, request } = response;
          const refused = sent.get(request.options);
          if (refused === undefined) return response;
          if (!(await refusesToken(statusCode, new TextDecoder().decode(rawBody)))) return response;
          const { value } = await source.token({ refused });
          // got takes its hooks for answers away from the second sending: there is no third.
          return retry({ headers: { authorization: `Bearer ${value}` } });
        },
      ],
    },
  };
}
