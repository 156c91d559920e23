import {
  connect,
  createTransport,
  jwtBearerSource,
  localSigner,
  parsePrivateKey,
  systemClock,
} from '@sfjwt/client';

/** @type {import('./runner.mjs').Open} */
export function open({ privateKey, clientId, username, loginUrl, tokenEndpoint }) {
  const connection = connect({ loginUrl, clientId, username, privateKey });
  /** @type {ReturnType<typeof jwtBearerSource> | undefined} */
  let source;
  return {
    token: async () => (await connection.token()).value,
    reuse: () => connection.token(),
    async exchange() {
      source ??= jwtBearerSource({
        tokenEndpoint,
        audience: loginUrl,
        clientId,
        username,
        signer: localSigner(await parsePrivateKey(privateKey)),
        transport: createTransport(),
        clock: systemClock,
        timeoutMilliseconds: 10_000,
      });
      return (await source.token()).value;
    },
  };
}
