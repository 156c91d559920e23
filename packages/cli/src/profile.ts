/** A profile: settings of a sign-in, kept under a name in a file that people can read and edit. */

import type { EnvironmentVariable, Profile } from '@sfjwt/client';
import { CommandLineError } from './errors.ts';

/** Of the file format. A change that an older sfjwt would misread gets a new one. */
const version = 1;

export interface KeptProfile {
  /** As `connect` of `@sfjwt/client` takes it. It says where the key is, not what it is. */
  readonly settings: Profile;
  /** The private key itself, sealed, if it was asked to be kept. */
  readonly keptKey?: string;
  /** What the exchange that proved the settings told. */
  readonly proof?: ProfileProof;
}

export interface ProfileProof {
  /** ISO 8601, in UTC. */
  readonly at: string;
  readonly organizationId?: string;
  readonly userId?: string;
  readonly instanceUrl: string;
}

/** Device names that Windows takes for themselves, whatever the ending (Naming Files, Paths, and Namespaces). */
const devices = /^(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)/i;

/**
 * A name has to be the name of a file on every platform. Usernames of Salesforce may be names too.
 *
 * @throws CommandLineError PROFILE_NAME_INVALID
 */
export function requireProfileName(name: string): string {
  if (/^[A-Za-z0-9_](?:[\w.@+-]{0,78}[\w@+-])?$/.test(name) && !devices.test(name)) return name;
  throw new CommandLineError('PROFILE_NAME_INVALID', `"${name}" cannot be the name of a profile`, {
    hints: [
      'Use letters, digits and . _ - @ +, at most 80; begin with a letter, digit or _, end with no dot.',
    ],
  });
}

export function formatProfile({ settings, keptKey, proof }: KeptProfile): string {
  return `${JSON.stringify({ version, settings, keptKey, proof }, null, 2)}\n`;
}

/**
 * Reads the text of a profile file. Every doubt is a refusal: what is guessed here would be signed
 * in with.
 *
 * @throws CommandLineError PROFILE_INVALID, PROFILE_NEWER
 */
export function parseProfile(text: string, file: string): KeptProfile {
  const fields = parseFields(text, file);
  const invalid = (what: string): CommandLineError => profileInvalid(file, what);
  refuseVersion(fields['version'], file);
  refuseUnknown(fields, ['version', 'settings', 'keptKey', 'proof'], invalid);
  const { settings, keptKey, proof } = fields;
  if (!isObject(settings)) throw invalid('has no settings');
  if (keptKey !== undefined && typeof keptKey !== 'string')
    throw invalid('has a keptKey that is no text');
  const checked = checkSettings(settings, invalid);
  const keys = [checked.privateKeyFile, checked.privateKey, keptKey];
  if (keys.filter((key) => key !== undefined).length > 1) {
    throw invalid('names more than one private key');
  }
  return {
    settings: checked,
    ...(keptKey === undefined ? {} : { keptKey }),
    ...(proof === undefined ? {} : { proof: checkProof(proof, invalid) }),
  };
}

function parseFields(text: string, file: string): Record<string, unknown> {
  let fields: unknown;
  try {
    // Editors of Windows begin a file with a byte order mark.
    fields = JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch (cause) {
    // Without the cause: what a parser complains of quotes the text.
    throw profileInvalid(file, `is not JSON${placeOf(cause)}`);
  }
  if (!isObject(fields)) throw profileInvalid(file, 'is not a JSON object');
  return fields;
}

/** Where the parser stopped, if it says so; nothing of what it read. */
function placeOf(cause: unknown): string {
  const place = /line \d+ column \d+|position \d+/.exec(String(cause));
  return place === null ? '' : ` (${place[0]})`;
}

function refuseVersion(found: unknown, file: string): void {
  if (found === version) return;
  if (typeof found !== 'number' || !Number.isInteger(found) || found < 1) {
    throw profileInvalid(file, 'has no version');
  }
  throw new CommandLineError(
    'PROFILE_NEWER',
    `The profile ${file} was written by a newer sfjwt: its version is ${found}, this one knows ${version}`,
    { hints: ['Install the newer sfjwt, or keep the login under another name.'] },
  );
}

type Invalid = (what: string) => CommandLineError;

const texts = ['loginUrl', 'clientId', 'username'] as const;
const optionalTexts = ['audience', 'privateKeyFile'] as const;
const variables = ['privateKey', 'passphrase', 'clientSecret'] as const;

function checkSettings(settings: Record<string, unknown>, invalid: Invalid): Profile {
  refuseUnknown(settings, [...texts, ...optionalTexts, ...variables], invalid);
  for (const name of [...texts, ...optionalTexts]) {
    const value = settings[name];
    if (value === undefined && !texts.includes(name as 'loginUrl')) continue;
    if (typeof value !== 'string' || value.trim() === '') throw invalid(`has no ${name} as text`);
  }
  for (const name of variables) {
    if (settings[name] === undefined || isVariable(settings[name])) continue;
    throw invalid(`has a ${name} that does not name a variable`);
  }
  // Checked field by field, just above.
  return settings as unknown as Profile;
}

function checkProof(proof: unknown, invalid: Invalid): ProfileProof {
  if (!isObject(proof)) throw invalid('has a proof that is no object');
  refuseUnknown(proof, ['at', 'organizationId', 'userId', 'instanceUrl'], invalid);
  for (const name of ['at', 'instanceUrl', 'organizationId', 'userId']) {
    const needed = name === 'at' || name === 'instanceUrl';
    if (typeof proof[name] === 'string' || (proof[name] === undefined && !needed)) continue;
    throw invalid(`has a proof without ${name} as text`);
  }
  return proof as unknown as ProfileProof;
}

function refuseUnknown(
  fields: Readonly<Record<string, unknown>>,
  known: readonly string[],
  invalid: Invalid,
): void {
  const unknown = Object.keys(fields).find((name) => !known.includes(name));
  if (unknown !== undefined) throw invalid(`has a field ${unknown}, which nobody reads`);
}

function profileInvalid(file: string, what: string): CommandLineError {
  return new CommandLineError('PROFILE_INVALID', `The profile ${file} ${what}`, {
    hints: [
      'Mend it in an editor; docs/profiles.md shows what it holds.',
      'Or sign in again: sfjwt profiles remove NAME, then sfjwt login --alias NAME.',
    ],
  });
}

function isVariable(value: unknown): value is EnvironmentVariable {
  return (
    isObject(value) &&
    Object.keys(value).length === 1 &&
    typeof value['environment'] === 'string' &&
    value['environment'] !== ''
  );
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
