/** `@grpc/grpc-js`, unmodified, against a gRPC server of its own on loopback. */

import { pubSub } from '@sfjwt/client/grpc';
import { createCertificate, createKeyPair } from '@sfjwt/setup';
import { expect, onTestFinished, test } from 'vitest';
import { installAdapted } from './adapted.ts';
import { openGateway, username } from './gateway.ts';
import type { Gateway } from './gateway.ts';

const adapted = await installAdapted();

/** What is used here of `@grpc/grpc-js`. */
interface GrpcModule {
  Metadata: new () => Metadata;
  InterceptingCall: new (nextCall: object, requester?: object) => object;
  credentials: {
    createFromMetadataGenerator(generator: unknown): object;
    createSsl(root: Buffer, key: null, certificate: null, options: object): object;
    combineChannelCredentials(channel: object, call: object): object;
    createInsecure(): object;
  };
  ServerCredentials: {
    createInsecure(): object;
    createSsl(root: null, pairs: { private_key: Buffer; cert_chain: Buffer }[]): object;
  };
  Server: new () => {
    addService(service: object, handlers: object): void;
    bindAsync(
      address: string,
      credentials: object,
      bound: (error: Error | null, port: number) => void,
    ): void;
    forceShutdown(): void;
  };
  makeGenericClientConstructor(
    service: object,
    name: string,
  ): new (address: string, credentials: object, options?: object) => TopicClient;
}

interface Metadata {
  set(key: string, value: string): void;
  get(key: string): unknown[];
}

interface TopicClient {
  getTopic(
    name: string,
    callback: (error: { code: number; details: string } | null, answer?: string) => void,
  ): void;
  close(): void;
}

const text = {
  requestSerialize: (value: string) => Buffer.from(value),
  requestDeserialize: (bytes: Buffer) => bytes.toString(),
  responseSerialize: (value: string) => Buffer.from(value),
  responseDeserialize: (bytes: Buffer) => bytes.toString(),
};
const service = {
  getTopic: {
    path: '/eventbus.v1.PubSub/GetTopic',
    requestStream: false,
    responseStream: false,
    ...text,
  },
};

/** Asks as the Pub/Sub API does, of the sessions of the org. */
async function serve(grpc: GrpcModule, { org }: Gateway, credentials: object) {
  const seen: Record<string, unknown>[] = [];
  const server = new grpc.Server();
  server.addService(service, {
    getTopic(
      call: { metadata: Metadata; request: string },
      callback: (error: object | null, answer?: string) => void,
    ) {
      const names = ['accesstoken', 'instanceurl', 'tenantid'];
      const entries = Object.fromEntries(
        names.map((name) => [name, call.metadata.get(name).join()]),
      );
      seen.push(entries);
      if (org.sessions.find(entries['accesstoken'] ?? '') === undefined) {
        callback({ code: 16, details: 'sfdc.platform.eventbus.grpc.service.auth.error' });
      } else {
        callback(null, `topic ${call.request}`);
      }
    },
  });
  const port = await new Promise<number>((resolve, reject) =>
    server.bindAsync('127.0.0.1:0', credentials, (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    ),
  );
  onTestFinished(() => server.forceShutdown());
  return { address: `127.0.0.1:${port}`, seen };
}

function load(): GrpcModule {
  if (!('value' in adapted)) throw new Error(adapted.offline);
  return adapted.value.load('@grpc/grpc-js') as GrpcModule;
}

function open(grpc: GrpcModule, address: string, credentials: object, options: object = {}) {
  const Client = grpc.makeGenericClientConstructor(service, 'PubSub');
  const client = new Client(address, credentials, { 'grpc.enable_http_proxy': 0, ...options });
  onTestFinished(() => client.close());
  return (name: string) =>
    new Promise<string | undefined>((resolve, reject) =>
      client.getTopic(name, (error, answer) => (error === null ? resolve(answer) : reject(error))),
    );
}

test.skipIf('offline' in adapted)('the interceptor tells who calls, and renews', async () => {
  const gateway = await openGateway();
  const grpc = load();
  const { address, seen } = await serve(grpc, gateway, grpc.ServerCredentials.createInsecure());
  const { interceptor } = pubSub(grpc, gateway.salesforce);
  const getTopic = open(grpc, address, grpc.credentials.createInsecure(), {
    interceptors: [interceptor],
  });

  expect(await getTopic('/event/Order__e')).toBe('topic /event/Order__e');
  const { value, organizationId } = await gateway.salesforce.token();
  expect(seen).toEqual([
    { accesstoken: value, instanceurl: gateway.url, tenantid: organizationId },
  ]);

  gateway.endSessions();
  // A call that is turned away says so; each of them finds the same new token in place.
  const refused = await Promise.allSettled(Array.from({ length: 20 }, () => getTopic('a')));
  expect(refused.map(({ status }) => status)).toEqual(Array(20).fill('rejected'));
  expect(refused[0]).toMatchObject({ reason: { code: 16 } });
  expect(gateway.logins()).toBe(2);
  expect(await getTopic('b')).toBe('topic b');
  expect(gateway.logins()).toBe(2);
});

test.skipIf('offline' in adapted)('a login that fails ends the call in its words', async () => {
  const gateway = await openGateway();
  const grpc = load();
  const { address, seen } = await serve(grpc, gateway, grpc.ServerCredentials.createInsecure());
  const { interceptor } = pubSub(grpc, gateway.salesforce);
  const getTopic = open(grpc, address, grpc.credentials.createInsecure(), {
    interceptors: [interceptor],
  });
  gateway.org.users.setActive(gateway.org.users.get(username), false);
  await expect(getTopic('a')).rejects.toMatchObject({ code: 16, details: expect.any(String) });
  expect(seen).toEqual([]);
});

test.skipIf('offline' in adapted)('call credentials over TLS', async () => {
  const gateway = await openGateway();
  const grpc = load();
  const { privateKey, privateKeyPem } = await createKeyPair();
  const { pem } = await createCertificate({ privateKey });
  const { address, seen } = await serve(
    grpc,
    gateway,
    grpc.ServerCredentials.createSsl(null, [
      { private_key: Buffer.from(privateKeyPem), cert_chain: Buffer.from(pem) },
    ]),
  );
  const { credentials } = pubSub(grpc, gateway.salesforce);
  const channel = grpc.credentials.createSsl(Buffer.from(pem), null, null, {
    checkServerIdentity: () => undefined,
  });
  const getTopic = open(
    grpc,
    address,
    grpc.credentials.combineChannelCredentials(channel, credentials),
  );
  expect(await getTopic('a')).toBe('topic a');
  expect(seen[0]).toMatchObject({ instanceurl: gateway.url });
  expect(gateway.logins()).toBe(1);
});
