import { turnsTokenAway } from '../api-error.ts';

/**
 * Whether an answer turns the token away and a new login can help, by status and body. A body that
 * was not read is undefined: then the status decides alone, and a login may be in vain.
 */
export async function refusesToken(status: number, body: string | undefined): Promise<boolean> {
  if (status !== 401 && status !== 403) return false;
  return body === undefined ? status === 401 : turnsTokenAway(new Response(body, { status }));
}
