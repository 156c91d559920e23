/** A profile as it is shown: by name, with where its key is, and whether it can be used. */

import { existsSync } from 'node:fs';
import type { CommandLineError } from './errors.ts';
import { keyPlaceOf } from './found-settings.ts';
import { referenceTo } from './key-place.ts';
import type { KeyReference } from './key-place.ts';
import type { ProfileProof } from './profile.ts';
import type { Listed, ProfileStore } from './profile-store.ts';

export interface ProfileDescription {
  name: string;
  isDefault: boolean;
  file: string;
  loginUrl?: string;
  clientId?: string;
  username?: string;
  audience?: string;
  key?: KeyReference;
  proof?: ProfileProof;
  /** Why it cannot be used. */
  fault?: { code: CommandLineError['code']; message: string };
}

export function describeProfile(listed: Listed, profiles: ProfileStore): ProfileDescription {
  const { name, file } = listed;
  const isDefault = isDefaultOf(profiles, name);
  if ('fault' in listed) {
    const { code, message } = listed.fault;
    return { name, isDefault, file, fault: { code, message } };
  }
  const { settings, proof } = listed.profile;
  const { loginUrl, clientId, username, audience } = settings;
  const place = keyPlaceOf({ name, file, kept: listed.profile });
  return {
    name,
    isDefault,
    file,
    loginUrl,
    clientId,
    username,
    ...(audience === undefined ? {} : { audience }),
    ...(place === undefined ? {} : { key: referenceTo(place) }),
    ...(proof === undefined ? {} : { proof }),
  };
}

/** What can be seen without signing in; empty when nothing speaks against it. */
export function stateOf({ fault, key }: ProfileDescription): string {
  if (fault !== undefined) {
    return fault.code === 'PROFILE_NEWER' ? 'written by a newer sfjwt' : 'cannot be read';
  }
  if (key === undefined) return 'has no key';
  const { kind, place = '' } = key;
  if (kind === 'file' && !existsSync(place)) return 'the key file is gone';
  if (kind === 'variable' && (process.env[place] ?? '') === '') return `$${place} is not set`;
  return '';
}

function isDefaultOf(profiles: ProfileStore, name: string): boolean {
  try {
    return profiles.defaultName() === name;
  } catch {
    return false;
  }
}
