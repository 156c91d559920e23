/** The library behind `sfjwt doctor`; the table of faults is in test/doctor. */

import { inspect } from 'node:util';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createOrg } from '@sfjwt/org';
import type { Org, Seed } from '@sfjwt/org';
import { createClaims, localSigner, parsePrivateKey, signAssertion } from '@sfjwt/client';
import { expect, onTestFinished, test } from 'vitest';
import { openAdminSession } from '../src/admin-session.ts';
import { createCertificate } from '../src/certificate.ts';
import { diagnose, explainError } from '../src/diagnosis/index.ts';
import type { DiagnosedSettings, Diagnosis } from '../src/diagnosis/index.ts';
import { createKeyPair } from '../src/key-pair.ts';

const key = await createKeyPair();
const { pem: certificate } = await createCertificate({ privateKey: key.privateKey });

async function openOrg(
  app: Partial<NonNullable<Seed['clientApps']>[number]> = {},
): Promise<{ org: Org; settings: DiagnosedSettings }> {
  const org = await createOrg({
    seed: {
      clientApps: [
        {
          name: 'Nightly Sync',
          contactEmail: 'ops@example.org',
          consumerKey: '3MVG9.nightly.sync',
          certificate,
          scopes: ['api', 'refresh_token'],
          permittedUsers: 'adminApproved',
          profiles: ['Minimum Access - API Only Integrations'],
          ...app,
        },
      ],
    },
  });
  onTestFinished(() => org.close());
  await org.listen({ port: 0 });
  const settings = {
    loginUrl: org.url,
    clientId: '3MVG9.nightly.sync',
    username: 'integration@local-org.example',
    privateKey: key.privateKeyPem,
  };
  return { org, settings };
}

const broken = ({ findings }: Diagnosis) =>
  findings.filter(({ state }) => state === 'fault').map(({ code }) => code);

test('a sign-in that works costs one login, and is told from the key to the limits', async () => {
  const { org, settings } = await openOrg();
  const diagnosis = await diagnose(settings);
  expect(diagnosis).toMatchObject({ isHealthy: true, cause: undefined });
  expect(diagnosis.findings.map(({ check, state }) => [check, state])).toEqual([
    ['private-key', 'ok'],
    ['login-url', 'ok'],
    ['consumer-key', 'ok'],
    ['username', 'ok'],
    ['audience', 'ok'],
    ['proxy', 'ok'],
    ['connection', 'ok'],
    ['clock', 'ok'],
    ['endpoint', 'ok'],
    ['exchange', 'ok'],
    ['userinfo', 'ok'],
    ['scopes', 'ok'],
    ['api-access', 'ok'],
    ['api-access', 'ok'],
  ]);
  expect(org.loginHistory.list()).toHaveLength(1);
});

test('nothing is sent when something below the sign-in is broken', async () => {
  const { org, settings } = await openOrg();
  const diagnosis = await diagnose({ ...settings, privateKey: 'no key' });
  expect(diagnosis.cause).toMatchObject({ ground: 'key', code: 'KEY_UNREADABLE' });
  expect(diagnosis.findings.at(-1)).toMatchObject({ check: 'exchange', state: 'skipped' });
  expect(org.loginHistory.list()).toEqual([]);
});

test('with no settings at all, each missing one is told, with the flag that gives it', async () => {
  const { findings, cause } = await diagnose({});
  expect(cause).toMatchObject({ code: 'SETTING_MISSING', check: 'private-key' });
  expect(
    findings.filter(({ code }) => code === 'SETTING_MISSING').map(({ cure }) => cure?.advice),
  ).toEqual([
    'Give it as --jwt-key-file, or in the environment as SFJWT_PRIVATE_KEY_FILE.',
    'Give it as --instance-url, or in the environment as SFJWT_LOGIN_URL.',
    'Give it as --client-id, or in the environment as SFJWT_CLIENT_ID.',
    'Give it as --username, or in the environment as SFJWT_USERNAME.',
  ]);
});

test('a wrong clock is named, and does not hide what else is wrong', async () => {
  const { org, settings } = await openOrg({ isBlocked: true });
  org.clock.advance({ minutes: 20 });
  const diagnosis = await diagnose(settings);
  expect(diagnosis.cause?.says).toBe(
    'The clock of this machine is 20 minutes behind that of the host',
  );
  expect(broken(diagnosis)).toEqual(['CLOCK_WRONG', 'CLIENT_APP_BLOCKED']);
  expect(org.loginHistory.list()).toHaveLength(1);
});

