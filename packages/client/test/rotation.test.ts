import { generateKeyPairSync } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compactVerify } from 'jose';
import { expect, onTestFinished, test } from 'vitest';
import { connect } from '../src/node.ts';
import type { ConnectOptions } from '../src/node.ts';
import { handClock } from './hand-clock.ts';
import { pem, pkcs8, publicKey } from './key-pair.ts';
import { json, startTokenEndpoint, tokenBody } from './token-endpoint.ts';

const next = generateKeyPairSync('rsa', { modulusLength: 2048 });
const nextPem = pem(next.privateKey, 'pkcs8');
const stranger = pem(generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey, 'pkcs8');

/** A host whose app holds one certificate, which the test changes as a deployment would. */
async function host() {
  const app: { certificate: KeyObject } = { certificate: publicKey };
  let refused = 0;
  const endpoint = await startTokenEndpoint(async (response, { body }, url) => {
    const assertion = new URLSearchParams(body).get('assertion') ?? '';
    const fits = await compactVerify(assertion, app.certificate).then(
      () => true,
      () => false,
    );
    if (fits) return json(response, 200, tokenBody(url));
    refused += 1;
    const refusal = { error: 'invalid_grant', error_description: 'invalid assertion' };
    return json(response, 400, JSON.stringify(refusal));
  });
  const clock = handClock();
  const open = (key: Pick<ConnectOptions, 'privateKey' | 'privateKeyFile'>) =>
    connect({
      clientId: '3MVG9.key',
      username: 'worker@example.org',
      loginUrl: endpoint.url,
      clock,
      ...key,
    });
  /** Past the life of every token. */
  const later = (): void => clock.advance(20 * 60_000);
  return { app, open, later, refusals: () => refused };
}

function keyFile(contents: string): string {
  const directory = mkdtempSync(join(tmpdir(), 'sfjwt-rotation-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  const file = join(directory, 'salesforce.key');
  writeFileSync(file, contents, { mode: 0o600 });
  return file;
}

test('the file of a process that runs gets a second key, then the certificate is swapped: no call fails', async () => {
  const { app, open, later, refusals } = await host();
  const file = keyFile(pkcs8);
  const salesforce = open({ privateKeyFile: file });
  await salesforce.token();
  writeFileSync(file, pkcs8 + nextPem);
  later();
  await salesforce.token();
  app.certificate = next.publicKey;
  later();
  await salesforce.token();
  expect(refusals()).toBe(1);
  // The one that works is remembered.
  writeFileSync(file, nextPem);
  later();
  await salesforce.token();
  expect(refusals()).toBe(1);
});

test('while the org still answers now by the one and now by the other certificate, no call fails', async () => {
  const { app, open, later } = await host();
  const salesforce = open({ privateKeyFile: keyFile(pkcs8 + nextPem) });
  for (const certificate of [publicKey, next.publicKey, publicKey, next.publicKey]) {
    app.certificate = certificate;
    later();
    await expect(salesforce.token()).resolves.toBeDefined();
  }
});

test.each([
  ['both keys in a variable', pkcs8 + nextPem],
  ['the same, mangled', (pkcs8 + nextPem).replaceAll('\n', String.raw`\n`)],
  ['a file that was replaced', undefined],
])('%s: the key that fits is found', async (_name, privateKey) => {
  const { app, open, later } = await host();
  const file = keyFile(pkcs8);
  const salesforce = open(privateKey === undefined ? { privateKeyFile: file } : { privateKey });
  await salesforce.token();
  writeFileSync(file, nextPem);
  app.certificate = next.publicKey;
  later();
  await expect(salesforce.token()).resolves.toBeDefined();
});

test.each([
  ['one key', pkcs8, 1],
  ['the same key twice', pkcs8 + pkcs8, 1],
  ['a second key that is wrong as well', pkcs8 + stranger, 2],
  ['a second key that is half there', pkcs8 + stranger.slice(0, 900), 1],
])('%s: the refusal stays what it is, after %#', async (_name, contents, logins) => {
  const { app, open, refusals } = await host();
  app.certificate = next.publicKey;
  const salesforce = open({ privateKeyFile: keyFile(contents) });
  await expect(salesforce.token()).rejects.toMatchObject({ code: 'ASSERTION_INVALID' });
  expect(refusals()).toBe(logins);
});
