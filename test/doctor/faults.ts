/**
 * The faults that the doctor is measured by: each is really caused, alone or together with another,
 * and it is known which is the first broken link.
 */

import { execFileSync } from 'node:child_process';
import { connect } from '@sfjwt/client';
import type { CauseCode } from '@sfjwt/setup/diagnosis';
import { createHostCertificate } from './host-certificate.ts';
import { answer, consumerKey, keys, tunnel, worker, workers } from './stage.ts';
import type { Scene, Stage } from './stage.ts';

export interface CausedFault {
  /** In words, for docs/doctor.md. */
  readonly fault: string;
  readonly cause: (stage: Stage) => Promise<Scene>;
  /** Nobody answers: who has no patience of their own waits for ever. */
  readonly isSilent?: true;
  /** What the doctor has to name first. */
  readonly code: CauseCode;
  /** The same, with the session of an administrator, when that shows more. */
  readonly codeForAdmin?: CauseCode;
}

/** A right scene with a key file of this text. */
function withKey(text: string, name = 'broken.key') {
  return async (stage: Stage): Promise<Scene> => ({
    ...(await stage.org()),
    keyFile: stage.file(name, text),
  });
}

/** A right scene with other settings. */
function withSettings(changed: Scene) {
  return async (stage: Stage): Promise<Scene> => ({ ...(await stage.org()), ...changed });
}

/** An org that is set up otherwise. */
function withOrg(options: Parameters<Stage['org']>[0]) {
  return (stage: Stage): Promise<Scene> => stage.org(options);
}

/** A host that answers with this in place of an org. */
function withHost(bytes: string | undefined) {
  return async (stage: Stage): Promise<Scene> => stage.settings(await stage.host(bytes));
}

const page = '<!DOCTYPE html><html><title>Sign in to the network</title></html>';

const users = (changed: object) => [{ username: worker, profile: workers, ...changed }];

const elsewhere = {
  loginIpRanges: [{ startAddress: '10.20.0.1', endAddress: '10.20.0.99' }],
};

const closed = Object.fromEntries(
  ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'].flatMap((day) => [
    [`${day}Start`, 0],
    [`${day}End`, 0],
  ]),
);

const sandboxHost = 'acme--uat.sandbox.my.salesforce.com';

