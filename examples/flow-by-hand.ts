// Every arrow of the flow by itself: key, signer, claims, assertion, token request, token response.
import {
  createClaims,
  createTransport,
  judgeTokenResponse,
  localSigner,
  readPrivateKeyFile,
  resolveLoginUrl,
  sendTokenRequest,
  signAssertion,
  systemClock,
} from '@sfjwt/client';

const clientId = process.env['SFJWT_CLIENT_ID'] ?? '';
const username = process.env['SFJWT_USERNAME'] ?? '';

const privateKey = await readPrivateKeyFile(process.env['SFJWT_PRIVATE_KEY_FILE'] ?? '');
const signer = localSigner(privateKey);

const { tokenEndpoint, audience } = resolveLoginUrl(process.env['SFJWT_LOGIN_URL'] ?? '');
const claims = createClaims({ clientId, username, audience });
const assertion = await signAssertion(claims, signer);

const transport = createTransport();
const response = await sendTokenRequest(transport, {
  tokenEndpoint,
  assertion,
  timeoutMilliseconds: 10_000,
});
const sent = { tokenEndpoint, clientId, username, audience };
const token = await judgeTokenResponse(response, sent, systemClock.now());

const answer = await fetch(`${token.instanceUrl}/services/data/v67.0/limits`, {
  method: 'HEAD',
  headers: { authorization: `Bearer ${token.value}` },
});
console.log(claims.exp - claims.iat, privateKey.bits, token.scopes.join(' '), answer.status);
transport.close();
