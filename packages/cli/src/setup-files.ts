/** What a set-up keeps on this machine: the key of the app, its profile, and switches left open. */

import { mkdir, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { sfjwtHome } from '@sfjwt/broker/machine';
import { systemClock } from '@sfjwt/client';
import { openSetupKey, writeKeyFiles } from '@sfjwt/setup';
import type { Opening, OpeningJournal, ResolvedApp, SetupKey, SignInProof } from '@sfjwt/setup';
import { findSettings } from './found-settings.ts';
import { openKey } from './kept-key.ts';
import { writePrivateFile } from './private-file.ts';
import type { KeptProfile } from './profile.ts';
import type { ProfileStore } from './profile-store.ts';
import { ownProfiles } from './settings.ts';
import { UsageError } from './usage-error.ts';

export interface SetupKeyFlags {
  alias: string;
  jwtKeyFile?: string | undefined;
  certificateFile?: string | undefined;
}

/** The key of a set-up, and how its profile will find it. */
export interface KeyInPlace extends SetupKey {
  /** Settings of the profile that lead to the key; a sealed key stays as it is. */
  profile: Pick<KeptProfile, 'keptKey'> & { privateKeyFile?: string; variable?: string };
  /** Consumer key that the profile has of this app already. */
  clientId: string | undefined;
  /** Writes a key that was made for this set-up; before the org hears of it. */
  keep(certificatePem: string): Promise<void>;
}

const folder = (): string => join(sfjwtHome(), 'keys');
const keyFileOf = (alias: string): string => join(folder(), `${alias}.key`);

/**
 * The key that is named; or that of the profile; or the one that an earlier run has made; or a new
 * one. A run that was killed is so continued with the same key.
 */
export async function findKey(
  { alias, jwtKeyFile, certificateFile }: SetupKeyFlags,
  policy: ResolvedApp['certificate'],
  warnings: string[],
): Promise<KeyInPlace> {
  if (jwtKeyFile === '-') {
    throw new UsageError('The profile of an app needs a key that is found again', [
      'Give the file that keeps the key: --jwt-key-file FILE; one is made when left out.',
    ]);
  }
  const certificatePem =
    certificateFile === undefined ? undefined : await readFile(certificateFile, 'utf8');
  const found = jwtKeyFile === undefined ? await keyOfProfile(alias, warnings) : undefined;
  const file = jwtKeyFile ?? (found === undefined ? await existing(keyFileOf(alias)) : undefined);
  const privateKeyPem =
    found?.privateKeyPem ?? (file === undefined ? undefined : await readKey(file));
  const key = await openSetupKey({
    policy,
    privateKeyPem,
    certificatePem,
    passphrase: process.env['SFJWT_PASSPHRASE'] || undefined,
  });
  return {
    ...key,
    clientId: found?.clientId,
    // In full: a profile is used from everywhere.
    profile: found?.profile ?? { privateKeyFile: resolve(file ?? keyFileOf(alias)) },
    keep: async (pem) => {
      if (privateKeyPem !== undefined) return;
      await mkdir(folder(), { recursive: true, mode: 0o700 });
      await writeKeyFiles({
        directory: folder(),
        name: alias,
        privateKeyPem: key.privateKeyPem,
        certificatePem: pem,
      });
    },
  };
}

async function existing(file: string): Promise<string | undefined> {
  const found = await readFile(file).catch(() => undefined);
  return found === undefined ? undefined : file;
}

async function readKey(file: string): Promise<string> {
  const { readPrivateKeyFile } = await import('@sfjwt/client');
  // Its refusals are the better ones.
  await readPrivateKeyFile(file, process.env['SFJWT_PASSPHRASE'] || undefined);
  return readFile(file, 'utf8');
}

interface KeyOfProfile {
  privateKeyPem: string;
  clientId: string | undefined;
  profile: KeyInPlace['profile'];
}

async function keyOfProfile(alias: string, warnings: string[]): Promise<KeyOfProfile | undefined> {
  const profiles = ownProfiles();
  if (!profiles.has(alias)) return undefined;
  const { key, clientId } = findSettings({ profile: alias }, { variables: {}, profiles });
  const place = key?.value;
  switch (place?.kind) {
    case 'file': {
      const found = await existing(place.file);
      if (found === undefined) return undefined;
      return {
        privateKeyPem: await readKey(found),
        clientId: clientId?.value,
        profile: { privateKeyFile: found },
      };
    }
    case 'kept': {
      const { privateKey } = await openKey(place, (told) => warnings.push(told));
      const { keptKey = '' } = profiles.read(alias);
      return { privateKeyPem: privateKey, clientId: clientId?.value, profile: { keptKey } };
    }
    case 'variable':
      return {
        privateKeyPem: process.env[place.variable] ?? '',
        clientId: clientId?.value,
        profile: { variable: place.variable },
      };
    default:
      return undefined;
  }
}

export interface ProfileFields {
  alias: string;
  loginUrl: string;
  clientId: string;
  username: string;
  key: KeyInPlace;
  /** Not there before the login is proved. */
  proof?: SignInProof;
}

/** Keeps the profile: once before the org hears of the consumer key, once when it is proved. */
export function keepProfile(profiles: ProfileStore, fields: ProfileFields): Promise<boolean> {
  const { alias, loginUrl, clientId, username, key, proof } = fields;
  const { keptKey, privateKeyFile, variable } = key.profile;
  return profiles.keep(alias, {
    settings: {
      loginUrl,
      clientId,
      username,
      ...(privateKeyFile === undefined ? {} : { privateKeyFile }),
      ...(variable === undefined ? {} : { privateKey: { environment: variable } }),
    },
    ...(keptKey === undefined ? {} : { keptKey }),
    ...(proof === undefined
      ? {}
      : {
          proof: {
            at: new Date(systemClock.now()).toISOString(),
            instanceUrl: proof.instanceUrl,
            organizationId: proof.organizationId,
            userId: proof.userId,
          },
        }),
  });
}

/** What is open in an org, over the death of this process. */
export function openingJournal(organizationId: string): OpeningJournal {
  const home = join(sfjwtHome(), 'setup');
  const file = join(home, `${organizationId.replaceAll(/\W/g, '')}.json`);
  return {
    load: async () => {
      const text = await readFile(file, 'utf8').catch(() => '{}');
      const { openings } = JSON.parse(text) as { openings?: readonly Opening[] };
      return openings ?? [];
    },
    save: async (openings) => {
      await mkdir(home, { recursive: true, mode: 0o700 });
      await writePrivateFile(file, `${JSON.stringify({ version: 1, openings }, null, 2)}\n`);
    },
  };
}
