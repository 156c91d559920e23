import type { AccessToken } from '../access-token.ts';
import { ClientError } from '../errors.ts';

/** Whether a URL is of the org that the token belongs to. */
export function ofOrg(url: string | URL, { instanceUrl }: AccessToken): boolean {
  return new URL(url, instanceUrl).origin === instanceUrl;
}

/**
 * The token only ever travels to the org it belongs to.
 *
 * @throws ClientError FOREIGN_ORIGIN
 */
export function requireOrg(url: string | URL, token: AccessToken): void {
  if (ofOrg(url, token)) return;
  throw new ClientError(
    'FOREIGN_ORIGIN',
    `The token is not sent to ${new URL(url, token.instanceUrl).origin}`,
    { hints: [`It belongs to ${token.instanceUrl}: give a path, or a URL of that origin.`] },
  );
}
