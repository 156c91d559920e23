/** What `login` asks on a terminal: the settings that were not given, in the order of the flow. */

import { existsSync } from 'node:fs';
import { resolveLoginUrl } from '@sfjwt/client';
import type { Found, FoundSettings, KeyPlace } from './found-settings.ts';
import { requireProfileName } from './profile.ts';
import type { ProfileStore } from './profile-store.ts';
import { ask } from './questions.ts';

export interface CompletedSettings {
  found: FoundSettings;
  /** To keep them under. */
  name: string | undefined;
}

/** @throws CommandLineError CANCELLED */
export async function completeByAsking(
  found: FoundSettings,
  name: string | undefined,
  profiles: ProfileStore,
): Promise<CompletedSettings> {
  const { loginUrl, clientId, username, key } = found;
  const isAsking = [loginUrl, clientId, username, key].includes(undefined);
  if (!isAsking) return { found, name };
  const answers = {
    loginUrl:
      loginUrl ??
      answer(
        await ask({
          message: 'Where to sign in: the My Domain of the org',
          example: 'https://acme.my.salesforce.com',
          usual: 'https://login.salesforce.com',
          judge: (url) => faultOf(() => resolveLoginUrl(url)),
        }),
      ),
    clientId:
      clientId ?? answer(await ask({ message: 'Consumer key of the app', example: '3MVG9...' })),
    username:
      username ??
      answer(await ask({ message: 'Username to act as', example: 'worker@acme.example' })),
    key: key ?? answer<KeyPlace>({ kind: 'file', file: await askForKeyFile() }),
  };
  return {
    found: { ...found, ...answers },
    name: name ?? (await askForName(answers.username.value, profiles)),
  };
}

function answer<Value>(value: Value): Found<Value> {
  return { value, source: 'answer', from: 'the question' };
}

/** What `sfjwt key new` writes. */
const usualKeyFile = 'salesforce.key';

function askForKeyFile(): Promise<string> {
  return ask({
    message: 'File of the private key',
    example: usualKeyFile,
    ...(existsSync(usualKeyFile) ? { usual: usualKeyFile } : {}),
    judge: (file) => (existsSync(file) ? undefined : 'There is no such file.'),
  });
}

function askForName(username: string, profiles: ProfileStore): Promise<string> {
  return ask({
    message: 'Name to keep these settings under',
    ...(faultOf(() => requireProfileName(username)) === undefined ? { usual: username } : {}),
    judge: (name) =>
      faultOf(() => requireProfileName(name)) ??
      (profiles.has(name) ? `There is a profile ${name} already.` : undefined),
  });
}

function faultOf(attempt: () => unknown): string | undefined {
  try {
    attempt();
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
