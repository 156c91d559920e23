// @ts-check
/**
 * What every runtime has to do, as one module that needs nothing of any of them: no test runner, no
 * module of Node, nothing imported but the client. It is given the addresses of a local org and of
 * an endpoint that fails on demand, and keys in every form; it gives back what held and what did not.
 */

import {
  AccessToken,
  ClientError,
  cachedSource,
  connect,
  createClaims,
  createTransport,
  jwtBearerGrantType,
  localSigner,
  memoryTokenStore,
  milliseconds,
  parsePrivateKey,
  readPrivateKeyFile,
  resolveLoginUrl,
  signAssertion,
} from '@sfjwt/client';

/** @typedef {{ name: string, ok: boolean, error?: string }} Outcome */

/** @typedef {import('@sfjwt/client').ConnectOptions} ConnectOptions */

/**
 * @typedef {object} Given
 * @property {Org} org A local org with one app and one user that may use it.
 * @property {string} faults Base URL of the endpoint that answers as the path says.
 * @property {string} secure The same endpoint behind TLS, with a certificate that nobody trusts.
 * @property {string} ca That certificate.
 * @property {string} proxy A proxy that tells at `/` how many tunnels it has made.
 * @property {string} nowhere Base URL of a port where nobody listens.
 * @property {Keys} keys
 * @property {string} keyFile Path of the key, where there are files.
 * @property {Readonly<Record<string, string>>} differences What this runtime answers in place of what the others do, by id.
 * @property {unknown} [keyObject] The key as a key object of `node:crypto`, where there is one.
 * @property {(value: unknown) => string} [inspect] How the runtime shows a value in its log.
 */

/**
 * @typedef {object} Org
 * @property {string} url
 * @property {string} clientId
 * @property {string} clientSecret
 * @property {string} username
 * @property {string} stranger A user who may not use the app.
 */

/**
 * @typedef {object} Keys
 * @property {Readonly<Record<string, string>>} texts Forms that everybody reads, by what they are.
 * @property {Readonly<Record<string, string>>} bytes The same in bytes, as base64.
 * @property {Readonly<Record<string, string>>} encrypted
 * @property {string} passphrase
 * @property {Readonly<Record<string, { text?: string, bytes?: string, code: string }>>} refused
 * @property {string} pkcs8 The key as it should be.
 * @property {import('node:crypto').webcrypto.JsonWebKey} privateJwk
 * @property {import('node:crypto').webcrypto.JsonWebKey} publicJwk
 */

/** @typedef {{ method: string, path: string, headers: Record<string, string>, body: string }} Received A request as the endpoint had it. */

const rs256 = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' };
const data = new TextEncoder().encode('the very bytes that are signed');
const bareAssertion = /eyJ[\w-]+\.eyJ[\w-]+\.[\w-]+/;
const bareToken = /00D\w+!\w/;

/**
 * Runs every check, one after the other: some runtimes allow few connections at a time.
 *
 * @param {Given} given
 * @returns {Promise<Outcome[]>}
 */
export async function conformance(given) {
  /** @type {Outcome[]} */
  const outcomes = [];
  for (const [name, check] of checksOf(given)) {
    try {
      await check();
      outcomes.push({ name, ok: true });
    } catch (error) {
      const { code, message, stack } = /** @type {{ code?: string } & Error} */ (error);
      outcomes.push({ name, ok: false, error: `${code ?? ''} ${message}\n${stack}` });
    }
  }
  return outcomes;
}

/** @typedef {[name: string, check: () => unknown]} Check */

/**
 * @param {Given} given
 * @returns {Check[]}
 */
