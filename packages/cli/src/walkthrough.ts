/**
 * The whole flow on a local org, explained as it goes. Every step is the code that people use by
 * itself later: key and certificate from setup, requests from client, answers from org.
 */

import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, SfjwtError, systemClock } from '@sfjwt/client';
import { createOrg, permittedUsersLabels, scopeLabels } from '@sfjwt/org';
import type { LoginAttempt, Org } from '@sfjwt/org';
import {
  applySetup,
  createCertificate,
  createKeyPair,
  openAdminSession,
  openSetupKey,
  planSetup,
  writeKeyFiles,
} from '@sfjwt/setup';
import type { AdminSession, AppSpecification } from '@sfjwt/setup';
import { writeResult } from './envelope.ts';
import { Narration } from './narration.ts';
import { stopSignal } from './stop-signal.ts';
import { recordedTransport } from './wire.ts';
import type { WireExchange } from './wire.ts';

export interface WalkthroughFlags {
  keep?: boolean;
  port: number;
  json?: boolean;
}

const username = 'integration@local-org.example';

/** As in a file that `sfjwt setup --spec` reads. */
const specification: AppSpecification = {
  name: 'Nightly Sync',
  contactEmail: 'ops@example.org',
  scopes: ['api', 'refresh_token'],
  permittedUsers: 'adminApproved',
};
const soql =
  'SELECT Name, Account.Name, Account.BillingCity FROM Contact ORDER BY Account.Name, Name';

export async function walkthrough({
  keep = false,
  port,
  json = false,
}: WalkthroughFlags): Promise<void> {
  const tell = new Narration({ silent: json });
  const directory = await mkdtemp(join(tmpdir(), 'sfjwt-walkthrough-'));
  const org = await createOrg();
  const { transport, exchanges } = recordedTransport();
  try {
    await org.listen({ port });
    tell.title('From an empty folder to a Salesforce API call');
    tell.say(
      'The OAuth 2.0 JWT bearer flow (RFC 7523), step by step. A local org stands in for Salesforce;',
      'keys, signatures, requests and refusals are real.',
    );

    const files = await makeKeyAndCertificate(tell, directory);
    const admin = await logIn(tell, org);
    const app = await createApp(tell, org, admin, files);

    const salesforce = connect({
      clientId: app.consumerKey,
      username,
      privateKeyFile: files.privateKeyFile,
      loginUrl: org.url,
      transport,
    });
    await askTooEarly(tell, org, exchanges, () => salesforce.token());
    await approveUser(tell, admin, files, app.consumerKey);
    // The administrator has done what there was to do, and logs out.
    for (const { id, userId } of org.sessions.list()) {
      if (userId === org.administrator.id) org.sessions.remove(id);
    }
    tell.step(7, 'Read the Consumer Key');
    tell.say(
      'External Client App Manager > the app > Settings > OAuth Settings (of a connected app:',
      'App Manager > the app > View). It is the client id, and goes into the assertion as iss.',
    );
    tell.fact('consumer key', app.consumerKey);

    // Another process would begin anew as well: the refusal above is remembered for a minute.
    const approved = connect({
      clientId: app.consumerKey,
      username,
      privateKeyFile: files.privateKeyFile,
      loginUrl: org.url,
      transport,
    });
    const records = await callApi(tell, org, exchanges, approved);
    const sessions = showSessions(tell, org);

    if (json) {
      writeResult({
        result: {
          orgId: org.organization.id,
          url: org.url,
          consumerKey: app.consumerKey,
          exchanges,
          records,
          sessions,
          loginHistory: org.loginHistory.list().map(publicAttempt),
        },
      });
    }
    if (keep) {
      tell.title(`The org keeps running at ${org.url}`);
      tell.say('Sign in from another terminal:');
      tell.code(
        `npx sfjwt token --instance-url ${org.url} --username ${username} \\`,
        `  --jwt-key-file ${files.privateKeyFile} \\`,
        `  --client-id ${app.consumerKey}`,
      );
      tell.say('Stop it with Ctrl-C; key, certificate and org are gone then.');
      // Whatever ends it, the private key is not left behind.
      await stopSignal('SIGHUP');
    }
  } finally {
    transport.close();
    await org.close();
    await rm(directory, { recursive: true, force: true });
  }
}

interface KeyFiles {
  privateKeyFile: string;
  certificateFile: string;
}

