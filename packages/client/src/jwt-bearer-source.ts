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
  /**
   * Other keys, for the time of a rotation: asked for when Salesforce refused an assertion of this
   * signer, and tried in their order. The one that works is used from then on.
   */
  otherSigners?: ((refused: Signer) => Promise<readonly Signer[]>) | undefined;
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

  /** The key that worked last, once it is another one than the first. */
  let proven: Signer | undefined;

  async function exchange(
    signal: AbortSignal | undefined,
    other: Signer | undefined = proven,
  ): Promise<AccessToken> {
    const signer = other ?? (await ownSigner());
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

  async function ownSigner(): Promise<Signer> {
    return typeof options.signer === 'function' ? options.signer() : options.signer;
  }

  /** A token by another key, where there is one that works; else the refusal of the first. */
  async function tryOthers(refusal: unknown, signal: AbortSignal | undefined) {
    if (options.otherSigners === undefined || !isWrongKey(refusal)) throw refusal;
    for (const signer of await options.otherSigners(proven ?? (await ownSigner()))) {
      try {
        const token = await exchange(signal, signer);
        proven = signer;
        onEvent?.({ type: 'warning', message: 'Another private key works now' });
        return token;
      } catch (error) {
        if (!isWrongKey(error)) throw error;
      }
    }
    throw refusal;
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
        if (!learn(error)) return tryOthers(error, signal);
        return exchange(signal).catch((again: unknown) => tryOthers(again, signal));
      }
    },
  };
}

/** What Salesforce says of a signature that the certificate of the app does not verify. */
function isWrongKey(error: unknown): boolean {
  return (error as Partial<ClientError>).code === 'ASSERTION_INVALID';
}
