import { resolveLoginUrl } from '@sfjwt/client';
import type { LoginUrl } from '@sfjwt/client';
import { judgeAudience } from './audience.ts';
import type { Check } from './examination.ts';
import { fault, ok, warning } from './finding.ts';
import { inShort } from './json-text.ts';

/** `aud` names the host that the assertion is for, in one text. */
export const assertionAudience: Check = {
  ground: 'assertion',
  name: 'audience',
  run({ assertion, settings }) {
    const claims = assertion?.claims;
    if (claims === undefined) return Promise.resolve([]);
    const { aud } = claims;
    if (Array.isArray(aud)) {
      return Promise.resolve([
        fault({
          code: 'AUDIENCE_LIST',
          says: 'aud is a list: Salesforce takes one audience, as text',
          evidence: [{ label: 'aud', value: aud.map(inShort).join(', ').slice(0, 200) }],
          cure: { advice: 'Put one URL into aud, without brackets: the My Domain of the org.' },
        }),
      ]);
    }
    if (typeof aud !== 'string' || aud === '') {
      return Promise.resolve([
        fault({
          code: 'AUDIENCE_MISSING',
          says: `aud is ${inShort(aud)}: it has to be the login host, as text`,
          cure: {
            advice:
              'Put the My Domain of the org into aud, such as https://acme.my.salesforce.com, or https://login.salesforce.com (https://test.salesforce.com for a sandbox).',
          },
        }),
      ]);
    }
    const { certain, trouble } = judgeAudience(pairOf(aud, settings.loginUrl));
    if (trouble === undefined) return Promise.resolve([ok(`aud ${inShort(aud)}`)]);
    const told = {
      ...trouble,
      code: 'AUDIENCE_OF_OTHER_HOST' as const,
      cure: { advice: adviceFor(aud) },
    };
    return Promise.resolve([certain ? fault(told) : warning(told)]);
  },
};

/** Without a login URL, the audience is judged by its own looks. */
function pairOf(aud: string, loginUrl: string | undefined): LoginUrl {
  try {
    return resolveLoginUrl(loginUrl ?? originOf(aud), aud);
  } catch {
    return {
      tokenEndpoint: 'https://login.salesforce.com/services/oauth2/token',
      audience: aud,
      warnings: [],
    };
  }
}

function originOf(aud: string): string {
  return aud.replace(/\/services\/oauth2\/token\/?$/, '');
}

function adviceFor(aud: string): string {
  return /\/services\/oauth2\/token\/?$/.test(aud)
    ? `Put ${originOf(aud)} into aud.`
    : 'Put the origin of the login URL into aud, with https:// and without a path.';
}