async function makeKeyAndCertificate(tell: Narration, directory: string): Promise<KeyFiles> {
  tell.step(1, 'Make an RSA private key and an X.509 certificate');
  const { privateKey, privateKeyPem } = await createKeyPair();
  const certificate = await createCertificate({ privateKey, subject: 'CN=Nightly Sync' });
  const files = await writeKeyFiles({
    directory,
    privateKeyPem,
    certificatePem: certificate.pem,
  });
  tell.say('As by: openssl req -x509 -sha256 -nodes -days 36500 -newkey rsa:2048 ...');
  tell.fact('salesforce.key', 'private key, RSA 2048 bits, mode 0600: signs, and stays here');
  tell.fact(
    'salesforce.crt',
    `certificate of the same key, valid until ${day(certificate.notAfter)}`,
  );
  tell.fact('fingerprint', certificate.fingerprint256);
  return files;
}

async function logIn(tell: Narration, org: Org): Promise<AdminSession> {
  tell.step(2, 'Log in to Salesforce, open Setup');
  tell.fact('org', `${org.organization.id} (${org.organization.kind}) at ${org.url}`);
  tell.fact('as', `${org.administrator.username}, System Administrator`);
  const accessToken = org.openSession(org.administrator);
  return openAdminSession({ instanceUrl: org.url, accessToken });
}

/** What `sfjwt setup` does, over the same public interfaces as in a real org. */
async function setUp(
  admin: AdminSession,
  wanted: AppSpecification,
  files: KeyFiles,
  known?: string,
): Promise<{ consumerKey: string; changes: string[] }> {
  const key = await openSetupKey({
    // No certificate has to be made: it is there.
    policy: { days: 36_500, bits: 2048, subject: 'CN=Nightly Sync' },
    privateKeyPem: await readFile(files.privateKeyFile, 'utf8'),
    certificatePem: await readFile(files.certificateFile, 'utf8'),
  });
  const { certificate } = key;
  const plan = await planSetup(admin, wanted, { clock: systemClock, certificate });
  const options = known === undefined ? {} : { consumerKey: known };
  const { consumerKey } = await applySetup(admin, plan, options);
  return { consumerKey, changes: plan.changes.map(({ action, what }) => `${action} ${what}`) };
}

async function createApp(
  tell: Narration,
  org: Org,
  admin: AdminSession,
  files: KeyFiles,
): Promise<ReturnType<Org['clientApps']['get']>> {
  const { consumerKey, changes } = await setUp(admin, specification, files);
  const app = org.clientApps.get(consumerKey);
  tell.step(3, 'Create the app: Basic Information');
  tell.say(
    'External Client App Manager > New External Client App (it takes the place of',
    'App Manager > New Connected App since Spring ’26). Here sfjwt setup does it, with no click:',
  );
  for (const change of changes) tell.bullet(change);
  tell.fact('name', app.name);
  tell.fact('API name', app.apiName);
  tell.fact('contact e-mail', app.contactEmail);

  tell.step(4, 'Enable OAuth Settings');
  tell.fact('callback URL', `${app.callbackUrl} (required, never used by this flow)`);
  tell.fact('digital signatures', 'salesforce.crt uploaded: CN=Nightly Sync');
  for (const scope of app.scopes) tell.fact('scope', scopeLabels[scope] ?? scope);

  tell.step(5, 'Edit Policies: Permitted Users');
  tell.fact('permitted users', permittedUsersLabels[app.permittedUsers]);
  return app;
}

/** A second run finds the one thing that is new: a user. */
async function approveUser(
  tell: Narration,
  admin: AdminSession,
  files: KeyFiles,
  consumerKey: string,
): Promise<void> {
  const wanted = { ...specification, users: [username] };
  const { changes } = await setUp(admin, wanted, files, consumerKey);
  tell.step(6, 'Manage Profiles and Permission Sets: who may use the app');
  tell.say(
    'External Client App Manager > the app > Policies > App Policies > Selected Permission Sets (of',
    'a connected app: App Manager > the app > Manage > Manage Permission Sets). The app lets in who',
    'has its permission set, and setup gives it to the user:',
  );
  for (const change of changes) tell.bullet(change);
}

/** Nobody is approved yet: the refusal that people meet first, and what it means. */
async function askTooEarly(
  tell: Narration,
  org: Org,
  exchanges: readonly WireExchange[],
  ask: () => Promise<unknown>,
): Promise<void> {
  tell.pause('Before the user is let in: a token request that has to fail');
  try {
    await ask();
  } catch (error) {
    if (!(error instanceof SfjwtError) || error.error === undefined) throw error;
    showExchange(tell, exchanges.at(-1));
    const refusing = org.loginHistory.list({ limit: 1 })[0]?.trace.find(({ passed }) => !passed);
    tell.say('Salesforce says no more than that. The trace of the local org says why:');
    tell.fact('step', refusing?.rule ?? '');
    tell.fact('expected', refusing?.expected ?? '');
    tell.fact('found', refusing?.found ?? '');
    tell.say('And the client says what to do:');
    for (const hint of error.hints.slice(0, 2)) tell.bullet(hint);
    return;
  }
  throw new Error('The org gave a token to a user who is not approved');
}

