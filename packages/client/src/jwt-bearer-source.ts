import { createClaims, signAssertion } from './assertion.ts';
import type { Clock } from './clock.ts';
import { ClientError } from './errors.ts';
import type { EventListener } from './event.ts';
import type { Signer } from './signer.ts';
import { sendTokenRequest } from './token-request.ts';
import { judgeTokenResponse } from './token-response.ts';
import type { TokenSource } from './token-source.ts';
import type { Transport } from './transport/transport.ts';

export interface JwtBearerSourceOptions {
  tokenEndpoint: string;
  audience: string;
  /** Consumer key of the client app. */
  clientId: string;
  username: string;
  /** Asked for once per token request; a function may read the key when it is first needed. */
  signer: Signer | (() => Promise<Signer>);
  transport: Transport;
  clock: Clock;
  timeoutMilliseconds: number;
  onEvent?: EventListener | undefined;
}

/**
 * The uncached source: every call signs a fresh assertion and trades it for a token (RFC 7523).
 * Each call counts as a login in Salesforce, so wrap it with {@link cachedSource}.
 */
export function jwtBearerSource(options: JwtBearerSourceOptions): TokenSource {
  const { tokenEndpoint, audience, clientId, username, transport, clock, onEvent } = options;

  return {
    async token({ signal } = {}) {
      const signer = typeof options.signer === 'function' ? await options.signer() : options.signer;
      const claims = createClaims({ clientId, username, audience, clock });
      const assertion = await signAssertion(claims, signer);
      const start = clock.now();
      onEvent?.({ type: 'tokenRequested', tokenEndpoint, clientId, username, audience });
      try {
        const { timeoutMilliseconds } = options;
        const request = { tokenEndpoint, assertion, signal, timeoutMilliseconds };
        const response = await sendTokenRequest(transport, request);
        const now = clock.now();
        const sent = { tokenEndpoint, clientId, username, audience };
        const token = judgeTokenResponse(response, sent, now);
        const { instanceUrl, scopes } = token;
        onEvent?.({ type: 'tokenReceived', instanceUrl, scopes, milliseconds: now - start });
        return token;
      } catch (error) {
        const code = error instanceof ClientError ? error.code : 'UNKNOWN';
        onEvent?.({ type: 'tokenRequestFailed', code, milliseconds: clock.now() - start });
        throw error;
      }
    },
  };
}
