import type { Check } from './examination.ts';
import { ok, warning } from './finding.ts';
import type { Trouble } from './finding.ts';
import { missing, place } from './setting.ts';

/** What people paste in its place, by its looks. */
const mistakes: readonly (readonly [RegExp, string])[] = [
  [/@/, 'is a username, not a consumer key'],
  [/^(?:0H4|0Ci|0CiO|888|0xI)\w{9,15}$/, 'is the record id of an app, not its consumer key'],
  [/^[0-9A-F]{64}$|^\d{17,19}$/, 'is a consumer secret, not a consumer key'],
  [/^https?:/i, 'is a URL, not a consumer key'],
  [/\s/, 'has blanks inside, which no consumer key has'],
  [/^(?:your|<|\{\{|\$\{?)/i, 'is a placeholder that nobody filled in'],
];

const copyAgain =
  'Copy the consumer key: App Manager > the app > View; of an external client app: Settings > OAuth Settings.';

/** Does the client id look like a consumer key? */
export const consumerKey: Check = {
  ground: 'settings',
  name: 'consumer-key',
  run({ settings }) {
    const { clientId = '' } = settings;
    const key = clientId.trim();
    if (key === '') return Promise.resolve([missing('clientId')]);
    const trouble = (says: string): Trouble => ({
      code: 'CLIENT_ID_SHAPE',
      says,
      cure: { advice: copyAgain },
      explains: ['CLIENT_ID_UNKNOWN', 'CLIENT_APP_NOT_FOUND'],
    });
    const mistake = mistakes.find(([looks]) => looks.test(key));
    if (mistake !== undefined) {
      return Promise.resolve([
        warning(
          trouble(`The client id ${shortened(key)}${place(settings, 'clientId')} ${mistake[1]}`),
        ),
      ]);
    }
    return Promise.resolve([
      ok(`Consumer key ${shortened(key)}${place(settings, 'clientId')}`, suspicion(key, trouble)),
    ]);
  },
};

/** Salesforce's own keys begin with 3MVG and have 85 characters; a deployer may choose others. */
function suspicion(key: string, trouble: (says: string) => Trouble): Trouble | undefined {
  if (!key.startsWith('3MVG')) {
    return trouble(`The client id ${shortened(key)} does not begin with 3MVG, as consumer keys do`);
  }
  if (key.length >= 40 && key.length !== 85) {
    return trouble(
      `The client id has ${key.length} characters; the consumer keys of Salesforce have 85`,
    );
  }
  return undefined;
}

/** It is no secret, and too long for a line. */
export function shortened(key: string): string {
  return key.length <= 28 ? key : `${key.slice(0, 14)}…${key.slice(-6)}`;
}
