import { apiError, ClientError } from '@sfjwt/client';
import type { AuthorizedFetch } from '@sfjwt/client';
import type { Check, Examination } from './examination.ts';
import { fault, ok, skipped, troubleOf, warning } from './finding.ts';
import type { Result } from './finding.ts';
import { fieldOf, jsonOf, workerFetch } from './worker-session.ts';

/** Less than this part of the day's requests is worth a word. */
const fewLeft = 0.1;

/** Does the REST API let the user in, and are there requests left? */
export const apiAccess: Check = {
  ground: 'session',
  name: 'api-access',
  async run(examination) {
    const fetch = workerFetch(examination);
    if (fetch === undefined) return [];
    try {
      const response = await fetch(`/services/data/v${await latestVersion(fetch)}/limits`);
      if (!response.ok) return [refused(await apiError(response), examination)];
      return [ok('The REST API answers'), requestsLeft(await jsonOf(response))];
    } catch (error) {
      if (!(error instanceof ClientError)) throw error;
      return [fault(troubleOf(error))];
    }
  },
};

async function latestVersion(fetch: AuthorizedFetch): Promise<string> {
  const answer = await jsonOf(await fetch('/services/data'));
  const versions = Array.isArray(answer)
    ? answer.map((entry: unknown) => Number(fieldOf(entry, 'version')))
    : [];
  const latest = Math.max(0, ...versions.filter((version) => !Number.isNaN(version)));
  return latest === 0 ? '60.0' : `${latest}.0`;
}

function refused(error: ClientError, { token }: Examination): Result {
  const scopes = token?.scopes ?? [];
  if (
    error.code === 'SESSION_NOT_FOR_API' &&
    !scopes.some((scope) => /^(?:api|full)$/.test(scope))
  ) {
    return skipped('The REST API turns the token away: see scopes');
  }
  const trouble = troubleOf(error);
  const says = error.message.replace(/ \(status[^]*$/, '');
  const words = /\(status \d+: ([^]*)\)$/.exec(error.message)?.[1];
  return fault({
    ...trouble,
    says,
    evidence: words === undefined ? [] : [{ label: 'Salesforce says', value: words }],
  });
}

function requestsLeft(limits: unknown): Result {
  const daily = fieldOf(limits, 'DailyApiRequests');
  const [maximum, remaining] = [fieldOf(daily, 'Max'), fieldOf(daily, 'Remaining')];
  if (typeof maximum !== 'number' || typeof remaining !== 'number' || maximum === 0) {
    return ok('The limits of the org are not told');
  }
  const says = `${remaining.toLocaleString('en')} of ${maximum.toLocaleString('en')} API requests left today`;
  if (remaining > maximum * fewLeft) return ok(says);
  return warning({
    code: 'API_LIMIT_NEAR',
    says: `Only ${says}`,
    cure: { advice: 'See who uses them up: Setup > Company Information, Setup > API Usage.' },
  });
}
