/** What the compiler has to accept and to refuse: `npm run types` judges this file. */

import { expectTypeOf, test } from 'vitest';
import { connect, milliseconds, seconds, toSeconds } from '../src/node.ts';
import type {
  AccessToken,
  ClientError,
  ClientErrorCode,
  ClientEvent,
  Clock,
  Connection,
  ConnectOptions,
  Fetch,
  Milliseconds,
  Profile,
  Seconds,
  Signer,
  TokenSource,
  TokenStore,
  Transport,
} from '../src/node.ts';

test('seconds and milliseconds do not mix', () => {
  expectTypeOf(seconds(1)).toEqualTypeOf<Seconds>();
  expectTypeOf(toSeconds(milliseconds(1))).toEqualTypeOf<Seconds>();
  expectTypeOf<Milliseconds>().not.toExtend<Seconds>();
  expectTypeOf<number>().not.toExtend<Milliseconds>();
  expectTypeOf<Milliseconds>().toExtend<number>();
  // @ts-expect-error: seconds where milliseconds are meant, the best-known mistake of this flow
  toSeconds(seconds(1));
  // @ts-expect-error: a bare number has no unit
  const clock: Clock = { now: () => Date.now() };
  expectTypeOf(clock).toEqualTypeOf<Clock>();
});

test('options', () => {
  expectTypeOf(connect).parameter(0).toEqualTypeOf<ConnectOptions | undefined>();
  expectTypeOf(connect).returns.toEqualTypeOf<Connection>();
  expectTypeOf<Profile>().toExtend<ConnectOptions>();
  expectTypeOf<Connection>().toExtend<TokenSource>();
  expectTypeOf<ConnectOptions['store']>().toEqualTypeOf<TokenStore | undefined>();
  expectTypeOf<ConnectOptions['transport']>().toEqualTypeOf<Transport | undefined>();
  expectTypeOf<typeof fetch>().toExtend<Fetch>();
  expectTypeOf<{ environment: string }>().toExtend<ConnectOptions['privateKey']>();
  const options = (): ConnectOptions[] => [
    {},
    { clientId: 'a', username: 'b', privateKey: new Uint8Array(), passphrase: 'c' },
    { iss: 'a', sub: 'b', aud: 'c', privateKey: { kty: 'RSA' } },
    // @ts-expect-error: misspelt
    { userName: 'a' },
    // @ts-expect-error: a time-out is a number
    { timeoutMilliseconds: '10000' },
    // @ts-expect-error: RS256 is the one algorithm
    { signer: { algorithm: 'ES256', sign: (data) => Promise.resolve(data) } },
    // @ts-expect-error: a store answers with promises
    { store: { get: () => undefined, set: () => {}, remove: () => {} } },
  ];
  expectTypeOf(options).returns.toEqualTypeOf<ConnectOptions[]>();
  expectTypeOf<Signer['algorithm']>().toEqualTypeOf<'RS256'>();
});

test('a token shows its value, and nobody changes it', () => {
  expectTypeOf<AccessToken['value']>().toEqualTypeOf<string>();
  expectTypeOf<AccessToken['receivedAt']>().toEqualTypeOf<Milliseconds>();
  const change = (token: AccessToken): void => {
    // @ts-expect-error: a token does not change
    token.value = 'other';
    // @ts-expect-error: nor where it belongs
    token.instanceUrl = 'https://evil.example';
  };
  expectTypeOf(change).returns.toBeVoid();
});

test('codes are a closed list', () => {
  expectTypeOf<ClientError['code']>().toEqualTypeOf<ClientErrorCode>();
  expectTypeOf<string>().not.toExtend<ClientErrorCode>();
  const told = (code: 'TIMED_OUT' | 'ABORTED'): string => {
    switch (code) {
      case 'TIMED_OUT': {
        return 'late';
      }
      case 'ABORTED': {
        return 'given up';
      }
      default: {
        return code satisfies never;
      }
    }
  };
  expectTypeOf(told).parameter(0).toExtend<ClientErrorCode>();
  const misread = (error: ClientError): boolean =>
    // @ts-expect-error: this is no code
    error.code === 'USER_TIRED';
  expectTypeOf(misread).returns.toBeBoolean();
});

/** Without a default: the compiler refuses it when a kind of event is missing. */
function codeOf(event: ClientEvent): string | undefined {
  switch (event.type) {
    case 'tokenRequestFailed':
    case 'tokenRetry':
    case 'refusalRepeated': {
      return event.code;
    }
    case 'tokenRequested': {
      return event.tokenEndpoint;
    }
    case 'tokenReceived': {
      return event.scopes.join(' ');
    }
    case 'tokenRefused': {
      return String(event.status);
    }
    case 'clockSkew': {
      return String(event.offsetSeconds);
    }
    case 'warning': {
      return event.message;
    }
    case 'tokenReused':
    case 'tokenRefresh': {
      return undefined;
    }
    default: {
      return event satisfies never;
    }
  }
}

test('events are told apart by their type', () => {
  expectTypeOf(codeOf).returns.toEqualTypeOf<string | undefined>();
  expectTypeOf<Extract<ClientEvent, { type: 'tokenReused' }>>().toEqualTypeOf<{
    type: 'tokenReused';
  }>();
  const misread = (event: ClientEvent): unknown =>
    // @ts-expect-error: not every event has a code
    event.code;
  expectTypeOf(misread).returns.toBeUnknown();
});
