/**
 * What Salesforce's APIs say when they refuse a request, in three shapes: a JSON array (REST), an
 * object (OAuth), plain text (userinfo and identity), and XML at times.
 */

import { ClientError } from './errors.ts';
import { redacted } from './redaction.ts';

/** Far more than Salesforce needs to say why. */
const maximumCharacters = 64 * 1024;

/** The body, or as much of it as anybody reads: a hostile one has no end. */
export async function beginningOf({ body }: Response): Promise<string> {
  if (body === null) return '';
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let text = '';
  while (text.length <= maximumCharacters) {
    const { done, value } = await reader.read();
    if (done) return text + decoder.decode();
    text += decoder.decode(value, { stream: true });
  }
  // Not waited for: of a copy it ends with the original only.
  reader.cancel().catch(() => {});
  return text.slice(0, maximumCharacters);
}

/** Whether this answer turns the token away and a new login can help. Leaves its body unread. */
export async function turnsTokenAway(response: Response): Promise<boolean> {
  const { status } = response;
  if (status !== 401 && status !== 403) return false;
  const { findApiRefusal } = await import('./refusals.ts');
  return findApiRefusal(status, await beginningOf(response.clone()))?.renewable === true;
}

/**
 * A refused API answer as an error with a code and hints, in Salesforce's own words. Reads the
 * body of the answer.
 */
export async function apiError(response: Response): Promise<ClientError> {
  const { status } = response;
  const body = await beginningOf(response);
  const { findApiRefusal } = await import('./refusals.ts');
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
  return redacted(words.trim());
}
