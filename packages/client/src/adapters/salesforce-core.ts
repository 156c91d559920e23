/** For `@salesforce/core`: its `AuthInfo` and `Connection`, signed in by a token source. */

import type { Connection } from '../connect.ts';
import type { TokenSource } from '../token-source.ts';
import { authorizeConnection } from './jsforce.ts';
import type { JsforceConnection } from './jsforce.ts';

/** The classes of `@salesforce/core`; they are handed in because the client has no dependency. */
export interface SalesforceCore<A extends object, C extends JsforceConnection> {
  AuthInfo: new (options?: { username?: string }) => A;
  Connection: { create(options: { authInfo: A }): Promise<C> };
}

export interface CoreConnectionOptions {
  /** Username of the session's user; asked for by `userinfo()` when left out. */
  username?: string;
}

/** Authorization fields of one user, as `AuthInfo` keeps them. */
type AuthFields = Record<string, unknown>;

/** Takes what `AuthInfo` would log, file by file in the home folder. */
const silent = { trace() {}, debug() {}, info() {}, warn() {}, error() {} };

/**
 * Makes a `Connection` that renews itself, and with it an `AuthInfo` (`getAuthInfo()`) for what is
 * built on them. The authorization lives in memory: the private key needs no file, and nothing is
 * read from or written to the authorizations in the user's home.
 *
 * @throws ClientError what the source throws
 */
export async function createConnection<A extends object, C extends JsforceConnection>(
  { AuthInfo, Connection }: SalesforceCore<A, C>,
  salesforce: TokenSource & Pick<Connection, 'userinfo'>,
  options: CoreConnectionOptions = {},
): Promise<C> {
  const username = options.username ?? (await salesforce.userinfo()).preferred_username;
  const { value, instanceUrl, organizationId, userId } = await salesforce.token();
  const fields: AuthFields = {
    username,
    accessToken: value,
    instanceUrl,
    loginUrl: instanceUrl,
    orgId: organizationId,
    userId,
  };
  const connection = await Connection.create({ authInfo: inMemory(new AuthInfo(), fields) });
  return authorizeConnection(connection, salesforce, ({ value: accessToken }) => {
    Object.assign(fields, { accessToken });
  });
}

/** An `AuthInfo` whose authorization is in memory in place of a file. */
function inMemory<A extends object>(authInfo: A, fields: AuthFields): A {
  const orgs = {
    get: () => ({ ...fields }),
    update: (_username: string, changes: AuthFields) => Object.assign(fields, changes),
    // `save()` is called for the API version alone, and by those who ask for a file.
    write: () => Promise.resolve(fields),
  };
  return Object.assign(authInfo, {
    username: fields['username'],
    stateAggregator: { orgs },
    logger: silent,
  });
}
