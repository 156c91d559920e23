import {
  ClientError,
  createClaims,
  judgeTokenResponse,
  milliseconds,
  sendTokenRequest,
  signAssertion,
} from '@sfjwt/client';
import type { AccessToken, Clock, SentAssertion, Signer } from '@sfjwt/client';
import type { Check, Examination } from './examination.ts';
import { fault, ok, skipped, troubleOf } from './finding.ts';
import type { Cure, Evidence, Trouble } from './finding.ts';
import { baseOf } from './host-answer.ts';

/** One token request, and never a second one after a refusal, unless somebody asks for it. */
export const exchange: Check = {
  ground: 'signIn',
  name: 'exchange',
  async run(examination) {
    const ready = preparedFor(examination);
    if (typeof ready === 'string') return [skipped(ready)];
    try {
      examination.token = await trade(ready, examination);
      return [ok(`Salesforce gives ${ready.sent.username} an access token`)];
    } catch (error) {
      if (!(error instanceof ClientError)) throw error;
      examination.refusal = error;
      return [fault(refusalTrouble(error, ready.sent))];
    }
  },
};

interface Prepared {
  readonly signer: Signer;
  readonly sent: SentAssertion;
}

/** What is needed for a token request, or what is missing for it. */
export function preparedFor(examination: Examination): Prepared | string {
  const { signer, loginUrl, isEndpoint } = examination;
  const clientId = examination.settings.clientId?.trim() ?? '';
  const username = examination.settings.username?.trim() ?? '';
  if (signer === undefined) return 'needs a key';
  if (clientId === '') return 'needs a client id';
  if (username === '') return 'needs a username';
  if (loginUrl === undefined) return 'needs a login URL';
  if (!isEndpoint) return 'needs a host that answers';
  const { tokenEndpoint, audience } = loginUrl;
  return { signer, sent: { tokenEndpoint, audience, clientId, username } };
}

/** Throws a ClientError when no token is given. */
export async function trade(
  { signer, sent }: Prepared,
  { clock, hostAhead, transport, timeoutMilliseconds }: Examination,
): Promise<AccessToken> {
  // By the clock of the host: a wrong clock is told, and does not hide what else is wrong.
  const hostsClock: Clock = { now: () => milliseconds(clock.now() + hostAhead) };
  const claims = createClaims({ ...sent, clock: hostsClock });
  const assertion = await signAssertion(claims, signer);
  const { tokenEndpoint } = sent;
  const request = { tokenEndpoint, assertion, timeoutMilliseconds };
  const response = await sendTokenRequest(transport, request);
  return judgeTokenResponse(response, sent, clock.now());
}

function refusalTrouble(error: ClientError, sent: SentAssertion): Trouble {
  const { cure, ...trouble } = troubleOf(error);
  return {
    ...trouble,
    says: error.message.replace(/ \([^()]*\)$/, ''),
    evidence: [...wordsOf(error), ...sentEvidence(sent)],
    cure: curable(cure),
  };
}

/** Without the line that says what was sent: that is evidence, and told as such. */
function curable(cure: Cure | undefined): Cure {
  const { advice = 'Read what Salesforce says.', otherwise = [], command } = cure ?? {};
  const others = otherwise.filter((hint) => !hint.startsWith('Sent to '));
  return { advice, otherwise: others, command };
}

function wordsOf({ error, errorDescription }: ClientError): Evidence[] {
  if (error === undefined) return [];
  const value = (errorDescription ?? '') === '' ? error : `${error}: ${errorDescription ?? ''}`;
  return [{ label: 'Salesforce says', value }];
}

function sentEvidence({ tokenEndpoint, clientId, username, audience }: SentAssertion): Evidence[] {
  return [
    { label: 'sent to', value: baseOf({ tokenEndpoint }) },
    { label: 'iss', value: clientId },
    { label: 'sub', value: username },
    { label: 'aud', value: audience },
  ];
}
