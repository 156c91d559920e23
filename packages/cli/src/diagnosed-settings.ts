/** The settings of a connection as a diagnosis wants them: whatever there is, and where it is from. */

import { readEnvironment } from '@sfjwt/client';
import type { DiagnosedSettings } from '@sfjwt/setup/diagnosis';
import { findSettings } from './found-settings.ts';
import type { Found, FoundSettings, SettingFlags } from './found-settings.ts';
import { openKey } from './kept-key.ts';
import { ownProfiles } from './settings.ts';
import { readStandardInput } from './standard-input.ts';

/** @throws CommandLineError PROFILE_NOT_FOUND, and what else reading a profile throws */
export function diagnosedSettings(flags: SettingFlags, warnings: string[]): DiagnosedSettings {
  const found = findSettings(flags, { variables: process.env, profiles: ownProfiles() });
  warnings.push(...found.warnings);
  const { loginUrl, clientId, username, audience, key } = found;
  return {
    loginUrl: loginUrl?.value,
    clientId: clientId?.value,
    username: username?.value,
    audience: audience?.value,
    ...keySettings(found, warnings),
    passphrase: passphraseOf(found),
    from: {
      loginUrl: placeOf(loginUrl),
      clientId: placeOf(clientId),
      username: placeOf(username),
      audience: placeOf(audience),
      privateKey: placeOf(key),
    },
  };
}

function keySettings(
  { key }: FoundSettings,
  warnings: string[],
): Pick<DiagnosedSettings, 'privateKey' | 'privateKeyFile'> {
  const place = key?.value;
  switch (place?.kind) {
    case undefined:
      return {};
    case 'file':
      return { privateKeyFile: place.file };
    case 'variable':
      return {
        privateKey: () => Promise.resolve({ privateKey: process.env[place.variable] ?? '' }),
      };
    case 'input':
      return {
        privateKey: async () => ({ privateKey: await readStandardInput('the private key') }),
      };
    case 'kept':
      return { privateKey: () => openKey(place, (told) => warnings.push(told)) };
  }
}

function passphraseOf({ passphraseVariable }: FoundSettings): string | undefined {
  return passphraseVariable === undefined
    ? readEnvironment(process.env).passphrase
    : process.env[passphraseVariable];
}

/** What was typed is in sight; what comes from elsewhere is worth a word. */
function placeOf(found: Found<unknown> | undefined): string | undefined {
  switch (found?.source) {
    case 'environment':
      return found.from;
    case 'profile':
      return `profile ${found.from}`;
    default:
      return undefined;
  }
}
