/** A program as a user writes it, against the types of `@salesforce/core`. */

import { AuthInfo, Connection, Org } from '@salesforce/core';
import { connect } from '@sfjwt/client';
import { createConnection } from '@sfjwt/client/salesforce-core';

export async function salesforceCore(): Promise<string> {
  const connection: Connection = await createConnection({ AuthInfo, Connection }, connect(), {
    username: 'worker@acme.example',
  });
  const authInfo: AuthInfo = connection.getAuthInfo();
  const org = await Org.create({ connection });
  return `${authInfo.getUsername()} ${org.getOrgId()}`;
}