function checksOf(given) {
  const { org, faults, secure, ca, proxy, nowhere, keys, keyFile, differences } = given;
  const { keyObject, inspect } = given;
  /** Everything that was thrown or told, for the search for secrets at the end. @type {unknown[]} */
  const seen = [];

  /** @param {string} id @param {string} usual */
  const here = (id, usual) => differences[id] ?? usual;

  /** The code that it fails with, or "works". @param {() => unknown} act */
  async function codeOf(act) {
    try {
      await act();
      return 'works';
    } catch (error) {
      seen.push(error);
      if (!(error instanceof ClientError)) throw error;
      same(
        error.hints.every((hint) => hint.endsWith('.') || hint.length > 20),
        true,
        'hints',
      );
      return error.code;
    }
  }

  /** @param {Partial<ConnectOptions>} [options] */
  function orgConnection(options) {
    const ownKey = options?.signer ?? options?.privateKeyFile;
    return connect({
      loginUrl: org.url,
      clientId: org.clientId,
      username: org.username,
      ...(ownKey === undefined ? { privateKey: keys.pkcs8 } : {}),
      onEvent: (event) => seen.push(event),
      ...options,
    });
  }

  /** A connection to the endpoint that fails, whose requests can be told from all others. @param {string} fault @param {Partial<ConnectOptions>} [options] */
  function faultConnection(fault, options) {
    const id = crypto.randomUUID();
    const received = async () => {
      const response = await fetch(`${faults}/_received/${id}`);
      return /** @type {Received[]} */ (await response.json());
    };
    const connection = connect({
      loginUrl: `${faults}/${fault}/${id}`,
      clientId: '3MVG9.conformance',
      username: 'worker@example.org',
      privateKey: keys.pkcs8,
      maximumTries: 1,
      // A retry waits by this clock, which is in a hurry.
      clock: { now: () => milliseconds(Date.now()), sleep: () => Promise.resolve() },
      onEvent: (event) => seen.push(event),
      ...options,
    });
    return {
      connection,
      id,
      received,
      tokenRequests: async () =>
        (await received()).filter(({ path }) => path.endsWith('/token')).length,
    };
  }

  /** @param {Parameters<typeof parsePrivateKey>[0]} key @param {string} [passphrase] */
  async function signs(key, passphrase) {
    const parsed = await parsePrivateKey(key, passphrase);
    same(parsed.bits >= 2048, true, 'bits');
    const signature = await parsed.sign(data);
    const publicKey = await crypto.subtle.importKey('jwk', keys.publicJwk, rs256, false, [
      'verify',
    ]);
    const genuine = await crypto.subtle.verify(rs256, publicKey, new Uint8Array(signature), data);
    same(genuine, true, 'the signature is genuine');
    return parsed;
  }

  /** @param {import('node:crypto').webcrypto.KeyUsage[]} usages @param {string | { name: string, hash: string }} [algorithm] */
  const cryptoKey = (usages, algorithm = rs256, jwk = keys.privateJwk) =>
    crypto.subtle.importKey('jwk', jwk, algorithm, false, usages);

  /** @type {Check[]} */
  const privateKeys = [
    ...Object.entries(keys.texts).map(
      /** @returns {Check} */ ([form, text]) => [`key: ${form}`, () => signs(text)],
    ),
    ...Object.entries(keys.bytes).map(
      /** @returns {Check} */ ([form, base64]) => [
        `key: ${form}, in bytes`,
        () => signs(bytesOf(base64)),
      ],
    ),
    ['key: JWK', () => signs(/** @type {import('@sfjwt/client').Jwk} */ (keys.privateJwk))],
    ['key: CryptoKey that cannot be exported', async () => signs(await cryptoKey(['sign']))],
    [
      'key: key object of node:crypto',
      async () => {
        const alike = { type: 'private', asymmetricKeyType: 'rsa', export: () => keys.pkcs8 };
        const key = /** @type {import('@sfjwt/client').KeyObjectLike} */ (keyObject ?? alike);
        same(await codeOf(() => signs(key)), here('keyObject', 'works'), 'code');
      },
    ],
    [
      'key: what was mended is told',
      async () => {
        const parsed = await parsePrivateKey(keys.pkcs8.replaceAll('\n', String.raw`\n`));
        same(parsed.mended, [String.raw`written-out \n became line breaks`], 'mended');
        same((await parsePrivateKey(keys.pkcs8)).mended, [], 'mended');
      },
    ],
    ...Object.entries(keys.encrypted).map(
      /** @returns {Check} */ ([form, text]) => [
        `key: ${form}`,
        async () => {
          const expected = here(form, 'works');
          const opened = await codeOf(() => signs(text, keys.passphrase));
          same(opened, expected, 'with the passphrase');
          same(await codeOf(() => parsePrivateKey(text)), 'KEY_ENCRYPTED', 'without it');
          const wrong = await codeOf(() => parsePrivateKey(text, 'not the passphrase'));
          same(wrong, expected === 'works' ? 'KEY_ENCRYPTED' : expected, 'with another');
        },
      ],
    ),
    ...Object.entries(keys.refused).map(
      /** @returns {Check} */ ([form, { text, bytes, code }]) => [
        `key refused: ${form}`,
        async () =>
          same(await codeOf(() => parsePrivateKey(text ?? bytesOf(bytes ?? ''))), code, 'code'),
      ],
    ),
    [
      'key refused: a JWK without its private numbers',
      async () => {
        const publicJwk = /** @type {import('@sfjwt/client').Jwk} */ (keys.publicJwk);
        same(await codeOf(() => parsePrivateKey(publicJwk)), 'KEY_WRONG_KIND', 'public');
        const { kty, n, e, d } = keys.privateJwk;
        const half = /** @type {import('@sfjwt/client').Jwk} */ ({ kty, n, e, d });
        same(await codeOf(() => parsePrivateKey(half)), 'KEY_UNREADABLE', 'half of it');
      },
    ],
    [
      'key refused: a CryptoKey for another algorithm, another hash or another use',
      async () => {
        const pss = await cryptoKey(['sign'], { name: 'RSA-PSS', hash: 'SHA-256' });
        same(await codeOf(() => parsePrivateKey(pss)), 'KEY_WRONG_KIND', 'RSA-PSS');
        const sha512 = await cryptoKey(['sign'], { ...rs256, hash: 'SHA-512' });
        same(await codeOf(() => parsePrivateKey(sha512)), 'KEY_WRONG_KIND', 'SHA-512');
        const verify = await cryptoKey(['verify'], rs256, keys.publicJwk);
        same(await codeOf(() => parsePrivateKey(verify)), 'KEY_WRONG_KIND', 'public');
      },
    ],
    [
      'key file',
      async () => {
        const read = await codeOf(() => readPrivateKeyFile(keyFile));
        same(read, here('keyFile', 'works'), 'a file that is there');
        const missing = await codeOf(() => readPrivateKeyFile(`${keyFile}.missing`));
        same(missing, 'KEY_FILE_UNREADABLE', 'a file that is not');
        same(
          await codeOf(() => orgConnection({ privateKeyFile: keyFile }).token()),
          here('keyFile', 'works'),
          'as option',
        );
      },
    ],
  ];

  /** @type {Check[]} */
  const assertions = [
    [
      'assertion: RS256, six claims, three minutes, genuine by the public key',
      async () => {
        const now = 1_800_000_000_000;
        const claims = createClaims({
          clientId: '3MVG9.key',
          username: 'worker@example.org',
          audience: 'https://acme.my.salesforce.com',
          clock: { now: () => milliseconds(now + 999) },
        });
        const signer = localSigner(await parsePrivateKey(keys.pkcs8));
        const parts = (await signAssertion(claims, signer)).split('.');
        const [header = '', payload = '', signature = ''] = parts;
        same(parts.length, 3, 'parts');
        same(JSON.parse(textOf(header)), { alg: 'RS256', typ: 'JWT' }, 'header');
        const { jti, ...others } = JSON.parse(textOf(payload));
        same(/^[\da-f-]{36}$/.test(jti), true, 'jti');
        const expected = {
          iss: '3MVG9.key',
          sub: 'worker@example.org',
          aud: 'https://acme.my.salesforce.com',
          exp: now / 1000 + 180,
          iat: now / 1000,
        };
        same(others, expected, 'claims');
        const key = await crypto.subtle.importKey('jwk', keys.publicJwk, rs256, false, ['verify']);
        const signed = new TextEncoder().encode(`${header}.${payload}`);
        const genuine = await crypto.subtle.verify(rs256, key, bytesOf(signature), signed);
        same(genuine, true, 'genuine');
      },
    ],
    [
      'assertion: names beyond ASCII',
      async () => {
        const claims = createClaims({
          clientId: 'k',
          username: 'jürgen@köln.example',
          audience: 'a',
        });
        const signer = localSigner(await parsePrivateKey(keys.pkcs8));
        const [, payload = ''] = (await signAssertion(claims, signer)).split('.');
        same(JSON.parse(textOf(payload)).sub, 'jürgen@köln.example', 'sub');
      },
    ],
    [
      'assertion: no lifetime beyond three minutes',
      async () => {
        const input = { clientId: 'k', username: 'u', audience: 'a', lifetimeSeconds: 181 };
        same(await codeOf(() => createClaims(input)), 'SETTING_INVALID', 'code');
      },
    ],
    [
      'signer of another place',
      async () => {
        const key = await cryptoKey(['sign']);
        let signed = 0;
        /** @type {import('@sfjwt/client').Signer} */
        const signer = {
          algorithm: 'RS256',
          async sign(bytes) {
            signed += 1;
            return new Uint8Array(
              await crypto.subtle.sign(
                rs256.name,
                key,
                /** @type {Uint8Array<ArrayBuffer>} */ (bytes),
              ),
            );
          },
        };
        const token = await orgConnection({ signer }).token();
        same([signed, token.instanceUrl], [1, org.url], 'signed once');
      },
    ],
    [
      'signer that fails',
      async () => {
        const cause = new Error('the key service is asleep');
        /** @type {import('@sfjwt/client').Signer} */
        const signer = { algorithm: 'RS256', sign: () => Promise.reject(cause) };
        const connection = orgConnection({ signer });
        const error = await thrownBy(() => connection.token());
        same([error.code, error.cause === cause], ['SIGNER_FAILED', true], 'error');
      },
    ],
  ];

  /** @type {Check[]} */
  const settings = [
    [
      'login URL and audience',
      () => {
        const { tokenEndpoint, audience } = resolveLoginUrl(
          'acme--uat.sandbox.lightning.force.com',
        );
        const host = 'https://acme--uat.sandbox.my.salesforce.com';
        same([tokenEndpoint, audience], [`${host}/services/oauth2/token`, host], 'resolved');
      },
    ],
    [
      'login URL without TLS, to another machine',
      async () =>
        same(
          await codeOf(() => orgConnection({ loginUrl: 'http://acme.my.salesforce.com' })),
          'INSECURE_URL',
          'code',
        ),
    ],
    [
      'login URL that is none',
      async () =>
        same(
          await codeOf(() => orgConnection({ loginUrl: 'ftp://x' })),
          'LOGIN_URL_INVALID',
          'code',
        ),
    ],
    [
      'setting that is missing or misspelt',
      async () => {
        same(await codeOf(() => orgConnection({ username: ' ' })), 'SETTING_MISSING', 'blank');
        const misspelt = /** @type {Partial<ConnectOptions>} */ ({ clientID: 'x' });
        same(await codeOf(() => orgConnection(misspelt)), 'SETTING_INVALID', 'misspelt');
      },
    ],
    [
      'connect() from the environment',
      async () => {
        const code = await codeOf(() => connect().token());
        same(code, here('environment', 'works'), 'connect()');
      },
    ],
  ];

  /** @type {Check[]} */
  const exchange = [
    [
      'org: from key to records',
      async () => {
        const salesforce = orgConnection();
        const response = await salesforce.fetch(
          '/services/data/v67.0/query?q=SELECT+Name+FROM+Account+ORDER+BY+Name',
        );
        const { totalSize, records } =
          /** @type {{ totalSize: number, records: { Name: string }[] }} */ (await response.json());
        same([response.status, totalSize, records[0]?.Name], [200, 3, 'Acme'], 'records');
        const token = await salesforce.token();
        same(token.instanceUrl, org.url, 'instance URL');
        same(token.scopes.includes('api'), true, 'scopes');
        same(/^00D\w{15}$/.test(token.organizationId ?? ''), true, 'organization id');
        same(/^005\w{15}$/.test(token.userId ?? ''), true, 'user id');
        salesforce.close();
      },
    ],
    [
      'org: headers for a client of somebody else',
      async () => {
        const headers = await orgConnection().headers();
        const query = `${org.url}/services/data/v67.0/query?q=SELECT+Id+FROM+Account`;
        const response = await fetch(query, { headers });
        await response.text();
        same(response.status, 200, 'status');
      },
    ],
    [
      'org: userinfo and identity',
      async () => {
        const salesforce = orgConnection();
        same((await salesforce.userinfo()).preferred_username, org.username, 'userinfo');
        same((await salesforce.identity()).username, org.username, 'identity');
      },
    ],
    [
      'org: introspect tells the end of life',
      async () => {
        const salesforce = orgConnection({ clientSecret: org.clientSecret });
        const { active, exp = 0 } = await salesforce.introspect();
        same([active, exp * 1000 > Date.now()], [true, true], 'answer');
        same((await salesforce.token()).expiresAt, exp * 1000, 'kept');
      },
    ],
    [
      'org: introspect without the secret, or with another',
      async () => {
        same(await codeOf(() => orgConnection().introspect()), 'SETTING_MISSING', 'without');
        const wrong = orgConnection({ clientSecret: 'not the secret' });
        same(await codeOf(() => wrong.introspect()), 'CLIENT_SECRET_WRONG', 'another');
      },
    ],
    [
      'org: revoke ends the session, and the next use signs in anew',
      async () => {
        const salesforce = orgConnection();
        const before = await salesforce.token();
        await salesforce.revoke();
        const headers = { authorization: `Bearer ${before.value}` };
        const dead = await fetch(`${org.url}/services/oauth2/userinfo`, { headers });
        same(dead.status, 403, 'status');
        await dead.text();
        same((await salesforce.token()).equals(before), false, 'another token');
      },
    ],
    [
      'org: a session that somebody else ended is renewed',
      async () => {
        const salesforce = orgConnection();
        const token = await salesforce.token();
        const body = new URLSearchParams({ token: token.value });
        await (await fetch(`${org.url}/services/oauth2/revoke`, { method: 'POST', body })).text();
        same((await salesforce.userinfo()).preferred_username, org.username, 'userinfo');
        same((await salesforce.token()).equals(token), false, 'another token');
      },
    ],
    [
      'org: refusals in its own words',
      async () => {
        const stranger = orgConnection({ username: org.stranger });
        same(await codeOf(() => stranger.token()), 'USER_NOT_ADMIN_APPROVED', 'stranger');
        const unknown = orgConnection({ clientId: '3MVG9.unknown' });
        same(await codeOf(() => unknown.token()), 'CLIENT_ID_UNKNOWN', 'client id');
        const audience = orgConnection({ audience: 'https://elsewhere.example' });
        same(await codeOf(() => audience.token()), 'AUDIENCE_INVALID', 'audience');
      },
    ],
    [
      'token request: two parameters, and nothing else',
      async () => {
        const { connection, received } = faultConnection('ok');
        await connection.token();
        const [request] = await received();
        const form = new URLSearchParams(request?.body);
        same(request?.method, 'POST', 'method');
        same([...form.keys()], ['grant_type', 'assertion'], 'parameters');
        same(form.get('grant_type'), jwtBearerGrantType, 'grant type');
        const type = request?.headers['content-type'];
        same(type, 'application/x-www-form-urlencoded', 'content type');
        same(request?.headers['accept'], 'application/json', 'accept');
        same(request?.headers['authorization'], undefined, 'no credentials');
      },
    ],
    [
      'token request: every try has a jti of its own',
      async () => {
        const { connection, received } = faultConnection('recovers', { maximumTries: 3 });
        await connection.token();
        const tries = await received();
        const ids = tries.map(({ body }) => {
          const [, payload = ''] = (new URLSearchParams(body).get('assertion') ?? '').split('.');
          return JSON.parse(textOf(payload)).jti;
        });
        same([tries.length, new Set(ids).size], [3, 3], 'tries');
      },
    ],
    [
      'token response in single bytes, and in gzip',
      async () => {
        const slow = faultConnection('dribble');
        same((await slow.connection.token()).scopes, ['api', 'ünï'], 'single bytes');
        const packed = faultConnection('gzip');
        same((await packed.connection.token()).scopes, ['api', 'id'], 'gzip');
      },
    ],
  ];

  /** What the endpoint does, and the code that follows; with the id of a difference where there is one. @type {[fault: string, code: string, difference?: string][]} */
  const failures = [
    ['refuses-not-approved', 'USER_NOT_APPROVED'],
    ['refuses-not-admin-approved', 'USER_NOT_ADMIN_APPROVED'],
    ['refuses-assertion', 'ASSERTION_INVALID'],
    ['refuses-audience', 'AUDIENCE_INVALID'],
    ['refuses-expired', 'ASSERTION_EXPIRED'],
    ['refuses-client-id', 'CLIENT_ID_UNKNOWN'],
    ['refuses-app', 'CLIENT_APP_NOT_FOUND'],
    ['refuses-rate', 'LOGIN_RATE_EXCEEDED'],
    ['refuses-busy', 'SALESFORCE_BUSY'],
    ['refuses-in-new-words', 'REFUSED'],
    ['html', 'RESPONSE_HTML'],
    ['empty', 'RESPONSE_EMPTY'],
    ['text', 'RESPONSE_NOT_JSON'],
    ['truncated', 'RESPONSE_TRUNCATED'],
    ['array', 'RESPONSE_INVALID'],
    ['no-token', 'RESPONSE_INVALID'],
    ['header-injection', 'RESPONSE_INVALID'],
    ['foreign-http', 'INSECURE_URL'],
    ['wrong-type', 'RESPONSE_WRONG_TYPE'],
    ['redirects', 'REDIRECTED'],
    ['oversize', 'RESPONSE_TOO_LARGE'],
    ['endless', 'RESPONSE_TOO_LARGE'],
    ['unavailable', 'SERVER_ERROR'],
    ['too-many', 'SERVER_ERROR'],
    ['proxy-page', 'PROXY_PAGE'],
    ['cut', 'CONNECTION_LOST'],
    ['resets', 'CONNECTION_LOST'],
  ];

  /** @type {Check[]} */
  const errors = [
    ...failures.map(
      /** @returns {Check} */ ([fault, code]) => [
        `endpoint ${fault}: ${code}`,
        async () => {
          const { connection, tokenRequests } = faultConnection(fault);
          same(await codeOf(() => connection.token()), here(fault, code), 'code');
          // Some runtimes try a broken connection again by themselves.
          if (code !== 'CONNECTION_LOST') same(await tokenRequests(), 1, 'requests');
        },
      ],
    ),
    [
      'a redirect is not followed: the assertion goes nowhere else',
      async () => {
        const { connection, received } = faultConnection('redirects');
        await codeOf(() => connection.token());
        same((await received()).length, 1, 'requests');
      },
    ],
    [
      'a refusal keeps Salesforce’s words, status and what was sent',
      async () => {
        const { connection } = faultConnection('refuses-not-approved');
        const error = await thrownBy(() => connection.token());
        seen.push(error);
        same(error.error, 'invalid_grant', 'error');
        same(error.errorDescription, "user hasn't approved this consumer", 'description');
        same([error.status, error.name, error.transient], [400, 'ClientError', false], 'fields');
        same(error.sent?.username, 'worker@example.org', 'sent');
        same(error instanceof Error, true, 'an Error');
      },
    ],
    [
      'time-out',
      async () => {
        const start = Date.now();
        const { connection } = faultConnection('silent', { timeoutMilliseconds: 150 });
        same(await codeOf(() => connection.token()), 'TIMED_OUT', 'code');
        same(Date.now() - start < 5000, true, 'at once');
      },
    ],
    [
      'time-out in the middle of an answer',
      async () => {
        const { connection } = faultConnection('stalls', { timeoutMilliseconds: 150 });
        same(await codeOf(() => connection.token()), 'TIMED_OUT', 'code');
      },
    ],
    [
      'abort ends the wait of its own caller alone',
      async () => {
        const { connection, tokenRequests } = faultConnection('slow');
        const controller = new AbortController();
        const patient = connection.token();
        const hasty = codeOf(() => connection.token({ signal: controller.signal }));
        controller.abort();
        same(await hasty, 'ABORTED', 'the hasty one');
        same((await patient).instanceUrl, faults, 'the patient one');
        same(await tokenRequests(), 1, 'requests');
      },
    ],
    [
      'abort before the start',
      async () => {
        const { connection } = faultConnection('ok');
        const signal = AbortSignal.abort();
        same(await codeOf(() => connection.token({ signal })), 'ABORTED', 'code');
      },
    ],
    [
      'transport: abort ends the request itself',
      async () => {
        const transport = createTransport();
        const controller = new AbortController();
        const sending = codeOf(() =>
          transport.send({
            method: 'GET',
            url: `${faults}/silent/${crypto.randomUUID()}/services/oauth2/token`,
            headers: {},
            signal: controller.signal,
            timeoutMilliseconds: 5000,
            maximumBytes: 1024,
          }),
        );
        setTimeout(() => controller.abort(), 50);
        same(await sending, 'ABORTED', 'code');
        transport.close();
      },
    ],
    [
      'nobody listens',
      async () => {
        const connection = orgConnection({ loginUrl: nowhere, maximumTries: 1 });
        const error = await thrownBy(() => connection.token());
        seen.push(error);
        same(error.code, here('refusedConnection', 'CONNECTION_REFUSED'), 'code');
        same(error.transient, true, 'transient');
      },
    ],
    [
      'a port that does not speak TLS',
      async () => {
        const loginUrl = faults.replace('http:', 'https:');
        const connection = orgConnection({ loginUrl, maximumTries: 1 });
        same(await codeOf(() => connection.token()), here('noTls', 'TLS_FAILED'), 'code');
      },
    ],
    [
      'what passes is tried again, what does not is remembered',
      async () => {
        const passing = faultConnection('recovers', { maximumTries: 3 });
        await passing.connection.token();
        same(await passing.tokenRequests(), 3, 'tries');
        const refused = faultConnection('refuses-not-approved', { maximumTries: 3 });
        same(await codeOf(() => refused.connection.token()), 'USER_NOT_APPROVED', 'first');
        same(await codeOf(() => refused.connection.token()), 'USER_NOT_APPROVED', 'again');
        same(await refused.tokenRequests(), 1, 'requests');
      },
    ],
    [
      'a wrong clock is learnt from the answer',
      async () => {
        const { connection, tokenRequests } = faultConnection('expired-by-clock', {
          clock: { now: () => milliseconds(Date.now() - 600_000), sleep: () => Promise.resolve() },
        });
        await connection.token();
        same(await tokenRequests(), 2, 'requests');
        const skew = /** @type {{ type?: string }[]} */ (seen).filter(
          (event) => event?.type === 'clockSkew',
        );
        same(skew.length, 1, 'events');
      },
    ],
  ];

  /** A connection to the endpoint behind TLS. @param {Partial<ConnectOptions>} options */
  const secureConnection = (options) => {
    const id = crypto.randomUUID();
    return faultConnection('ok', { loginUrl: `${secure}/ok/${id}`, ...options }).connection;
  };

  const tunnels = async () => Number(await (await fetch(proxy)).text());

  /** @type {Check[]} */
  const network = [
    [
      'TLS: a certificate that nobody trusts',
      async () => {
        const code = await codeOf(() => secureConnection({}).token());
        same(code, here('untrusted', 'TLS_FAILED'), 'code');
      },
    ],
    [
      'TLS: the option ca makes it trusted, for tokens and for the API',
      async () => {
        const connection = secureConnection({ ca });
        const code = await codeOf(async () => {
          const init = { method: 'POST', body: 'körper' };
          const echo = await echoOf(connection.fetch('/api/tls/echo', init));
          same([echo.method, echo.body], ['POST', 'körper'], 'echo');
          const packed = await connection.fetch('/api/tls/gzip');
          same(await packed.json(), { packed: true }, 'gzip');
        });
        connection.close();
        same(code, here('ca', 'works'), 'code');
      },
    ],
    [
      'proxy: token requests and API requests go through it, by few tunnels',
      async () => {
        const before = await tunnels();
        const connection = secureConnection({ ca, proxy });
        const code = await codeOf(async () => {
          for (let turn = 0; turn < 5; turn += 1) {
            const echo = await echoOf(
              connection.fetch('/api/proxy/echo', { method: 'POST', body: 'x' }),
            );
            same(echo.body, 'x', 'echo');
          }
        });
        connection.close();
        const made = (await tunnels()) - before;
        same(made === 0 ? 'ignored' : code, here('proxy', 'works'), 'outcome');
        same(made <= 3, true, `${made} tunnels`);
      },
    ],
    [
      'proxy: one that refuses, and one that is not there',
      async () => {
        const refused = secureConnection({ ca, proxy: proxy.replace('//', '//nobody:x@') });
        const code = await codeOf(() => refused.token());
        const works = here('proxy', 'works') === 'works';
        same(code, works ? 'PROXY_REFUSED' : here('ca', 'works'), 'refused');
        const missing = await codeOf(() => secureConnection({ ca, proxy: nowhere }).token());
        same(missing, works ? 'PROXY_UNREACHABLE' : here('ca', 'works'), 'missing');
      },
    ],
  ];

  /** @type {Check[]} */
  const tokens = [
    [
      'a hundred callers, one token request',
      async () => {
        const { connection, tokenRequests } = faultConnection('slow');
        const all = await Promise.all(Array.from({ length: 100 }, () => connection.token()));
        same(new Set(all).size, 1, 'tokens');
        await connection.token();
        same(await tokenRequests(), 1, 'requests');
      },
    ],
    [
      'connections that share a store share the token',
      async () => {
        const store = memoryTokenStore();
        const first = faultConnection('ok', { store });
        const loginUrl = `${faults}/ok/${first.id}`;
        const second = faultConnection('ok', { store, loginUrl });
        const token = await first.connection.token();
        same((await second.connection.token()).equals(token), true, 'the same');
        same(await first.tokenRequests(), 1, 'requests');
      },
    ],
    [
      'a token is renewed when its time is over, by the clock that was given',
      async () => {
        let now = 1_800_000_000_000;
        const { connection, tokenRequests } = faultConnection('ok', {
          clock: { now: () => milliseconds(now) },
          tokenLifetimeSeconds: 900,
        });
        const before = await connection.token();
        now += 899_000 - 180_000;
        same((await connection.token()).equals(before), true, 'still good');
        now += 181_000;
        same((await connection.token()).equals(before), false, 'over');
        same(await tokenRequests(), 2, 'requests');
      },
    ],
    [
      'a source of one’s own, cached',
      async () => {
        let asked = 0;
        const source = cachedSource(
          { token: async () => ((asked += 1), accessToken(`00Dxx!own.${asked}`)) },
          {
            clock: { now: () => milliseconds(Date.now()) },
            lifetimeSeconds: 900,
            refusalLifetimeSeconds: 60,
            storeKey: 'own',
          },
        );
        const token = await source.token();
        same((await source.token()).equals(token), true, 'reused');
        same((await source.token({ refused: token })).equals(token), false, 'refused');
        same(asked, 2, 'asked');
      },
    ],
    [
      '401: the very token is given up, the request sent once more with its body',
      async () => {
        const { connection, id, received, tokenRequests } = faultConnection('ok');
        const response = await connection.fetch(`/api/${id}/expired`, {
          method: 'PUT',
          headers: { 'content-type': 'text/plain', 'x-own': 'kept' },
          body: 'körper',
        });
        const echo = /** @type {Received} */ (await response.json());
        same(response.status, 200, 'status');
        same([echo.method, echo.body, echo.headers['x-own']], ['PUT', 'körper', 'kept'], 'echo');
        same(await tokenRequests(), 2, 'token requests');
        same((await received()).length, 4, 'requests in all');
      },
    ],
    [
      '401 for five callers at once: one renewal',
      async () => {
        const { connection, id, tokenRequests } = faultConnection('ok');
        await connection.token();
        const answers = await Promise.all(
          Array.from({ length: 5 }, async () => {
            const response = await connection.fetch(`/api/${id}/expired`);
            await response.text();
            return response.status;
          }),
        );
        same(answers, [200, 200, 200, 200, 200], 'answers');
        same(await tokenRequests(), 2, 'token requests');
      },
    ],
    [
      '401 for ever: renewed once, then told as it is',
      async () => {
        const { connection, id, tokenRequests } = faultConnection('ok');
        const response = await connection.fetch(`/api/${id}/always-expired`);
        same(response.status, 401, 'status');
        await response.text();
        same(await tokenRequests(), 2, 'token requests');
      },
    ],
    [
      '401 that no login cures: no renewal',
      async () => {
        const { connection, id, tokenRequests } = faultConnection('ok');
        const response = await connection.fetch(`/api/${id}/not-for-api`);
        same(response.status, 401, 'status');
        await response.text();
        same(await tokenRequests(), 1, 'token requests');
      },
    ],
    [
      'fetch: a Request, a URL, an answer in gzip',
      async () => {
        const { connection, id } = faultConnection('ok');
        const url = `${faults}/api/${id}/echo`;
        const request = new Request(url, { method: 'POST', body: 'from a Request' });
        same((await echoOf(connection.fetch(request))).body, 'from a Request', 'Request');
        same((await echoOf(connection.fetch(new URL(url)))).method, 'GET', 'URL');
        const packed = await connection.fetch(`/api/${id}/gzip`);
        same(await packed.json(), { packed: true }, 'gzip');
      },
    ],
    [
      'fetch: a body of bytes, and one that streams',
      async () => {
        const { connection, id } = faultConnection('ok');
        const bytes = connection.fetch(`/api/${id}/echo`, { method: 'POST', body: data });
        same((await echoOf(bytes)).body, new TextDecoder().decode(data), 'bytes');
        const body = new ReadableStream({
          start(controller) {
            controller.enqueue(data);
            controller.close();
          },
        });
        const init = /** @type {RequestInit} */ ({ method: 'POST', body, duplex: 'half' });
        const streamed = connection.fetch(`/api/${id}/echo`, init);
        same((await echoOf(streamed)).body, new TextDecoder().decode(data), 'stream');
      },
    ],
    [
      'fetch: abort',
      async () => {
        const { connection, id } = faultConnection('ok');
        await connection.token();
        const controller = new AbortController();
        const { signal } = controller;
        const answer = connection.fetch(`/api/${id}/silent`, { signal }).then(
          () => 'answered',
          (error) => error.code,
        );
        setTimeout(() => controller.abort(), 50);
        same(await answer, 'ABORTED', 'code');
      },
    ],
    [
      'fetch: the token goes to its own origin alone',
      async () => {
        const { connection } = faultConnection('ok');
        const foreign = await codeOf(() => connection.fetch('https://elsewhere.example/services'));
        same(foreign, 'FOREIGN_ORIGIN', 'code');
      },
    ],
    [
      'fetch of one’s own carries everything',
      async () => {
        /** @type {string[]} */
        const carried = [];
        const salesforce = orgConnection({
          fetch: (request) => {
            carried.push(new URL(request.url).pathname);
            return globalThis.fetch(request);
          },
        });
        await salesforce.userinfo();
        const paths = ['/services/oauth2/token', '/services/oauth2/userinfo'];
        same(carried, paths, 'carried');
      },
    ],
    [
      'transport of one’s own, with an answer out of the air',
      async () => {
        const body = JSON.stringify({
          access_token: '00Dxx!air',
          instance_url: 'https://acme.my.salesforce.com',
        });
        const headers = { 'content-type': 'application/json' };
        let closed = 0;
        const connection = orgConnection({
          transport: {
            send: () => Promise.resolve({ status: 200, headers, body }),
            close: () => void (closed += 1),
          },
        });
        same((await connection.token()).value, '00Dxx!air', 'value');
        connection.close();
        same(closed, 1, 'closed');
      },
    ],
    [
      'events tell what happened',
      async () => {
        /** @type {string[]} */
        const types = [];
        const { connection } = faultConnection('ok', { onEvent: ({ type }) => types.push(type) });
        await connection.token();
        await connection.token();
        same(types, ['tokenRequested', 'tokenReceived', 'tokenReused'], 'types');
      },
    ],
    [
      'close and asyncDispose',
      async () => {
        const { connection } = faultConnection('ok');
        await connection.token();
        await connection[Symbol.asyncDispose]();
        connection.close();
        same((await connection.token()).instanceUrl, faults, 'still of use');
        connection.close();
      },
    ],
  ];

  /** @type {Check[]} */
  const secrets = [
    [
      'a token shows nothing of itself',
      () => {
        const token = accessToken('00Dxx!very.secret');
        const shown = [
          JSON.stringify({ token }),
          String(token),
          Object.values(token).join(),
          everything(token),
          inspect?.(token) ?? '',
          inspect?.({ deep: [token] }) ?? '',
        ];
        same(
          shown.filter((text) => text.includes('very.secret')),
          [],
          'shown',
        );
        same(token.value, '00Dxx!very.secret', 'asked for by name');
      },
    ],
    [
      'a key shows nothing of itself',
      async () => {
        const key = await parsePrivateKey(keys.pkcs8);
        const shown = [JSON.stringify(key), everything(key), inspect?.(key) ?? ''].join();
        same(secretsIn(shown), [], 'shown');
      },
    ],
    [
      'a connection shows nothing of its settings',
      async () => {
        const salesforce = orgConnection({ clientSecret: org.clientSecret });
        await salesforce.token();
        const shown = [JSON.stringify(salesforce), everything(salesforce), inspect?.(salesforce)];
        same(secretsIn(shown.join()), [], 'shown');
      },
    ],
    [
      'no error and no event of all these checks holds a secret',
      () => {
        same(seen.length > 100, true, `${seen.length} were seen`);
        for (const one of seen) {
          const shown = `${String(one)} ${everything(one)} ${inspect?.(one) ?? ''}`;
          same(secretsIn(shown), [], everything(one));
        }
      },
    ],
  ];

  /** @param {string} text */
  function secretsIn(text) {
    const d = keys.privateJwk.d ?? '';
    const line = keys.pkcs8.split('\n')[5] ?? '';
    return [
      ...[d, line, keys.passphrase, org.clientSecret].filter((secret) => text.includes(secret)),
      ...(bareAssertion.exec(text) ?? []),
      ...(bareToken.exec(text) ?? []),
    ];
  }

  return [
    ...privateKeys,
    ...assertions,
    ...settings,
    ...exchange,
    ...errors,
    ...network,
    ...tokens,
    ...secrets,
  ];
}

