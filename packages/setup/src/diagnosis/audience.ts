import type { LoginUrl } from '@sfjwt/client';
import type { Check } from './examination.ts';
import { ok, warning } from './finding.ts';
import type { Trouble } from './finding.ts';
import { place } from './setting.ts';

/** Whom the assertion is for: does that go with the host that is asked? */
export const audience: Check = {
  ground: 'settings',
  name: 'audience',
  run({ settings, loginUrl }) {
    if (loginUrl === undefined) return Promise.resolve([]);
    const says = `Audience ${loginUrl.audience}${place(settings, 'audience')}`;
    if ((settings.audience ?? '').trim() === '') return Promise.resolve([ok(says)]);
    const { certain, trouble } = judgeAudience(loginUrl);
    if (trouble === undefined) return Promise.resolve([ok(says)]);
    return Promise.resolve([certain ? warning(trouble) : ok(says, trouble)]);
  },
};

/** What is known of pairs of token endpoint and audience, without asking anybody. */
export function judgeAudience({ tokenEndpoint, audience: aud }: LoginUrl): {
  certain: boolean;
  trouble?: Trouble;
} {
  const base = tokenEndpoint.replace(/\/services\/oauth2\/token$/, '');
  const bare = aud.replace(/\/$/, '');
  if (bare === base) return { certain: false };
  const trouble = (says: string, advice: string): Trouble => ({
    code: 'AUDIENCE_OF_OTHER_HOST',
    says,
    evidence: [
      { label: 'token endpoint', value: tokenEndpoint },
      { label: 'audience', value: aud },
    ],
    cure: { advice },
    explains: ['AUDIENCE_INVALID'],
  });
  const leaveOut = `Leave --audience out: ${base} follows from the login URL.`;
  if (bare.endsWith('/services/oauth2/token')) {
    return {
      certain: true,
      trouble: trouble(
        'The audience is a token endpoint: this flow wants the host alone',
        leaveOut,
      ),
    };
  }
  if (!/^https?:\/\/[^\s/]+/.test(aud)) {
    return {
      certain: true,
      trouble: trouble(`The audience ${aud} is no URL: it needs https:// in front`, leaveOut),
    };
  }
  const generic = /^https:\/\/(login|test)\.salesforce\.com$/;
  const [, called] = generic.exec(base) ?? [];
  const [, named] = generic.exec(bare) ?? [];
  if (called !== undefined && named !== undefined) {
    return {
      certain: true,
      trouble: trouble(`${called}. never takes an assertion for ${named}.`, leaveOut),
    };
  }
  return {
    certain: false,
    trouble: trouble(`The audience is ${aud}, and the host that is asked is ${base}`, leaveOut),
  };
}
