import { environmentNames } from '@sfjwt/client';
import type { EnvironmentSettings } from '@sfjwt/client';
import type { DiagnosedSettings } from './examination.ts';
import { fault } from './finding.ts';
import type { Result } from './finding.ts';

const settings: Readonly<
  Record<
    'loginUrl' | 'clientId' | 'username' | 'privateKeyFile',
    { name: string; flag: string; where: string }
  >
> = {
  loginUrl: {
    name: 'login URL',
    flag: '--instance-url',
    where: 'Setup > My Domain names it, such as https://acme.my.salesforce.com',
  },
  clientId: {
    name: 'client id',
    flag: '--client-id',
    where:
      'It is the consumer key: App Manager > the app > View; of an external client app: Settings > OAuth Settings.',
  },
  username: {
    name: 'username',
    flag: '--username',
    where: 'Setup > Users lists them; it looks like an e-mail address.',
  },
  privateKeyFile: {
    name: 'private key',
    flag: '--jwt-key-file',
    where: 'It is the file that was made together with the certificate of the app.',
  },
};

/** Nobody gave it: where it comes from, and how it is given. */
export function missing(setting: keyof typeof settings): Result {
  const { name, flag, where } = settings[setting];
  const variable = environmentNames[setting satisfies keyof EnvironmentSettings][0];
  return fault({
    code: 'SETTING_MISSING',
    says: `No ${name} is given`,
    cure: {
      advice: `Give it as ${flag}, or in the environment as ${variable}.`,
      otherwise: [where],
    },
  });
}

/** ", from SFJWT_USERNAME": what was not typed may not be what was meant. */
export function place(
  { from }: DiagnosedSettings,
  setting: keyof NonNullable<DiagnosedSettings['from']>,
): string {
  const found = from?.[setting];
  return found === undefined ? '' : ` (from ${found})`;
}
