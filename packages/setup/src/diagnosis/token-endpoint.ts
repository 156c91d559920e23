import { ClientError, judgeTokenResponse } from '@sfjwt/client';
import type { TransportResponse } from '@sfjwt/client';
import type { Check, Examination } from './examination.ts';
import { fault, ok, troubleOf, warning } from './finding.ts';
import { baseOf, hostAnswer } from './host-answer.ts';

/** Is what answers there Salesforce? */
export const tokenEndpoint: Check = {
  ground: 'network',
  name: 'endpoint',
  async run(examination) {
    const answer = await hostAnswer(examination);
    if (answer === undefined || answer instanceof ClientError) return [];
    const { status } = answer;
    const described = endpointOf(answer.body);
    if (status === 200 && described !== undefined) {
      examination.isEndpoint = true;
      return [ok(`Token endpoint ${described}`)];
    }
    // Something that speaks for the org without describing it: a gateway of somebody's own.
    if (status === 404 || status === 401 || status === 403) {
      examination.isEndpoint = true;
      return [
        warning({
          code: 'ENDPOINT_UNKNOWN',
          says: `${hostOf(examination)} does not describe itself as Salesforce (status ${status})`,
          cure: {
            advice: 'Use the My Domain of the org as login URL: Setup > My Domain names it.',
          },
          explains: [
            'RESPONSE_HTML',
            'RESPONSE_NOT_JSON',
            'RESPONSE_WRONG_TYPE',
            'RESPONSE_INVALID',
            'RESPONSE_EMPTY',
            'GRANT_TYPE_UNSUPPORTED',
          ],
        }),
      ];
    }
    return [fault(troubleOf(await judge(answer, examination)))];
  },
};

function endpointOf(body: string): string | undefined {
  try {
    const { token_endpoint: endpoint } = JSON.parse(body) as { token_endpoint?: unknown };
    return typeof endpoint === 'string' ? endpoint : undefined;
  } catch {
    return undefined;
  }
}

/** A page, a redirect, nothing: the same words as for an answer to the token request. */
async function judge(
  answer: TransportResponse,
  { loginUrl, settings, clock }: Examination,
): Promise<unknown> {
  const sent = {
    tokenEndpoint: loginUrl?.tokenEndpoint ?? '',
    audience: loginUrl?.audience ?? '',
    clientId: settings.clientId ?? '',
    username: settings.username ?? '',
  };
  try {
    await judgeTokenResponse(answer, sent, clock.now());
  } catch (error) {
    return error;
  }
  return new ClientError(
    'RESPONSE_INVALID',
    `${new URL(sent.tokenEndpoint).host} is not Salesforce`,
  );
}

function hostOf({ loginUrl }: Examination): string {
  return new URL(baseOf(loginUrl ?? { tokenEndpoint: '' })).host;
}