/** @param {() => unknown} act @returns {Promise<ClientError>} */
async function thrownBy(act) {
  try {
    await act();
  } catch (error) {
    if (error instanceof ClientError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

/** What the endpoint was sent, as it says itself. @param {Promise<Response>} response */
async function echoOf(response) {
  return /** @type {Received} */ (await (await response).json());
}

/** @param {string} value */
function accessToken(value) {
  return new AccessToken({
    value,
    instanceUrl: 'https://acme.my.salesforce.com',
    scopes: ['api'],
    organizationId: undefined,
    userId: undefined,
    identityUrl: undefined,
    receivedAt: milliseconds(Date.now()),
  });
}

/** @param {unknown} actual @param {unknown} expected @param {string} what */
function same(actual, expected, what) {
  const [one, other] = [JSON.stringify(actual), JSON.stringify(expected)];
  if (one !== other) throw new Error(`${what}: ${one} and not ${other}`);
}

/** @param {string} base64 */
function bytesOf(base64) {
  const plain = base64.replaceAll('-', '+').replaceAll('_', '/');
  return Uint8Array.from(atob(plain), (character) => character.charCodeAt(0));
}

/** @param {string} base64Url */
function textOf(base64Url) {
  return new TextDecoder().decode(bytesOf(base64Url));
}

/**
 * All that can be reached from a value, whether or not it would be printed.
 *
 * @param {unknown} value
 * @param {Set<unknown>} visited
 * @returns {string}
 */
function everything(value, visited = new Set()) {
  if (typeof value === 'string') return value;
  if (typeof value !== 'object' || value === null) return String(value);
  if (visited.has(value) || visited.size > 2000) return '';
  visited.add(value);
  if (ArrayBuffer.isView(value)) return '';
  return Reflect.ownKeys(value)
    .map((key) => {
      try {
        const member = /** @type {Record<string | symbol, unknown>} */ (value)[key];
        return `${String(key)}: ${everything(member, visited)}`;
      } catch {
        return '';
      }
    })
    .join(' ');
}