interface ContactRecord {
  Name: string;
  Account: { Name: string; BillingCity: string } | null;
}

async function callApi(
  tell: Narration,
  org: Org,
  exchanges: readonly WireExchange[],
  salesforce: ReturnType<typeof connect>,
): Promise<readonly ContactRecord[]> {
  tell.step(8, 'Sign the JWT, trade it for an access token, call the API');
  await salesforce.token();
  showExchange(tell, exchanges.at(-1));
  tell.say('No expires_in and no refresh_token: the token lives as long as its session.');
  const response = await salesforce.fetch(
    `/services/data/v67.0/query?q=${encodeURIComponent(soql)}`,
  );
  if (!response.ok) throw new Error(`The query was answered with status ${response.status}`);
  const { records } = (await response.json()) as { records: readonly ContactRecord[] };
  tell.wire('->', `GET ${org.url}/services/data/v67.0/query?q=${soql}`);
  tell.wire('<-', `${response.status}, ${records.length} records`);
  tell.table([
    { heading: 'Name', cells: records.map((record) => record.Name) },
    { heading: 'Account', cells: records.map((record) => record.Account?.Name ?? '') },
    { heading: 'City', cells: records.map((record) => record.Account?.BillingCity ?? '') },
  ]);
  return records;
}

function showExchange(tell: Narration, exchange: WireExchange | undefined): void {
  if (exchange === undefined) throw new Error('No token request was sent');
  const { method, url, grantType, assertion, status, answer } = exchange;
  tell.wire('->', `${method} ${url}`);
  tell.wire('  ', `grant_type  ${grantType}`);
  tell.wire('  ', `assertion   header     ${JSON.stringify(assertion.header)}`);
  for (const [index, [claim, value]] of Object.entries(assertion.claims).entries()) {
    const label = index === 0 ? 'claims    ' : '          ';
    tell.wire('  ', `            ${label} ${claim}: ${explain(claim, value)}`);
  }
  tell.wire('  ', `            signature  ${assertion.signatureBytes} bytes, RS256`);
  tell.wire('<-', `${status}`);
  for (const [field, value] of Object.entries(answer)) {
    tell.wire('  ', `${field}: ${String(value)}`);
  }
}

function explain(claim: string, value: unknown): string {
  if (claim !== 'exp' && claim !== 'iat') return String(value);
  return `${String(value)} (${new Date(Number(value) * 1000).toISOString()})`;
}

interface SessionRow {
  username: string;
  type: string;
  app: string;
  sourceIp: string;
  created: string;
  validForMinutes: number;
}

function showSessions(tell: Narration, org: Org): SessionRow[] {
  tell.step(9, 'See the login on the Session Management page');
  const rows = org.sessions.list().map((session): SessionRow => {
    const app = org.clientApps.findById(session.clientAppId ?? '');
    return {
      username: org.users.findById(session.userId)?.username ?? '',
      type: session.type,
      app: app?.name ?? '',
      sourceIp: session.sourceIp,
      created: new Date(session.created).toISOString(),
      validForMinutes: session.timeoutSeconds / 60,
    };
  });
  tell.say('Login History, newest first:');
  const attempts = org.loginHistory.list();
  tell.table([
    { heading: 'Time', cells: attempts.map(({ time }) => new Date(time).toISOString()) },
    { heading: 'Username', cells: attempts.map((attempt) => attempt.username ?? '') },
    { heading: 'Application', cells: attempts.map((attempt) => attempt.application ?? '') },
    { heading: 'Status', cells: attempts.map(({ status }) => status) },
  ]);
  tell.say('Session Management:');
  tell.table([
    { heading: 'Username', cells: rows.map((row) => row.username) },
    { heading: 'Session Type', cells: rows.map(({ type }) => type) },
    { heading: 'Application', cells: rows.map(({ app }) => app) },
    { heading: 'Source IP', cells: rows.map(({ sourceIp }) => sourceIp) },
    { heading: 'Created', cells: rows.map(({ created }) => created) },
    { heading: 'Valid For', cells: rows.map((row) => `${row.validForMinutes} minutes`) },
  ]);
  return rows;
}

function publicAttempt({ time, username: name, application, status, trace }: LoginAttempt): object {
  return { time: new Date(time).toISOString(), username: name, application, status, trace };
}

function day(date: Date): string {
  return date.toISOString().slice(0, 10);
}
