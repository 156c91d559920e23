/** A rotation from its beginning to its end, and back, ended in between at every point. */

import {
  chmodSync,
  lstatSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import {
  createCertificate,
  rollBackRotation,
  RotationJournal,
  rotateCertificate,
  rotationPhases,
  SetupError,
} from '@sfjwt/setup';
import type { RotationOptions, RotationPhase } from '@sfjwt/setup';
import { expect, test } from 'vitest';
import {
  before,
  fingerprintOf,
  privateKey,
  privateKeyPem,
  setting,
  username,
} from './rotation-setting.ts';

const keyCount = (text: string): number => text.split('BEGIN PRIVATE KEY').length - 1;

async function refusalOf(promise: Promise<unknown>): Promise<SetupError> {
  const error: unknown = await promise.then(
    () => 'it went well',
    (reason: unknown) => reason,
  );
  return error instanceof SetupError ? error : expect.fail(String(error));
}

/** A process that ends at this very point. */
class Killed extends Error {}
const killedAt = (phase: RotationPhase | 'finished', at: 'begin' | 'end') => ({
  onPhase: (reached: string, when: string) => {
    if (reached === phase && when === at) throw new Killed();
  },
});

test.each(['externalClientApp', 'connectedApp'] as const)('of an app, kind %s', async (kind) => {
  const { options, directory, keys, inOrg } = await setting(kind);
  const outcome = await rotateCertificate({ ...options, days: 30 });
  expect(outcome).toMatchObject({ state: 'finished', fingerprint256: inOrg() });
  expect(inOrg()).not.toBe(before);
  expect(keyCount(keys())).toBe(1);
  expect(keys()).not.toBe(privateKeyPem);
  expect(fingerprintOf(readFileSync(join(directory, 'salesforce.crt'), 'utf8'))).toBe(inOrg());
  expect(readdirSync(directory).toSorted()).toEqual(['salesforce.crt', 'salesforce.key']);
  expect(statSync(join(directory, 'salesforce.key')).mode & 0o777).toBe(0o600);
  // And once more, from there.
  await expect(rotateCertificate(options)).resolves.toMatchObject({ state: 'finished' });
});

test('both keys stay until the org has settled', async () => {
  const { options, keys, directory } = await setting();
  let now = Date.now();
  const clock = { now: () => now as ReturnType<NonNullable<RotationOptions['clock']>['now']> };
  const waiting = { ...options, clock, settleMilliseconds: 600_000 };
  const outcome = await rotateCertificate(waiting);
  expect(outcome).toMatchObject({ state: 'settling', finishAt: expect.any(Number) });
  expect(keyCount(keys())).toBe(2);
  expect(keys().endsWith(privateKeyPem)).toBe(true);
  const journal = join(directory, 'salesforce.key.rotation');
  expect(statSync(journal).mode & 0o777).toBe(0o600);
  expect(await rotateCertificate(waiting)).toMatchObject({ state: 'settling' });
  now = outcome.finishAt;
  expect(await rotateCertificate(waiting)).toMatchObject({ state: 'finished' });
  expect(keyCount(keys())).toBe(1);
});

const points = [...rotationPhases, 'finished' as const].flatMap((phase) =>
  phase === 'rollingBack' ? [] : (['begin', 'end'] as const).map((at) => ({ phase, at })),
);

test.each(points)('ended at $phase, $at: the next run goes on to the same end', async (point) => {
  const { options, keys, inOrg, directory } = await setting();
  const first = rotateCertificate({ ...options, ...killedAt(point.phase, point.at) });
  await expect(first).rejects.toBeInstanceOf(Killed);
  const { fingerprint256 } = await rotateCertificate(options);
  expect(fingerprint256).toBe(inOrg());
  expect(inOrg()).not.toBe(before);
  expect(keyCount(keys())).toBe(1);
  expect(readdirSync(directory).toSorted()).toEqual(['salesforce.crt', 'salesforce.key']);
});

// Killed at every point, with a client that signs meanwhile: killed-rotation.test.ts.
const someOf = new Set(['prepared begin', 'staged end', 'uploaded begin', 'settling end']);

test.each(points.filter(({ phase, at }) => someOf.has(`${phase} ${at}`)))(
  'ended at $phase, $at: rolled back, everything is as it was',
  async (point) => {
    const { options, keys, inOrg, directory } = await setting();
    const first = rotateCertificate({ ...options, ...killedAt(point.phase, point.at) });
    await expect(first).rejects.toBeInstanceOf(Killed);
    const outcome = await rollBackRotation(options);
    if (point.phase === 'prepared' && point.at === 'begin') expect(outcome).toBeUndefined();
    else expect(outcome).toMatchObject({ state: 'rolledBack', fingerprint256: before });
    expect(inOrg()).toBe(before);
    expect(keys()).toBe(privateKeyPem);
    expect(readdirSync(directory).toSorted()).toEqual(['salesforce.crt', 'salesforce.key']);
  },
);

test('a roll-back that ended half-way is finished by either verb', async () => {
  for (const again of [rotateCertificate, rollBackRotation]) {
    const { options, keys, inOrg } = await setting();
    const first = rotateCertificate({ ...options, ...killedAt('uploaded', 'end') });
    await expect(first).rejects.toBeInstanceOf(Killed);
    const back = rollBackRotation({ ...options, ...killedAt('rollingBack', 'end') });
    await expect(back).rejects.toBeInstanceOf(Killed);
    await expect(again(options)).resolves.toMatchObject({ state: 'rolledBack' });
    expect(inOrg()).toBe(before);
    expect(keys()).toBe(privateKeyPem);
  }
});

test('a new key that does not sign in is taken back by itself', async () => {
  const { org, options, keys, inOrg, directory } = await setting();
  const user = org.users.get(username);
  const refusal = await refusalOf(
    rotateCertificate({
      ...options,
      onPhase: (phase, at) => {
        if (phase === 'proved' && at === 'begin') org.users.setFrozen(user, true);
        if (phase === 'rollingBack') org.users.setFrozen(user, false);
      },
      budgetMilliseconds: 0,
    }),
  );
  expect(refusal).toMatchObject({
    code: 'ROTATION_ROLLED_BACK',
    message: expect.stringContaining('Everything is as it was'),
  });
  expect(inOrg()).toBe(before);
  expect(keys()).toBe(privateKeyPem);
  expect(readdirSync(directory).toSorted()).toEqual(['salesforce.crt', 'salesforce.key']);
});

test('before anything is changed: what does not fit is refused', async () => {
  const { org, options, keys, inOrg } = await setting();
  const stranger = { ...options, expectedFingerprint: 'AA:BB' };
  expect((await refusalOf(rotateCertificate(stranger))).code).toBe('ROTATION_CONFLICT');
  expect((await refusalOf(rotateCertificate({ ...options, app: 'No_Such' }))).code).toBe(
    'CERTIFICATE_UNREADABLE',
  );
  org.users.setFrozen(org.users.get(username), true);
  expect((await refusalOf(rotateCertificate(options))).code).toBe('PROOF_FAILED');
  expect(inOrg()).toBe(before);
  expect(keys()).toBe(privateKeyPem);
});

test('a certificate that somebody else put there in the meantime is not overwritten', async () => {
  const { org, options, inOrg } = await setting();
  const first = rotateCertificate({ ...options, ...killedAt('uploading', 'end') });
  await expect(first).rejects.toBeInstanceOf(Killed);
  const theirs = await createCertificate({ privateKey, subject: 'CN=theirs' });
  const [app] = org.clientApps.list();
  org.clientApps.uploadCertificate(app ?? expect.fail('no app'), Buffer.from(theirs.pem));
  for (const run of [rotateCertificate, rollBackRotation]) {
    expect((await refusalOf(run(options))).code).toBe('ROTATION_CONFLICT');
  }
  expect(inOrg()).toBe(theirs.fingerprint256);
});

test.skipIf(process.platform === 'win32')(
  'whoever could read the key file before can read it after, through a link too',
  async () => {
    const { options, directory, inOrg } = await setting();
    const real = join(directory, 'salesforce.key');
    const link = join(directory, 'current.key');
    symlinkSync(real, link);
    chmodSync(real, 0o640);
    await rotateCertificate({ ...options, privateKeyFile: link });
    expect(inOrg()).not.toBe(before);
    expect(lstatSync(link).isSymbolicLink()).toBe(true);
    expect(statSync(real).mode & 0o777).toBe(0o640);
    expect(readFileSync(real, 'utf8')).not.toBe(privateKeyPem);
  },
);

test('one at a time; a lock of a dead process is none', async () => {
  const { options } = await setting();
  const journal = new RotationJournal(options.privateKeyFile);
  await journal.exclusively(async () => {
    expect((await refusalOf(rotateCertificate(options))).code).toBe('ROTATION_UNDER_WAY');
  });
  writeFileSync(`${journal.file}.lock`, '4194305');
  await expect(rotateCertificate(options)).resolves.toMatchObject({ state: 'finished' });
});

test.each([
  ['damaged', '{"version":1,"phase":"staged"', /is damaged/],
  ['of another shape', '{"version":1,"phase":"staged"}', /is damaged/],
  ['of a later version', '{"version":2}', /later version/],
])('a journal that is %s is refused, and shows nothing of itself', async (_name, text, words) => {
  const { options } = await setting();
  writeFileSync(`${options.privateKeyFile}.rotation`, text);
  const refusal = await refusalOf(rotateCertificate(options));
  expect(refusal.code).toBe('ROTATION_JOURNAL_INVALID');
  expect(refusal.message).toMatch(words);
});
