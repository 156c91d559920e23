import { resolveLoginUrl } from '@sfjwt/client';
import type { LoginUrl } from '@sfjwt/client';
import type { Check } from './examination.ts';
import { fault, ok, troubleOf, warning } from './finding.ts';
import type { Result, Trouble } from './finding.ts';
import { kindOfHost } from './host-kind.ts';
import type { HostKind } from './host-kind.ts';
import { missing, place } from './setting.ts';

/** Where the token request goes: what kind of address is it? */
export const loginUrl: Check = {
  ground: 'settings',
  name: 'login-url',
  run(examination) {
    const { loginUrl: typed = '', audience } = examination.settings;
    if (typed.trim() === '') return Promise.resolve([missing('loginUrl')]);
    let resolved: LoginUrl;
    try {
      const given = audience?.trim() ?? '';
      resolved = resolveLoginUrl(typed, given === '' ? undefined : given);
    } catch (error) {
      return Promise.resolve([fault(troubleOf(error))]);
    }
    examination.loginUrl = resolved;
    const base = resolved.tokenEndpoint.replace(/\/services\/oauth2\/token$/, '');
    const kind = kindOfHost(base);
    const results: Result[] = [
      ok(`${base}: ${kind.says}${place(examination.settings, 'loginUrl')}`, suspicion(kind)),
    ];
    for (const says of resolved.warnings) {
      const cure = { advice: `Give ${base} as login URL.` };
      results.push(warning({ code: 'LOGIN_URL_CORRECTED', says, cure }));
    }
    return Promise.resolve(results);
  },
};

function suspicion({ isGeneric, says }: HostKind): Trouble | undefined {
  if (isGeneric) {
    return {
      code: 'LOGIN_URL_GENERIC',
      says: `The login URL is ${says}: no external client app is known there`,
      cure: {
        advice:
          'Use the My Domain of the org as login URL: Setup > My Domain names it, such as https://acme.my.salesforce.com',
      },
      explains: ['CLIENT_APP_NOT_FOUND', 'DOMAIN_NOT_SUPPORTED'],
    };
  }
  if (says !== 'no address of Salesforce') return undefined;
  return {
    code: 'LOGIN_URL_FOREIGN',
    says: 'The login URL is no address of Salesforce',
    cure: {
      advice: 'Use the My Domain of the org: Setup > My Domain names it.',
    },
    explains: [
      'RESPONSE_HTML',
      'RESPONSE_NOT_JSON',
      'RESPONSE_WRONG_TYPE',
      'RESPONSE_INVALID',
      'RESPONSE_EMPTY',
      'REDIRECTED',
      'GRANT_TYPE_UNSUPPORTED',
    ],
  };
}
