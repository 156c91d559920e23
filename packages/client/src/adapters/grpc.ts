/** For `@grpc/grpc-js`: what Salesforce's Pub/Sub API wants to be told with each call. */

import type { AccessToken } from '../access-token.ts';
import { ClientError } from '../errors.ts';
import type { TokenSource } from '../token-source.ts';

/** What is used of `Metadata`. */
export interface MetadataLike {
  set(key: string, value: string): void;
}

/** What is used of `@grpc/grpc-js`; it is handed in because the client has no dependency. */
export interface Grpc<M extends MetadataLike, Credentials, Call, NextCall> {
  Metadata: new () => M;
  InterceptingCall: new (nextCall: NextCall, requester: never) => Call;
  credentials: {
    createFromMetadataGenerator(
      generator: (options: unknown, callback: (error: Error | null, metadata?: M) => void) => void,
    ): Credentials;
  };
}

export interface PubSub<M extends MetadataLike, Credentials, Call, NextCall> {
  /**
   * For `interceptors` of a client or a call: gives each call its metadata, and gives a token up
   * that was turned away (UNAUTHENTICATED). That call ends as it is, because a stream may have been
   * half read, but not before there is a new token: make it again.
   */
  interceptor: <Options>(options: Options, nextCall: (options: Options) => NextCall) => Call;
  /** Call credentials, for clients that take no interceptor; nothing is given up. */
  credentials: Credentials;
  /** The three entries of each call: `accesstoken`, `instanceurl`, `tenantid`. */
  metadata: () => Promise<M>;
}

interface Status {
  code: number;
  details: string;
  metadata: unknown;
}

type Receive = (status: Status) => void;

/** Status UNAUTHENTICATED of gRPC. */
const unauthenticated = 16;

/**
 * What the Pub/Sub API wants to be told with each call.
 *
 * @param grpc the module `@grpc/grpc-js`
 * @see https://developer.salesforce.com/docs/platform/pub-sub-api/guide/supported-auth.html
 */
export function pubSub<M extends MetadataLike, Credentials, Call, NextCall>(
  { Metadata, InterceptingCall, credentials }: Grpc<M, Credentials, Call, NextCall>,
  source: TokenSource,
): PubSub<M, Credentials, Call, NextCall> {
  async function metadata(): Promise<M> {
    return fill(new Metadata(), await source.token());
  }

  return {
    metadata,
    credentials: credentials.createFromMetadataGenerator((_options, receive) => {
      metadata().then(
        (entries) => receive(null, entries),
        (error: unknown) => receive(error as Error),
      );
    }),
    interceptor: (options, nextCall) => {
      async function start(
        entries: M,
        listener: { onReceiveStatus: Receive },
        next: (
          entries: M,
          listener: { onReceiveStatus(status: Status, pass: Receive): void },
        ) => void,
      ): Promise<void> {
        try {
          const token = await source.token();
          next(fill(entries, token), {
            onReceiveStatus(status, pass) {
              if (status.code !== unauthenticated) return pass(status);
              const end = (): void => pass(status);
              // A login that fails is told to whoever makes the next call.
              source.token({ refused: token }).then(end, end);
            },
          });
        } catch (error) {
          const { message } = error as Error;
          listener.onReceiveStatus({
            code: unauthenticated,
            details: message,
            metadata: new Metadata(),
          });
        }
      }
      return new InterceptingCall(nextCall(options), { start } as never);
    },
  };
}

function fill<M extends MetadataLike>(entries: M, token: AccessToken): M {
  const { value, instanceUrl, organizationId } = token;
  if (organizationId === undefined) {
    throw new ClientError('RESPONSE_INVALID', 'The token response named no org', {
      hints: ['The Pub/Sub API wants the id of the org, which is part of the identity URL.'],
    });
  }
  entries.set('accesstoken', value);
  entries.set('instanceurl', instanceUrl);
  entries.set('tenantid', organizationId);
  return entries;
}
