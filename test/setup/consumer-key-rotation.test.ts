/** The consumer key: a new one beside the old one, then the new one alone. */

import { connect, localSigner, parsePrivateKey } from '@sfjwt/client';
import { openAdminSession, rotateConsumerKey, SetupError } from '@sfjwt/setup';
import type { ConsumerKeyRotationOptions, Opening, OpeningJournal } from '@sfjwt/setup';
import { expect, test } from 'vitest';
import { privateKeyPem, setting, username } from './rotation-setting.ts';
import type { Setting } from './rotation-setting.ts';

async function rotating({ options }: Setting): Promise<ConsumerKeyRotationOptions> {
  const { session, app, loginUrl } = options;
  const signer = localSigner(await parsePrivateKey(privateKeyPem));
  return { session, app, loginUrl, username, signer };
}

/** Whether a client with this consumer key signs in. */
async function signsIn({ options }: Setting, clientId: string): Promise<boolean> {
  const { loginUrl } = options;
  const salesforce = connect({ loginUrl, clientId, username, privateKey: privateKeyPem });
  try {
    await salesforce.token();
    return true;
  } catch {
    return false;
  } finally {
    salesforce.close();
  }
}

test('both keys work, until the old one is taken away', async () => {
  const set = await setting();
  const before = set.options.consumerKey;
  const kept: string[] = [];
  const options = {
    ...(await rotating(set)),
    onConsumerKey: (key: string) => void kept.push(key),
  };
  const outcome = await rotateConsumerKey(options);
  const { consumerKey } = outcome;
  expect(outcome).toMatchObject({
    state: 'settling',
    before,
    beforeExpires: expect.stringMatching(/^\d{4}-/),
  });
  expect(consumerKey).not.toBe(before);
  expect(kept).toEqual([consumerKey]);
  expect(await signsIn(set, before)).toBe(true);
  expect(await signsIn(set, consumerKey)).toBe(true);
  // Again: nothing new is made.
  expect((await rotateConsumerKey(options)).consumerKey).toBe(consumerKey);

  const finished = await rotateConsumerKey({ ...options, finish: true });
  expect(finished).toMatchObject({ state: 'finished', consumerKey, before: undefined });
  expect(await signsIn(set, before)).toBe(false);
  expect(await signsIn(set, consumerKey)).toBe(true);
  const again: unknown = await rotateConsumerKey({ ...options, finish: true }).catch(
    (error: unknown) => error,
  );
  expect(again).toBeInstanceOf(SetupError);
  expect(again).toHaveProperty('code', 'ROTATION_CONFLICT');
});

test('what had to be open for it is closed again, also when it fails', async () => {
  const set = await setting();
  const held = () => ({
    permissionSets: set.org.permissionSets.list().length,
    settings: set.org.organization,
  });
  const before = held();
  await rotateConsumerKey(await rotating(set));
  expect(held()).toEqual(before);
  set.org.users.setFrozen(set.org.users.get(username), true);
  const options = { ...(await rotating(set)), budgetMilliseconds: 0 };
  await expect(rotateConsumerKey(options)).rejects.toMatchObject({
    code: expect.stringMatching(/PROOF_FAILED|NOT_YET_PROPAGATED/),
  });
  expect(held()).toEqual(before);
});

test('killed after any number of requests, the next run finishes it and closes what was open', async () => {
  for (let limit = 1; ; limit += 3) {
    const set = await setting();
    let openings: readonly Opening[] = [];
    const journal: OpeningJournal = {
      load: async () => openings,
      save: async (noted) => void (openings = [...noted]),
    };
    const options = { ...(await rotating(set)), journal };
    let sent = 0;
    const session = await openAdminSession({
      instanceUrl: set.org.url,
      accessToken: set.org.openSession(set.org.administrator),
      fetch: async (request) => {
        sent += 1;
        if (sent > limit) throw new Error('killed');
        return fetch(request);
      },
    }).catch(() => undefined);
    const isDone =
      session !== undefined &&
      (await rotateConsumerKey({ ...options, session }).then(
        () => true,
        () => false,
      ));
    const outcome = await rotateConsumerKey(options);
    expect(outcome.before).toBe(set.options.consumerKey);
    expect(openings).toEqual([]);
    expect(await signsIn(set, set.options.consumerKey)).toBe(true);
    expect(await signsIn(set, outcome.consumerKey)).toBe(true);
    if (isDone) break;
  }
});

test('a connected app has no staged credentials, and that is told', async () => {
  const set = await setting('connectedApp');
  await expect(rotateConsumerKey(await rotating(set))).rejects.toMatchObject({
    code: 'CONSUMER_KEY_UNREADABLE',
    hints: expect.arrayContaining([expect.stringContaining('Only external client apps')]),
  });
});
