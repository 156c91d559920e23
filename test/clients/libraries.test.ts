/** Libraries that nobody here wrote, unmodified, against the local org over http and https. */

import type { Org } from '@sfjwt/org';
import { describe, expect, test } from 'vitest';
import { unlessOffline } from '../npm.ts';
import { installNode } from '../runtimes/runtimes.ts';
import { ActorRefused, makeSurroundings, startActor } from './actor.ts';
import type { Actor, ActorRefusal, Surroundings } from './actor.ts';
import { installClients } from './installation.ts';
import { endSessions, foreignKey, nobody, openLocalOrg, outsider, worker } from './local-org.ts';
import type { SignInSettings } from './local-org.ts';
import { driverOf, libraries, newerNode, versionOf } from './tried.ts';
import type { Deed } from './tried.ts';

const installed = await unlessOffline(
  (async () => ({
    'node-20': { folder: (await installClients('node-20')).folder, node: process.execPath },
    'node-22': {
      folder: (await installClients('node-22')).folder,
      node: (await installNode(newerNode)).command[0] ?? '',
    },
  }))(),
);

const soql = 'SELECT Name FROM Account ORDER BY Name';
const stranger = await foreignKey();

interface Stage {
  org: Org;
  settings: SignInSettings;
  surroundings: Surroundings;
  client: Actor;
}

describe.each(libraries.map((client) => [`${client.name} ${versionOf(client)}`, client] as const))(
  '%s',
  (_name, client) => {
    async function stage(scheme: 'http' | 'https'): Promise<Stage> {
      if (!('value' in installed)) throw new Error(installed.offline);
      const { org, settings } = await openLocalOrg(scheme);
      const surroundings = makeSurroundings(org.certificateAuthority);
      const { folder, node } = installed.value[client.floor];
      const actor = await startActor(driverOf(client), { folder, node, surroundings });
      return { org, settings, surroundings, client: actor };
    }
    const can = (deed: Deed) => client.deeds.includes(deed);
    const tested = test.skipIf('offline' in installed);

    tested.each(['http', 'https'] as const)(
      'signs in over %s, queries, asks who it is, leaves',
      async (scheme) => {
        const { org, settings, surroundings, client: actor } = await stage(scheme);
        expect(await actor.act('signIn', settings)).toMatchObject({ instanceUrl: org.url });
        expect(await actor.act('query', soql)).toMatchObject({
          totalSize: 3,
          done: true,
          records: [{ Name: 'Acme' }, {}, {}],
        });
        expect(await actor.act('identity')).toMatchObject({ username: worker });
        expect(org.sessions.list()).toHaveLength(1);
        if (can('introspect')) {
          expect(await actor.act('introspect')).toMatchObject({ active: true, username: worker });
        }
        await actor.act('revoke');
        expect(org.sessions.list()).toEqual([]);
        if (can('introspect')) expect(await actor.act('introspect')).toEqual({ active: false });
        expect(surroundings.strangers()).toEqual([]);
        expect(org.loginHistory.list().map(({ status }) => status)).toEqual(['Success']);
        const [login] = org.requests.list({ path: 'token' });
        expect(login?.tokenRequest?.parameters['grant_type']).toBe(
          'urn:ietf:params:oauth:grant-type:jwt-bearer',
        );
        // Whether the org is a Dev Hub, those of Salesforce learn from a refusal.
        const refused = org.requests.list(({ status = 0 }) => status >= 400);
        expect(refused.map(({ query }) => query['q'])).toEqual(
          client.guesses ? ['SELECT Id FROM ScratchOrgInfo limit 1'] : [],
        );
      },
    );

    tested('reads a refusal as it reads one of Salesforce', async () => {
      const { org, settings, surroundings, client: actor } = await stage('http');
      const refused = (changed: Partial<SignInSettings>) =>
        refusalOf(actor.act('signIn', { ...settings, ...changed }));
      const said = (error: string, description: string): object =>
        client.guesses
          ? { error: 'JwtAuthError', description: expect.stringContaining(description) as unknown }
          : { error, description };
      expect(await refused({ privateKey: stranger })).toEqual(
        said('invalid_grant', 'invalid assertion'),
      );
      expect(await refused({ username: outsider })).toEqual(
        said('invalid_app_access', 'user is not admin approved to access this app'),
      );
      expect(await refused({ username: nobody })).toEqual(
        said('invalid_grant', "user hasn't approved this consumer"),
      );
      expect(await refused({ clientId: '3MVG9.unknown' })).toEqual(
        said('invalid_client_id', 'client identifier invalid'),
      );
      // An exp in milliseconds is out of the reach of any clock.
      if (!client.guesses) {
        org.clock.advance({ minutes: 30 });
        expect(await refused({})).toEqual(said('invalid_grant', 'expired authorization code'));
      }
      expect(org.sessions.list()).toEqual([]);
      // Whom it asks on its own account, it asks in vain.
      expect([...new Set(surroundings.strangers())]).toEqual(
        client.guesses ? ['test.salesforce.com', 'login.salesforce.com'] : [],
      );
    });

    if (can('ended session')) {
      tested('is told when its session was ended', async () => {
        const { org, settings, client: actor } = await stage('http');
        await actor.act('signIn', settings);
        endSessions(org);
        expect(await refusalOf(actor.act('query', soql))).toEqual({
          error: 'INVALID_SESSION_ID',
          description: 'Session expired or invalid',
        });
      });
    }

    if (can('renewal')) {
      tested('signs in again when its session was ended', async () => {
        const { org, settings, client: actor } = await stage('https');
        await actor.act('signIn', { ...settings, renews: true });
        endSessions(org);
        expect(await actor.act('query', soql)).toMatchObject({ totalSize: 3 });
        expect(org.loginHistory.list()).toHaveLength(2);
        expect(org.sessions.list()).toHaveLength(1);
      });
    }

    if (can('records')) {
      tested('makes, changes, reads and deletes a record', async () => {
        const { settings, client: actor } = await stage('https');
        await actor.act('signIn', settings);
        expect(await actor.act('records')).toEqual({
          name: 'Changed by a client',
          fields: expect.arrayContaining(['Id', 'Name', 'Industry']) as unknown,
        });
      });
    }

    if (can('query more')) {
      tested('reads a result of several pages', async () => {
        const { org, settings, client: actor } = await stage('http');
        org.seed({
          records: { Account: Array.from({ length: 450 }, (_, index) => ({ Name: `A ${index}` })) },
        });
        await actor.act('signIn', settings);
        expect(await actor.act('streamed', soql)).toHaveLength(453);
        expect(org.requests.list(({ path }) => path.includes('/query/'))).toHaveLength(2);
      });
    }
  },
);

async function refusalOf(action: Promise<unknown>): Promise<Omit<ActorRefusal, 'text'>> {
  try {
    const value = await action;
    throw new Error(`not refused: ${JSON.stringify(value)}`);
  } catch (error) {
    if (!(error instanceof ActorRefused)) throw error;
    const { text: _text, ...refusal } = error.refusal;
    return refusal;
  }
}
