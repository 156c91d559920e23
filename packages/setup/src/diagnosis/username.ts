import type { Check, Examination } from './examination.ts';
import { ok, warning } from './finding.ts';
import type { Trouble } from './finding.ts';
import { kindOfHost } from './host-kind.ts';
import { missing, place } from './setting.ts';

/** Names that sandboxes are usually given, at the end of a username. */
const sandboxSuffix =
  /\.(?:dev\w*|uat\w*|qa\w*|sit\w*|test\w*|stag\w*|full\w*|partial\w*|sandbox\w*|sbx\w*|preprod|int|hotfix)$/i;

/** Does the username look like one, and like one of the org that is called? */
export const username: Check = {
  ground: 'settings',
  name: 'username',
  run(examination) {
    const name = examination.settings.username?.trim() ?? '';
    if (name === '') return Promise.resolve([missing('username')]);
    const mistake = mistakeIn(name);
    if (mistake !== undefined) return Promise.resolve([warning(mistake)]);
    return Promise.resolve([
      ok(`${name}${place(examination.settings, 'username')}`, suspicion(name, examination)),
    ]);
  },
};

function mistakeIn(name: string): Trouble | undefined {
  const trouble = (what: string): Trouble => ({
    code: 'USERNAME_SHAPE',
    says: `The username ${name.length > 60 ? 'given' : name} ${what}`,
    cure: { advice: 'Copy it from Setup > Users > the user > Username.' },
    explains: ['USER_NOT_APPROVED'],
  });
  if (/^005\w{12,15}$/.test(name)) return trouble('is the record id of a user');
  if (/^(?:3MVG|00D)/.test(name)) return trouble('is something else: a key or a token');
  if (!/^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(name)) {
    return trouble('does not look like an e-mail address, as usernames do');
  }
  return undefined;
}

function suspicion(name: string, { settings }: Examination): Trouble | undefined {
  const { kind, sandbox } = kindOfHost(settings.loginUrl ?? '');
  if (kind === 'sandbox' && !name.toLowerCase().endsWith(`.${sandbox ?? ''}`)) {
    if (sandbox === undefined && sandboxSuffix.test(name)) return undefined;
    return {
      code: 'USERNAME_NOT_OF_SANDBOX',
      says: `The host is a sandbox, and ${name} lacks its name at the end`,
      cure: {
        advice:
          sandbox === undefined
            ? 'Usernames of a sandbox end in a dot and its name: give that one.'
            : `Usernames copied into this sandbox end in .${sandbox}: try ${name}.${sandbox}`,
      },
      explains: ['USER_NOT_APPROVED'],
    };
  }
  if (kind === 'production' && sandboxSuffix.test(name)) {
    return {
      code: 'USERNAME_OF_SANDBOX',
      says: `${name} ends like the username of a sandbox, and the host is production`,
      cure: {
        advice:
          'Use the My Domain of the sandbox as login URL, such as https://acme--uat.sandbox.my.salesforce.com',
      },
      explains: ['USER_NOT_APPROVED', 'CLIENT_ID_UNKNOWN'],
    };
  }
  return undefined;
}
