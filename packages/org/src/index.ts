export { createClock } from './clock.ts';
export type { Duration, OrgClock } from './clock.ts';
export { controlErrorCodes } from './control/control-error.ts';
export type { Approvals } from './directory/approval.ts';
export type { Certificate } from './directory/certificate.ts';
export { permittedUsersLabels } from './directory/client-app.ts';
export type {
  ClientApp,
  ClientAppKind,
  ClientAppPolicies,
  ClientApps,
  NewClientApp,
  PermittedUsers,
} from './directory/client-app.ts';
export type { Organization } from './directory/organization.ts';
export type { PermissionSet, PermissionSets } from './directory/permission-set.ts';
export type {
  NewProfile,
  Profile,
  ProfileChange,
  ProfilePolicies,
  Profiles,
} from './directory/profile.ts';
export { administratorPassword, parseSeed, readSeedFile } from './directory/seed.ts';
export type { Seed, SeedClientApp, SeedProfile, SeedUser } from './directory/seed.ts';
export type { Site, Sites } from './directory/site.ts';
export type { NewUser, User, Users } from './directory/user.ts';
export { refusals } from './faults.ts';
export type {
  Fault,
  Faults,
  FaultTarget,
  PlannedFault,
  PlanOptions,
  RefusalName,
} from './faults.ts';
export type {
  JournalEntry,
  RequestFilter,
  RequestJournal,
  RequestPredicate,
  TokenRequest,
  WaitOptions,
} from './journal.ts';
export type { ListenOptions } from './listen.ts';
export { acceptedAudiences } from './oauth/accepted-audiences.ts';
export type { OrgKind } from './oauth/accepted-audiences.ts';
export { jwtBearerRules } from './oauth/grants/jwt-bearer.ts';
export { grantRules, requestRules } from './oauth/token.ts';
export { createOrg } from './org.ts';
export type { Endpoint, Org, OrgOptions } from './org.ts';
export { OrgError, orgErrorCodes } from './org-error.ts';
export type { OrgErrorCode, OrgErrorOptions } from './org-error.ts';
export { ipRelaxationLabels } from './policies/ip-ranges.ts';
export type { IpRange, IpRelaxation } from './policies/ip-ranges.ts';
export type { LoginHours } from './policies/login-hours.ts';
export type { LoginRate } from './policies/login-rate.ts';
export { scopeLabels } from './policies/scopes.ts';
export type { LoginAttempt, LoginHistory } from './sessions/login-history.ts';
export { namedTargets } from './request-target.ts';
export type { NamedTarget, RequestTarget } from './request-target.ts';
export type { Session, Sessions } from './sessions/session.ts';
export type { Snapshot } from './store/snapshot.ts';
export type { Rule, TraceEntry } from './trace.ts';
