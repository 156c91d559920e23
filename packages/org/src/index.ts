export { createClock } from './clock.ts';
export type { Duration, OrgClock } from './clock.ts';
export type { Approvals } from './directory/approval.ts';
export type { Certificate } from './directory/certificate.ts';
export { permittedUsersLabels } from './directory/client-app.ts';
export type {
  ClientApp,
  ClientAppKind,
  ClientApps,
  NewClientApp,
  PermittedUsers,
} from './directory/client-app.ts';
export type { Organization } from './directory/organization.ts';
export type { PermissionSet, PermissionSets } from './directory/permission-set.ts';
export type { Profile, Profiles } from './directory/profile.ts';
export { parseSeed, readSeedFile } from './directory/seed.ts';
export type { Seed, SeedClientApp, SeedUser } from './directory/seed.ts';
export type { NewUser, User, Users } from './directory/user.ts';
export type { ListenOptions } from './listen.ts';
export { acceptedAudiences } from './oauth/accepted-audiences.ts';
export type { OrgKind } from './oauth/accepted-audiences.ts';
export { jwtBearerRules } from './oauth/grants/jwt-bearer.ts';
export { createOrg } from './org.ts';
export type { Org, OrgOptions } from './org.ts';
export { OrgError, orgErrorCodes } from './org-error.ts';
export type { OrgErrorCode, OrgErrorOptions } from './org-error.ts';
export { scopeLabels } from './policies/scopes.ts';
export type { LoginAttempt, LoginHistory } from './sessions/login-history.ts';
export type { Session, Sessions } from './sessions/session.ts';
export type { Rule, TraceEntry } from './trace.ts';
