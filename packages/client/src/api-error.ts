/**
 * What Salesforce's APIs say when they refuse a request, in three shapes: a JSON array (REST), an
 * object (OAuth), plain text (userinfo and identity), and XML at times.
 */

import { ClientError } from './errors.ts';
import type { ClientErrorCode } from './errors.ts';

interface ApiRefusal {
  readonly code: ClientErrorCode;
  readonly matches: RegExp;
  readonly meaning: string;
  readonly hints: readonly string[];
  /** Whether a new login can help. */
  readonly renewable?: true;
}

/**
 * The first row that fits decides. `INVALID_SESSION_ID` has two meanings, and only one of them is
 * worth a new login: a session that may not use the REST API never will, and would loop for ever.
 */
export const apiRefusals: readonly ApiRefusal[] = [
  {
    code: 'SESSION_NOT_FOR_API',
    matches: /session is not valid for use with the REST API|not attached to Agent/i,
    meaning: 'The session lives, but may not use this API',
    hints: [
      'Add "Manage user data via APIs (api)" to the selected OAuth scopes of the app.',
      'With API Access Control, allow-list the app: Setup > API Access Control.',
      'Check that profile and app do not ask for a high-assurance session.',
    ],
  },
  {
    code: 'SESSION_INVALID',
    matches:
      /INVALID_SESSION_ID|INVALID_AUTH_HEADER|INVALID_JWT_FORMAT|LOGIN_OAUTH_INVALID_TOKEN|^\s*Bad_OAuth_Token\s*$/,
    meaning: 'The session has ended or was ended, or the token belongs to another org',
    hints: [
      'Call the API at the instance URL of the token response, not at the login host.',
      'Setup > Session Management lists the sessions that live.',
    ],
    renewable: true,
  },
  {
    code: 'API_DISABLED',
    matches: /API_DISABLED_FOR_ORG|API_CURRENTLY_DISABLED/,
    meaning: 'The user, or the edition of the org, has no API access',
    hints: [
      'Give the user the permission "API Enabled", by profile or permission set.',
      'An app saved in the last ten minutes may need to settle: wait and try again.',
    ],
  },
  {
    code: 'API_LIMIT_EXCEEDED',
    matches: /REQUEST_LIMIT_EXCEEDED/,
    meaning: 'The org has used up its API requests for 24 hours',
    hints: ['Setup > Company Information shows the limit, Setup > API Usage who uses it up.'],
  },
];

/** What an answer with a status of 400 or more means, if it is in the catalogue. */
function findApiRefusal(status: number, body: string): ApiRefusal | undefined {
  if (status !== 401 && status !== 403) return undefined;
  const found = apiRefusals.find(({ matches }) => matches.test(body));
  // userinfo and the identity URL say 403 for a dead token; the REST API says it of other things.
  if (status === 403 && found?.renewable === true && !body.includes('OAuth')) return undefined;
  return found;
}

/** Whether this answer turns the token away and a new login can help. Leaves its body unread. */
export async function turnsTokenAway(response: Response): Promise<boolean> {
  const { status } = response;
  if (status !== 401 && status !== 403) return false;
  return findApiRefusal(status, await response.clone().text())?.renewable === true;
}

/**
 * A refused API answer as an error with a code and hints, in Salesforce's own words. Reads the
 * body of the answer.
 */
export async function apiError(response: Response): Promise<ClientError> {
  const { status } = response;
  const body = await response.text();
  const known = findApiRefusal(status, body);
  const words = wordsOf(body);
  const transient = status >= 500 || status === 429;
  return new ClientError(
    known?.code ?? (transient ? 'SERVER_ERROR' : 'API_REFUSED'),
    `${known?.meaning ?? 'Salesforce refused the request'} (status ${status}${words === '' ? '' : `: ${words}`})`,
    { status, transient, hints: known?.hints ?? [] },
  );
}

/** The text that says why, out of whichever shape; at most a line or two of it. */
function wordsOf(body: string): string {
  let words = body;
  try {
    const parsed: unknown = JSON.parse(body);
    const entries = (Array.isArray(parsed) ? parsed : [parsed]) as Record<string, unknown>[];
    words = entries
      .flatMap((entry) => [
        [
          entry?.['errorCode'] ?? entry?.['error'],
          entry?.['message'] ?? entry?.['error_description'],
        ]
          .filter((part) => typeof part === 'string')
          .join(': '),
      ])
      .join('; ');
  } catch {
    if (/^\s*</.test(body)) words = /<error>([^<]*)</.exec(body)?.[1] ?? '';
  }
  return words.trim().slice(0, 300);
}