export const faults: readonly CausedFault[] = [
  // The key.
  {
    fault: 'the key file is not there',
    cause: async (stage) => ({ ...(await stage.org()), keyFile: `${stage.folder}/none.key` }),
    code: 'KEY_FILE_UNREADABLE',
  },
  { fault: 'the key file is empty', cause: withKey(''), code: 'KEY_MISSING' },
  { fault: 'the key file is cut off', cause: withKey(keys.cutOff), code: 'KEY_UNREADABLE' },
  {
    fault: 'a public key in place of the private key',
    cause: withKey(keys.publicKey),
    code: 'KEY_WRONG_KIND',
  },
  {
    fault: 'the certificate in place of the private key',
    cause: withKey(keys.certificate),
    code: 'KEY_WRONG_KIND',
  },
  {
    fault: 'a key of an elliptic curve',
    cause: withKey(keys.ellipticCurve),
    code: 'KEY_WRONG_KIND',
  },
  { fault: 'an RSA key of 1024 bits', cause: withKey(keys.short), code: 'KEY_TOO_SHORT' },
  {
    fault: 'an encrypted key, no passphrase',
    cause: withKey(keys.encrypted),
    code: 'KEY_ENCRYPTED',
  },
  {
    fault: 'a PKCS#12 file in place of the key',
    cause: async (stage) => {
      const [key, crt] = [stage.file('a.key', keys.ours), stage.file('a.crt', keys.certificate)];
      const keyFile = `${stage.folder}/salesforce.p12`;
      const words = ['pkcs12', '-export', '-inkey', key, '-in', crt, '-out', keyFile];
      execFileSync('openssl', [...words, '-passout', 'pass:changeit']);
      return { ...(await stage.org()), keyFile };
    },
    code: 'KEY_WRONG_KIND',
  },
  {
    fault: 'key and certificate of different pairs, both here',
    cause: async (stage) => ({
      ...(await stage.org()),
      keyFile: stage.file('other.key', keys.other),
      certificateFile: stage.file('salesforce.crt', keys.certificate),
    }),
    code: 'CERTIFICATE_OF_OTHER_KEY',
  },
  // The settings.
  { fault: 'no username', cause: withSettings({ username: '' }), code: 'SETTING_MISSING' },
  {
    fault: 'the username in place of the consumer key',
    cause: withSettings({ clientId: worker }),
    code: 'CLIENT_ID_SHAPE',
  },
  {
    fault: 'the record id of the app in place of the consumer key',
    cause: withSettings({ clientId: '0xIB0000000CbFNMA0' }),
    code: 'CLIENT_ID_SHAPE',
  },
  {
    fault: 'a consumer key that lost its end',
    cause: withSettings({ clientId: `3MVG9${'aB3d'.repeat(15)}` }),
    code: 'CLIENT_ID_SHAPE',
  },
  {
    fault: 'the consumer key of an app elsewhere',
    cause: withSettings({ clientId: '3MVG9.of.another.org' }),
    code: 'CLIENT_ID_UNKNOWN',
    codeForAdmin: 'CLIENT_APP_MISSING',
  },
  {
    fault: 'an alias in place of the username',
    cause: withSettings({ username: 'worker' }),
    code: 'USERNAME_SHAPE',
  },
  {
    fault: 'a username that nobody has',
    cause: withSettings({ username: 'wroker@acme.example' }),
    code: 'USER_NOT_APPROVED',
    codeForAdmin: 'USER_UNKNOWN',
  },
  {
    fault: 'a sandbox, and the username of production',
    cause: async (stage) =>
      stage.behindRealNames(
        await stage.org({
          seed: { kind: 'sandbox', users: [{ username: `${worker}.uat`, profile: workers }] },
        }),
        sandboxHost,
      ),
    code: 'USERNAME_NOT_OF_SANDBOX',
  },
  {
    fault: 'production, and the username of a sandbox',
    cause: async (stage) => ({
      ...(await stage.behindRealNames(await stage.org(), 'acme.my.salesforce.com')),
      username: `${worker}.uat`,
    }),
    code: 'USERNAME_OF_SANDBOX',
  },
  {
    fault: 'an external client app, asked for at login.salesforce.com',
    cause: async (stage) => stage.behindRealNames(await stage.org(), 'login.salesforce.com'),
    code: 'LOGIN_URL_GENERIC',
  },
  {
    fault: 'a login URL that is none',
    cause: withSettings({ loginUrl: 'acme' }),
    code: 'LOGIN_URL_INVALID',
  },
  {
    fault: 'the website of Salesforce as login URL',
    cause: withSettings({ loginUrl: 'https://www.salesforce.com' }),
    code: 'LOGIN_URL_INVALID',
  },
  {
    fault: 'http:// to a host elsewhere',
    cause: withSettings({ loginUrl: 'http://acme.my.salesforce.com' }),
    code: 'INSECURE_URL',
  },
  {
    fault: 'the audience of a sandbox at a production org',
    cause: withSettings({ audience: 'https://test.salesforce.com' }),
    code: 'AUDIENCE_OF_OTHER_HOST',
  },
  {
    fault: 'the token endpoint as audience',
    cause: async (stage) => {
      const scene = await stage.org();
      return { ...scene, audience: `${scene.loginUrl ?? ''}/services/oauth2/token` };
    },
    code: 'AUDIENCE_OF_OTHER_HOST',
  },
  // The network.
  {
    fault: 'a host that no name server knows',
    // A label of 64 characters is none (RFC 1035 section 2.3.4): no name server is asked.
    cause: async (stage) => stage.settings(`https://${'a'.repeat(64)}.my.salesforce.com`),
    code: 'HOST_NOT_FOUND',
  },
  {
    fault: 'a port where nobody listens',
    cause: async (stage) => stage.settings(`http://127.0.0.1:${await stage.closedPort()}`),
    code: 'CONNECTION_REFUSED',
  },
  {
    fault: 'a host that keeps silent',
    cause: withHost(undefined),
    isSilent: true,
    code: 'TIMED_OUT',
  },
  {
    fault: 'a host that breaks connections',
    cause: async (stage) => stage.settings(await stage.breakingHost()),
    code: 'CONNECTION_LOST',
  },
  {
    fault: 'a page in place of Salesforce (200)',
    cause: withHost(answer('200 OK', { 'content-type': 'text/html' }, page)),
    code: 'RESPONSE_HTML',
  },
  {
    fault: 'maintenance (503, a page)',
    cause: withHost(answer('503 Service Unavailable', { 'content-type': 'text/html' }, page)),
    code: 'SERVER_ERROR',
  },
  {
    fault: 'a redirect to another host',
    cause: withHost(answer('302 Found', { location: 'http://127.0.0.1:9/' }, '')),
    code: 'REDIRECTED',
  },
  {
    fault: 'an answer that is cut off',
    cause: withHost(answer('200 OK', { 'content-length': '500' }, '{"access_token":"00D')),
    code: 'CONNECTION_LOST',
  },
  { fault: 'an empty answer', cause: withHost(answer('200 OK', {}, '')), code: 'RESPONSE_EMPTY' },
  {
    fault: 'a TLS certificate that nobody here trusts',
    cause: async (stage) => {
      const { ca: _ca, ...scene } = await stage.org({ tls: true });
      return scene;
    },
    code: 'TLS_INTERCEPTED',
  },
  {
    fault: 'a TLS certificate that has expired',
    cause: async (stage) => {
      const day = 86_400_000;
      const [from, to] = [Date.now() - 9 * day, Date.now() - day];
      const tls = await createHostCertificate({ names: ['127.0.0.1'], from, to });
      return { ...stage.settings(await stage.host('', tls)), ca: tls.certificate };
    },
    code: 'TLS_FAILED',
  },
  {
    fault: 'a TLS certificate of another host',
    cause: async (stage) => {
      const tls = await createHostCertificate({ names: ['proxy.acme.example'] });
      return { ...stage.settings(await stage.host('', tls)), ca: tls.certificate };
    },
    code: 'TLS_FAILED',
  },
  {
    fault: 'a port that does not speak TLS',
    cause: async (stage) => {
      const url = await stage.host(answer('400 Bad Request', {}, ''));
      return stage.settings(url.replace('http:', 'https:'));
    },
    code: 'TLS_FAILED',
  },
  {
    fault: 'a proxy that reads TLS, not trusted here',
    cause: async (stage) => {
      const scene = await stage.behindRealNames(await stage.org(), 'acme.my.salesforce.com');
      const { ca: _ca, ...untrusting } = scene;
      return untrusting;
    },
    code: 'TLS_INTERCEPTED',
  },
  {
    fault: 'a proxy that does not let this host through (403)',
    cause: async (stage) => ({
      ...stage.settings('https://acme.my.salesforce.com'),
      proxy: await stage.proxy((socket) => socket.end(answer('403 Forbidden', {}, ''))),
    }),
    code: 'PROXY_REFUSED',
  },
  {
    fault: 'a proxy that wants a password (407)',
    cause: async (stage) => ({
      ...stage.settings('https://acme.my.salesforce.com'),
      proxy: await stage.proxy((socket) =>
        socket.end(
          answer('407 Proxy Authentication Required', { 'proxy-authenticate': 'Basic' }, ''),
        ),
      ),
    }),
    code: 'PROXY_REFUSED',
  },
  {
    fault: 'a proxy that is not there',
    cause: async (stage) => ({
      ...stage.settings('https://acme.my.salesforce.com'),
      proxy: `http://127.0.0.1:${await stage.closedPort()}`,
    }),
    code: 'PROXY_UNREACHABLE',
  },
  {
    fault: 'a proxy that keeps silent',
    cause: async (stage) => ({
      ...stage.settings('https://acme.my.salesforce.com'),
      proxy: await stage.proxy(() => {}),
    }),
    isSilent: true,
    code: 'TIMED_OUT',
  },
  {
    fault: 'a proxy that leads to a page',
    cause: async (stage) => {
      const tls = await createHostCertificate({ names: ['acme.my.salesforce.com'] });
      const url = await stage.host(answer('200 OK', { 'content-type': 'text/html' }, page), tls);
      const port = Number(new URL(url).port);
      return {
        ...stage.settings('https://acme.my.salesforce.com'),
        proxy: await stage.proxy((socket) => tunnel(socket, port)),
        ca: tls.certificate,
      };
    },
    code: 'RESPONSE_HTML',
  },
  {
    fault: 'the clock of this machine, 20 minutes behind',
    cause: async (stage) => {
      const scene = await stage.org();
      scene.org.clock.advance({ minutes: 20 });
      return scene;
    },
    code: 'CLOCK_WRONG',
  },
  // The token endpoint.
  {
    fault: 'the token endpoint answers 503',
    cause: async (stage) => {
      const scene = await stage.org();
      scene.org.faults.every(1, 'token', { status: 503, body: page });
      return scene;
    },
    code: 'SERVER_ERROR',
  },
  {
    fault: 'Salesforce asks to try again (unknown_error)',
    cause: async (stage) => {
      const scene = await stage.org();
      scene.org.faults.every(1, 'token', { refusal: 'unknown_error' });
      return scene;
    },
    code: 'SALESFORCE_BUSY',
  },
  // The app.
  {
    fault: 'the certificate in the org is of another key',
    cause: withOrg({ app: { certificate: keys.otherCertificate } }),
    code: 'ASSERTION_INVALID',
    codeForAdmin: 'APP_CERTIFICATE_OF_OTHER_KEY',
  },
  {
    fault: 'the same, of a connected app',
    cause: withOrg({ app: { kind: 'connectedApp', certificate: keys.otherCertificate } }),
    code: 'ASSERTION_INVALID',
    codeForAdmin: 'APP_CERTIFICATE_OF_OTHER_KEY',
  },
  {
    fault: 'the app has no certificate',
    cause: withOrg({ app: { certificate: undefined } }),
    code: 'ASSERTION_INVALID',
    codeForAdmin: 'APP_CERTIFICATE_MISSING',
  },
  {
    fault: 'the app is switched off',
    cause: withOrg({ app: { isEnabled: false } }),
    code: 'CLIENT_APP_BLOCKED',
    codeForAdmin: 'CLIENT_APP_DISABLED',
  },
  {
    fault: 'an administrator blocked the app',
    cause: withOrg({ app: { isBlocked: true } }),
    code: 'CLIENT_APP_BLOCKED',
  },
  {
    fault: 'nobody is assigned to the app',
    cause: withOrg({ app: { profiles: [] } }),
    code: 'USER_NOT_ADMIN_APPROVED',
    codeForAdmin: 'APP_NOT_ASSIGNED',
  },
  {
    fault: 'the permission set of the app is not assigned to the user',
    cause: withOrg({
      app: { profiles: [], permissionSets: ['Nightly Access'] },
      seed: { permissionSets: [{ label: 'Nightly Access' }] },
    }),
    code: 'USER_NOT_ADMIN_APPROVED',
    codeForAdmin: 'USER_NOT_ASSIGNED',
  },
  {
    fault: 'another profile is assigned to the app',
    cause: withOrg({ app: { profiles: ['Standard User'] } }),
    code: 'USER_NOT_ADMIN_APPROVED',
    codeForAdmin: 'USER_NOT_ASSIGNED',
  },
  {
    fault: 'users approve the app themselves, and this one never did',
    cause: withOrg({ app: { permittedUsers: 'selfAuthorize', profiles: [] } }),
    code: 'USER_NOT_APPROVED',
    codeForAdmin: 'PERMITTED_USERS_SELF_AUTHORIZE',
  },
  {
    fault: 'the user approved it, without refresh_token',
    cause: withOrg({
      app: {
        permittedUsers: 'selfAuthorize',
        profiles: [],
        approvals: [{ username: worker, scopes: ['api'] }],
      },
    }),
    code: 'USER_NOT_APPROVED',
    codeForAdmin: 'PERMITTED_USERS_SELF_AUTHORIZE',
  },
  {
    fault: 'the app has no scope but refresh_token',
    cause: withOrg({ app: { scopes: ['refresh_token'] } }),
    code: 'SCOPES_MISSING',
  },
  {
    fault: 'the app has no scope api: sign-in works, the API does not',
    cause: withOrg({ app: { scopes: ['openid', 'refresh_token'] } }),
    code: 'SCOPE_API_MISSING',
  },
  // The user.
  {
    fault: 'the user is deactivated',
    cause: withOrg({ seed: { users: users({ isActive: false }) } }),
    code: 'USER_INACTIVE',
  },
  {
    fault: 'the user is frozen',
    cause: withOrg({ seed: { users: users({ isFrozen: true }) } }),
    code: 'USER_INACTIVE',
    codeForAdmin: 'USER_FROZEN',
  },
  {
    fault: 'this address is not in the login IP ranges',
    cause: withOrg({ seed: { profiles: [{ name: workers, apiEnabled: true, ...elsewhere }] } }),
    code: 'IP_RESTRICTED',
  },
  {
    fault: 'this hour is not in the login hours',
    cause: withOrg({
      seed: { profiles: [{ name: workers, apiEnabled: true, loginHours: closed }] },
    }),
    code: 'LOGIN_HOURS_RESTRICTED',
  },
  {
    fault: 'the user has used up the logins of the hour',
    cause: async (stage) => {
      const scene = await stage.org({ seed: { limits: { loginsPerHour: 1 } } });
      const { loginUrl = '', keyFile: privateKeyFile = '' } = scene;
      const salesforce = connect({
        loginUrl,
        clientId: consumerKey,
        username: worker,
        privateKeyFile,
      });
      await salesforce.token();
      salesforce.close();
      return scene;
    },
    code: 'LOGIN_RATE_EXCEEDED',
  },
  {
    fault: 'the user has no API access: sign-in works, the API does not',
    cause: withOrg({ seed: { profiles: [{ name: workers, apiEnabled: false }] } }),
    code: 'API_DISABLED',
  },
  {
    fault: 'the org has used up its API requests of the day',
    cause: async (stage) => {
      const scene = await stage.org();
      const spent = { refusal: 'REQUEST_LIMIT_EXCEEDED' } as const;
      // The administrator has requests left: what is met is the worker's own request.
      scene.org.faults.every(1, '/services/data/*/limits', spent);
      return scene;
    },
    code: 'API_LIMIT_EXCEEDED',
  },
  // Two at once: the one below hides the one above.
  {
    fault: 'the key is cut off, and the host is not there',
    cause: async (stage) => ({
      ...stage.settings(`http://127.0.0.1:${await stage.closedPort()}`),
      keyFile: stage.file('broken.key', keys.cutOff),
    }),
    code: 'KEY_UNREADABLE',
  },
  {
    fault: 'the clock is behind, and the app is switched off',
    cause: async (stage) => {
      const scene = await stage.org({ app: { isEnabled: false } });
      scene.org.clock.advance({ minutes: 20 });
      return scene;
    },
    code: 'CLOCK_WRONG',
  },
  {
    fault: 'a proxy refuses, and the consumer key is a username',
    cause: async (stage) => ({
      ...stage.settings('https://acme.my.salesforce.com'),
      clientId: worker,
      proxy: await stage.proxy((socket) => socket.end(answer('403 Forbidden', {}, ''))),
    }),
    code: 'PROXY_REFUSED',
  },
  {
    fault: 'the audience is wrong, and the consumer key unknown',
    cause: withSettings({
      audience: 'https://test.salesforce.com',
      clientId: '3MVG9.of.another.org',
    }),
    code: 'AUDIENCE_OF_OTHER_HOST',
  },
  {
    fault: 'the certificate in the org is of another key, and the user is deactivated',
    cause: withOrg({
      app: { certificate: keys.otherCertificate },
      seed: { users: users({ isActive: false }) },
    }),
    code: 'ASSERTION_INVALID',
    codeForAdmin: 'APP_CERTIFICATE_OF_OTHER_KEY',
  },
  {
    fault: 'the user is frozen, and nobody is assigned to the app',
    cause: withOrg({ app: { profiles: [] }, seed: { users: users({ isFrozen: true }) } }),
    code: 'USER_INACTIVE',
    codeForAdmin: 'USER_FROZEN',
  },
  {
    fault: 'nobody is assigned to the app, and this address is not allowed',
    cause: withOrg({
      app: { profiles: [] },
      seed: { profiles: [{ name: workers, apiEnabled: true, ...elsewhere }] },
    }),
    code: 'USER_NOT_ADMIN_APPROVED',
    codeForAdmin: 'APP_NOT_ASSIGNED',
  },
  {
    fault: 'no scope api, and no API access',
    cause: withOrg({
      app: { scopes: ['openid'] },
      seed: { profiles: [{ name: workers, apiEnabled: false }] },
    }),
    code: 'SCOPE_API_MISSING',
  },
];
