import { ClientError } from '@sfjwt/client';
import type { Check } from './examination.ts';
import { preparedFor, trade } from './exchange.ts';
import { fault, ok, warning } from './finding.ts';
import type { Evidence, Result } from './finding.ts';
import { baseOf } from './host-answer.ts';

/** Audiences that some orgs take and others do not. No other host is asked: nobody named one. */
const generic = ['https://login.salesforce.com', 'https://test.salesforce.com'];

/** Which audience would have been taken? Only when somebody asks: each try is one more login. */
export const audienceProbe: Check = {
  ground: 'signIn',
  name: 'audience-probe',
  async run(examination) {
    const { options, refusal } = examination;
    if (options.probe !== true || refusal?.code !== 'AUDIENCE_INVALID') return [];
    const ready = preparedFor(examination);
    if (typeof ready === 'string') return [];
    const { sent } = ready;
    const evidence: Evidence[] = [];
    for (const audience of [baseOf(sent), ...generic].filter((one) => one !== sent.audience)) {
      try {
        await trade({ ...ready, sent: { ...sent, audience } }, examination);
        return [taken(audience, evidence)];
      } catch (error) {
        if (!(error instanceof ClientError)) throw error;
        if (error.code !== 'AUDIENCE_INVALID') return [taken(audience, evidence, error)];
        evidence.push({ label: audience, value: 'refused' });
      }
    }
    return [
      warning({
        code: 'AUDIENCE_OF_OTHER_HOST',
        says: 'None of the usual audiences is taken by this host',
        evidence,
        cure: { advice: 'Check the login URL: Setup > My Domain names it.' },
      }),
    ];
  },
};

/** A refusal for another reason shows that the audience was not the trouble any more. */
function taken(audience: string, evidence: readonly Evidence[], next?: ClientError): Result {
  const says = `The audience ${audience} is taken`;
  if (next === undefined) return ok(`${says}: use --audience ${audience}`, undefined, evidence);
  return fault({
    code: next.code,
    says: `${says}, and then: ${next.message}`,
    evidence,
    cure: { advice: next.hints[0] ?? 'Look again with that audience.' },
  });
}
