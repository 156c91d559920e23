import { randomBytes } from 'node:crypto';
import type { OrgKind } from '../oauth/accepted-audiences.ts';
import type { Records } from '../store/records.ts';

export interface Organization {
  id: string;
  name: string;
  kind: OrgKind;
  secret: string;
}

/** The organization of this store; made on the first opening. */
export function openOrganization(records: Records, kind: OrgKind): Organization {
  const row = records.find('Organization', {});
  if (row === undefined) {
    const name = 'Local Org';
    const secret = randomBytes(32).toString('base64url');
    const id = records.insert('Organization', {
      Name: name,
      InstanceName: 'LOCAL',
      IsSandbox: kind === 'sandbox',
      OrganizationType: 'Developer Edition',
      LanguageLocaleKey: 'en_US',
      TimeZoneSidKey: 'GMT',
      _secret: secret,
    });
    return { id, name, kind, secret };
  }
  return {
    id: String(row['Id']),
    name: String(row['Name']),
    kind: row['IsSandbox'] === 1 ? 'sandbox' : 'production',
    secret: String(row['_secret']),
  };
}