test('what looks wrong is a warning when Salesforce signs in all the same', async () => {
  const { settings } = await openOrg();
  const folder = mkdtempSync(join(tmpdir(), 'sfjwt-doctor-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'other.crt');
  const other = await createKeyPair();
  writeFileSync(file, (await createCertificate({ privateKey: other.privateKey })).pem);
  const diagnosis = await diagnose(settings, { certificateFile: file });
  expect(diagnosis.isHealthy).toBe(true);
  expect(diagnosis.findings).toContainEqual(
    expect.objectContaining({ code: 'CERTIFICATE_OF_OTHER_KEY', state: 'warning' }),
  );
  const refused = await diagnose(
    { ...settings, privateKey: other.privateKeyPem, clientId: '3MVG9.unknown' },
    { certificateFile: file },
  );
  expect(broken(refused)).toEqual(['CLIENT_ID_UNKNOWN']);
});

test('no secret is in a diagnosis', async () => {
  const { org, settings } = await openOrg();
  for (const changed of [{}, { clientId: '3MVG9.unknown' }, { passphrase: 'a passphrase' }]) {
    const shown = inspect(await diagnose({ ...settings, ...changed }), { depth: 20 });
    expect(shown).not.toMatch(/PRIVATE KEY|eyJ|00D\w{12,15}!|a passphrase/);
  }
  expect(org.sessions.list()).not.toEqual([]);
  const assertion = 'eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJ4In0.c2VjcmV0';
  expect(inspect(await diagnose({}, { assertion }), { depth: 20 })).not.toContain('c2VjcmV0');
});

test('other audiences are tried when somebody asks for it, and only then', async () => {
  const { org, settings } = await openOrg();
  const wrong = { ...settings, audience: 'https://test.salesforce.com' };
  const refused = () => org.loginHistory.list().filter(({ status }) => status !== 'Success').length;
  await diagnose(wrong);
  expect(refused()).toBe(1);
  const { findings } = await diagnose(wrong, { probe: true });
  expect(findings).toContainEqual(
    expect.objectContaining({
      check: 'audience-probe',
      says: `The audience ${org.url} is taken: use --audience ${org.url}`,
    }),
  );
  expect(refused()).toBe(2);
});

test('an administrator whose session does not open stands in the way of nothing', async () => {
  const { org, settings } = await openOrg({ profiles: [] });
  const admin = async () => ({
    session: await openAdminSession({ instanceUrl: org.url, accessToken: '00D000000000001!over' }),
    by: undefined,
  });
  const { cause, findings } = await diagnose(settings, { admin });
  expect(cause?.code).toBe('USER_NOT_ADMIN_APPROVED');
  expect(findings).toContainEqual(
    expect.objectContaining({ check: 'admin-session', code: 'ORG_UNREADABLE', state: 'warning' }),
  );
});

test('what an administrator sees explains the refusal, and is mended by one command', async () => {
  const { org, settings } = await openOrg({ profiles: [] });
  const accessToken = org.openSession(org.administrator);
  const admin = (by: { profile: string } | { sf: string } | undefined) => async () => ({
    session: await openAdminSession({ instanceUrl: org.url, accessToken }),
    by,
  });
  const { cause, findings } = await diagnose(settings, { admin: admin({ sf: 'my org' }) });
  expect(cause).toMatchObject({ ground: 'org', code: 'APP_NOT_ASSIGNED' });
  expect(cause?.cure?.command).toMatch(
    /^sf data create record --sobject SetupEntityAccess --values 'ParentId=0PS\w+ SetupEntityId=0xI\w+' --target-org 'my org'$/,
  );
  expect(findings.at(-1)).toMatchObject({ code: 'USER_NOT_ADMIN_APPROVED', isConsequence: true });
  const kept = await diagnose(settings, { admin: admin({ profile: 'admin' }) });
  expect(kept.cause?.cure?.command).toMatch(
    /^sfjwt api POST \/services\/data\/v67\.0\/sobjects\/SetupEntityAccess --profile admin --body '/,
  );
  // The command, as sfjwt would send it.
  const [, path = '', body = ''] =
    /POST (\S+) .* --body '(.*)'$/.exec(kept.cause?.cure?.command ?? '') ?? [];
  const { session } = await admin(undefined)();
  expect(
    (
      await session.fetch(path, {
        method: 'POST',
        body,
        headers: { 'content-type': 'application/json' },
      })
    ).status,
  ).toBe(201);
  expect(await diagnose(settings)).toMatchObject({ isHealthy: true });
});

/** A JWT as foreign code makes it. */
async function assertionWith(changed: object): Promise<string> {
  const signer = localSigner(await parsePrivateKey(key.privateKeyPem));
  const claims = createClaims({
    clientId: '3MVG9.nightly.sync',
    username: 'integration@local-org.example',
    audience: 'https://login.salesforce.com',
  });
  return signAssertion({ ...claims, ...changed }, signer);
}

const now = Math.floor(Date.now() / 1000);
const recoded = (text: string, change: (part: string) => string) =>
  text.split('.').map(change).join('.');

test.each<[what: string, assertion: string, code: string | undefined, state?: string]>([
  ['nothing wrong', await assertionWith({}), undefined],
  [
    'exp in milliseconds',
    await assertionWith({ exp: now * 1000 }),
    'EXPIRY_IN_MILLISECONDS',
    'warning',
  ],
  ['an exp of an hour ago', await assertionWith({ exp: now - 3600 }), 'ASSERTION_EXPIRED'],
  ['no exp', await assertionWith({ exp: undefined }), 'EXPIRY_MISSING'],
  ['exp as a date', await assertionWith({ exp: new Date().toISOString() }), 'EXPIRY_MISSING'],
  ['an exp of tomorrow', await assertionWith({ exp: now + 86_400 }), 'EXPIRY_FAR', 'warning'],
  ['an nbf in an hour', await assertionWith({ nbf: now + 3600 }), 'NOT_YET_VALID'],
  [
    'aud as a list',
    await assertionWith({ aud: ['https://login.salesforce.com'] }),
    'AUDIENCE_LIST',
  ],
  ['no aud', await assertionWith({ aud: undefined }), 'AUDIENCE_MISSING'],
  [
    'aud without https',
    await assertionWith({ aud: 'login.salesforce.com' }),
    'AUDIENCE_OF_OTHER_HOST',
  ],
  [
    'aud of the token endpoint',
    await assertionWith({ aud: 'https://login.salesforce.com/services/oauth2/token' }),
    'AUDIENCE_OF_OTHER_HOST',
  ],
  [
    'iss and sub the wrong way round',
    await assertionWith({ iss: 'integration@local-org.example', sub: '3MVG9.nightly.sync' }),
    'ISSUER_AND_SUBJECT_SWAPPED',
  ],
  ['no iss', await assertionWith({ iss: undefined }), 'ISSUER_MISSING'],
  ['no sub', await assertionWith({ sub: undefined }), 'SUBJECT_MISSING'],
  ['another prn', await assertionWith({ prn: 'x@example.org' }), 'SUBJECT_TWICE', 'warning'],
  [
    'padding',
    recoded(await assertionWith({}), (part) => `${part}==`),
    'ASSERTION_PADDED',
    'warning',
  ],
  [
    'base64',
    recoded(await assertionWith({ name: '???>>>~~~' }), (part) =>
      Buffer.from(part, 'base64url').toString('base64'),
    ),
    'ASSERTION_BASE64',
  ],
  ['a line break', (await assertionWith({})).replace('.', '.\n'), 'ASSERTION_BASE64'],
  ['two parts', (await assertionWith({})).replace(/\.[^.]*$/, ''), 'ASSERTION_SHAPE'],
  ['no signature', (await assertionWith({})).replace(/[^.]*$/, ''), 'SIGNATURE_MISSING'],
  [
    'a changed claim',
    (await assertionWith({})).replace(
      /\.[^.]*\./,
      `.${Buffer.from(JSON.stringify({ iss: '3MVG9.x', sub: 'a@b.cd', aud: 'https://login.salesforce.com', exp: now + 60 })).toString('base64url')}.`,
    ),
    'SIGNATURE_OF_OTHER_KEY',
  ],
  ['an access token', '00D000000000001!AQ.something', 'ASSERTION_SHAPE'],
  ...['RS512', 'HS256', 'ES256', 'none'].map((alg): [string, string, string] => [
    alg,
    `${Buffer.from(JSON.stringify({ alg })).toString('base64url')}.e30.AA`,
    'ASSERTION_ALGORITHM',
  ]),
])('a JWT with %s', async (_what, assertion, code, state = 'fault') => {
  const folder = mkdtempSync(join(tmpdir(), 'sfjwt-doctor-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const certificateFile = join(folder, 'salesforce.crt');
  writeFileSync(certificateFile, certificate);
  const { findings, isHealthy } = await diagnose({}, { assertion, certificateFile });
  const troubles = findings.filter((finding) => finding.code !== undefined);
  if (code === undefined) {
    expect([isHealthy, troubles]).toEqual([true, []]);
    expect(findings.at(-1)?.says).toBe('Signed by the key of the certificate');
  } else expect(troubles[0]).toMatchObject({ code, state });
});

test.each([
  [
    `{"error":"invalid_grant","error_description":"user hasn't approved this consumer"}`,
    'USER_NOT_APPROVED',
  ],
  [
    `Error (1): We encountered a JSON web token error, which is likely not an issue with Salesforce CLI. Here's the error: JwtGrantError - Error authenticating with JWT.\nErrors encountered:\ninvalid_grant: audience is invalid [audience=https://a.example login=https://b.example]`,
    'AUDIENCE_INVALID',
  ],
  [
    `invalid_grant: invalid assertion [audience=https://a login=https://a]\ninvalid_grant: audience is invalid`,
    'ASSERTION_INVALID',
  ],
  [
    `SalesforceAuthenticationFailed: invalid_app_access: user is not admin approved to access this app`,
    'USER_NOT_ADMIN_APPROVED',
  ],
  [
    `{"error":"app_not_found","error_description":"External client app is not installed in this org"}`,
    'CLIENT_APP_NOT_FOUND',
  ],
  ['invalid_grant: expired authorization code', 'ASSERTION_EXPIRED'],
  ['invalid_client_id: client identifier invalid', 'CLIENT_ID_UNKNOWN'],
  ['IP restricted or invalid login hours', 'LOGIN_HOURS_RESTRICTED'],
  ['Restricted IP', 'IP_RESTRICTED'],
  [
    `[{"message":"Session expired or invalid","errorCode":"INVALID_SESSION_ID"}]`,
    'SESSION_INVALID',
  ],
  [
    `[{"message":"This session is not valid for use with the REST API","errorCode":"INVALID_SESSION_ID"}]`,
    'SESSION_NOT_FOR_API',
  ],
  ['The REST API is not enabled for this Organization. API_DISABLED_FOR_ORG', 'API_DISABLED'],
  ['curl: (6) Could not resolve host: acme.my.salesforce.com', 'HOST_NOT_FOUND'],
  ['curl: (60) SSL certificate problem: unable to get local issuer certificate', 'TLS_INTERCEPTED'],
  ['javax.net.ssl.SSLHandshakeException: PKIX path building failed', 'TLS_INTERCEPTED'],
  ['FetchError: request failed, reason: connect ECONNREFUSED 127.0.0.1:443', 'CONNECTION_REFUSED'],
  ['error:1E08010C:DECODER routines::unsupported', 'KEY_UNREADABLE'],
  ['secretOrPrivateKey must be an asymmetric key when using RS256', 'KEY_WRONG_KIND'],
  ["ENOENT: no such file or directory, open '/run/secrets/server.key'", 'KEY_FILE_UNREADABLE'],
  [`Unexpected token '<', "<!DOCTYPE "... is not valid JSON`, 'RESPONSE_HTML'],
  ["[REDACTED] Use 'sf org auth show-access-token' to view", 'TOKEN_REDACTED'],
  ['sfjwt: The host refuses connections [CONNECTION_REFUSED]', 'CONNECTION_REFUSED'],
  ['it does not work', 'ERROR_TEXT_UNKNOWN'],
])('the words %j', (words, code) => {
  const { isHealthy, cause } = explainError(words);
  expect([isHealthy, cause?.code]).toEqual([false, code]);
  expect(cause?.cure?.advice).not.toBe('');
});
