import type { AccessToken } from './access-token.ts';
import { createClaims, signAssertion } from './assertion.ts';
import { blamesClock } from './clock-skew.ts';
import { milliseconds } from './clock.ts';
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
 *
 * When a refusal shows that the clock of this machine is wrong, the assertion is made once more by
 * the host's clock.
 */
export function jwtBearerSource(options: JwtBearerSourceOptions): TokenSource {
  const { tokenEndpoint, audience, clientId, username, transport, clock, onEvent } = options;
  /** How far the host is ahead of us, in milliseconds, as learnt from a refusal. */
  let offset = 0;
  const hostClock: Clock = { now: () => milliseconds(clock.now() + offset) };

  async function exchange(signal: AbortSignal | undefined): Promise<AccessToken> {
    const signer = typeof options.signer === 'function' ? await options.signer() : options.signer;
    // Made anew for every try: Salesforce refuses a `jti` it has seen.
    const claims = createClaims({ clientId, username, audience, clock: hostClock });
    const assertion = await signAssertion(claims, signer);
    const start = clock.now();
    onEvent?.({ type: 'tokenRequested', tokenEndpoint, clientId, username, audience });
    try {
      const { timeoutMilliseconds } = options;
      const request = { tokenEndpoint, assertion, signal, timeoutMilliseconds };
      const response = await sendTokenRequest(transport, request);
      const now = clock.now();
      const token = await judgeTokenResponse(
        response,
        { tokenEndpoint, clientId, username, audience },
        now,
      );
      const { instanceUrl, scopes } = token;
      onEvent?.({ type: 'tokenReceived', instanceUrl, scopes, milliseconds: now - start });
      return token;
    } catch (error) {
      const code = error instanceof ClientError ? error.code : 'UNKNOWN';
      onEvent?.({ type: 'tokenRequestFailed', code, milliseconds: clock.now() - start });
      throw error;
    }
  }

  /** Whether the refusal taught us something about the clock. */
  function learn(error: unknown): boolean {
    if (!(error instanceof ClientError) || error.sent?.clockOffsetSeconds === undefined) {
      return false;
    }
    const { clockOffsetSeconds: offsetSeconds } = error.sent;
    if (!blamesClock(error.code, offsetSeconds * 1000, offset)) return false;
    offset = offsetSeconds * 1000;
    onEvent?.({ type: 'clockSkew', offsetSeconds });
    return true;
  }

  return {
    async token({ signal } = {}) {
      try {
        return await exchange(signal);
      } catch (error) {
        if (!learn(error)) throw error;
        return exchange(signal);
      }
    },
  };
}
