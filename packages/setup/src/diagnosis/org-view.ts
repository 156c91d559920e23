/** What an administrator sees of the app and the user, read once for all checks of the org. */

import { X509Certificate } from 'node:crypto';
import { SfjwtError } from '@sfjwt/client';
import type { AdminSession } from '../admin-session.ts';
import { readKnownCertificate } from '../certificate-match.ts';
import { soql } from '../soql.ts';
import type { Soql } from '../soql.ts';
import { findApp } from './app-in-org.ts';
import { isOfKey } from './certificate-file.ts';
import type { Examination } from './examination.ts';
import type { AccessRow, OrgState, UserInOrg } from './org-state.ts';

/** Undefined without an administrator. Reads once. */
export function orgView(examination: Examination): Promise<OrgState> | undefined {
  const { admin } = examination;
  if (admin === undefined) return undefined;
  return (examination.orgView ??= readOrg(admin.session, examination));
}

async function readOrg(session: AdminSession, examination: Examination): Promise<OrgState> {
  const { clientId, username } = examination.identity();
  const user = await readUser(session, username);
  const profilePermissionSetId =
    user === undefined
      ? undefined
      : (
          await session.query<{ Id: string }>(
            soql`SELECT Id FROM PermissionSet WHERE IsOwnedByProfile = true AND Profile.Name = ${user.profile}`,
          )
        )[0]?.Id;
  try {
    const apps = await findApp(
      session,
      {
        consumerKey: clientId,
        isUnknown: examination.refusal?.code === 'CLIENT_ID_UNKNOWN',
        application: user === undefined ? undefined : await applicationOf(session, user.id),
        isOfOurKey: (certificate) => isOfOurKey(certificate, examination),
      },
      examination.clock,
    );
    const access = await readAccess(session, apps.app?.id ?? '', user?.id ?? '');
    return { apps, unread: undefined, user, access, profilePermissionSetId };
  } catch (error) {
    if (!(error instanceof SfjwtError)) throw error;
    return { apps: undefined, unread: error, user, access: [], profilePermissionSetId };
  }
}

/** The app of the newest login of the user: that of this diagnosis, when there was one. */
async function applicationOf(session: AdminSession, userId: string): Promise<string | undefined> {
  const [row] = await session.query<{ Application: string | null }>(
    soql`SELECT Application FROM LoginHistory WHERE UserId = ${userId} ORDER BY LoginTime DESC LIMIT 1`,
  );
  return row?.Application ?? undefined;
}

async function isOfOurKey(text: string, { signer }: Examination): Promise<boolean> {
  const known = readKnownCertificate(text);
  if (known === undefined || signer === undefined) return false;
  return isOfKey(signer, new X509Certificate(known.pem).publicKey);
}

interface UserRow {
  Id: string;
  Username: string;
  IsActive: boolean;
  Profile: { Name: string } | null;
}

async function readUser(session: AdminSession, username: string): Promise<UserInOrg | undefined> {
  const [row] = await session.query<UserRow>(
    soql`SELECT Id, Username, IsActive, Profile.Name FROM User WHERE Username = ${username}`,
  );
  if (row === undefined) return undefined;
  const [login] = await session.query<{ Id: string; IsFrozen: boolean }>(
    soql`SELECT Id, IsFrozen FROM UserLogin WHERE UserId = ${row.Id}`,
  );
  return {
    id: row.Id,
    username: row.Username,
    isActive: row.IsActive,
    isFrozen: login?.IsFrozen === true,
    loginId: login?.Id ?? '',
    profile: row.Profile?.Name ?? '',
  };
}

interface ParentRow {
  Id: string;
  ParentId: string;
  Parent: { Name: string; Profile: { Name: string } | null } | null;
}

async function readAccess(
  session: AdminSession,
  appId: string,
  userId: string,
): Promise<AccessRow[]> {
  if (appId === '') return [];
  const rows = await session.query<ParentRow>(
    soql`SELECT Id, ParentId, Parent.Name, Parent.Profile.Name FROM SetupEntityAccess WHERE SetupEntityId = ${appId}`,
  );
  const query: Soql = soql`SELECT PermissionSetId FROM PermissionSetAssignment WHERE AssigneeId = ${userId}`;
  const assigned = userId === '' ? [] : await session.query<{ PermissionSetId: string }>(query);
  const has = new Set(assigned.map(({ PermissionSetId }) => PermissionSetId));
  return rows.map(({ Id, ParentId, Parent }) => ({
    id: Id,
    permissionSetId: ParentId,
    permissionSet: Parent?.Name ?? ParentId,
    profile: Parent?.Profile?.Name,
    isAssigned: has.has(ParentId),
  }));
}
