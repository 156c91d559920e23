import { createClock } from './clock.ts';
import type { OrgClock } from './clock.ts';
import { ApiUsage } from './data/api-usage.ts';
import { Catalogue } from './data/catalogue.ts';
import { loadCustomObjects } from './data/custom-object.ts';
import { Approvals } from './directory/approval.ts';
import { ClientApps } from './directory/client-app.ts';
import { openOrganization, orgSettings } from './directory/organization.ts';
import type { Organization } from './directory/organization.ts';
import { PermissionSets } from './directory/permission-set.ts';
import { Profiles } from './directory/profile.ts';
import { administrator, parseSeed, plantDefaults, plantSeed } from './directory/seed.ts';
import type { Seed } from './directory/seed.ts';
import { Sites } from './directory/site.ts';
import { Users } from './directory/user.ts';
import type { User } from './directory/user.ts';
import { listen } from './listen.ts';
import type { Listener, ListenOptions } from './listen.ts';
import type { OrgKind } from './oauth/accepted-audiences.ts';
import { sessionOfJwt } from './oauth/access-token.ts';
import { RefreshTokens } from './oauth/refresh-token.ts';
import { SigningKeys } from './oauth/signing-key.ts';
import type { OrgContext } from './org-context.ts';
import { LoginRate } from './policies/login-rate.ts';
import { sessionTimeoutSeconds } from './policies/session-timeout.ts';
import { createRouter } from './router.ts';
import type { ConnectionInfo } from './router.ts';
import { LoginHistory } from './sessions/login-history.ts';
import { Sessions } from './sessions/session.ts';
import { openDatabase } from './store/database.ts';
import { createRecords } from './store/records.ts';
import { migrate } from './store/schema.ts';

export interface OrgOptions {
  /** Decides which login host the org stands for; production when left out. */
  kind?: OrgKind;
  /** Merged over the default directory. */
  seed?: Seed;
  /** Time of the org; a clock over this machine's when left out. */
  clock?: OrgClock;
  /** Keeps the org in a file; in memory when left out. */
  file?: string;
}

/** A local Salesforce org. */
export interface Org {
  /** Origin: instance URL, login URL and My Domain in one. Final once the org listens. */
  readonly url: string;
  readonly organization: Organization;
  readonly clock: OrgClock;
  readonly users: Users;
  readonly profiles: Profiles;
  readonly permissionSets: PermissionSets;
  readonly clientApps: ClientApps;
  readonly approvals: Approvals;
  readonly sites: Sites;
  readonly loginRate: LoginRate;
  readonly sessions: Sessions;
  readonly loginHistory: LoginHistory;
  /** Requests of the REST API, and how many a day are allowed. */
  readonly apiUsage: ApiUsage;
  /** Answers one request without a socket. */
  fetch(request: Request): Promise<Response>;
  /** Answers on a loopback port. */
  listen(options?: ListenOptions): Promise<Org>;
  /** Opens a session for a user directly, as an administrator's own is. Returns its access token. */
  openSession(user: User): string;
  /** The well-known administrator. */
  readonly administrator: User;
  close(): Promise<void>;
}

/** Where an org that does not listen says it is: the well-known port of `sfjwt org`. */
const defaultUrl = 'http://127.0.0.1:7523';

/**
 * Makes a local org.
 *
 * @throws OrgError SEED_INVALID, DATABASE_UNAVAILABLE and those of a seed's fields
 */
export async function createOrg(options: OrgOptions = {}): Promise<Org> {
  const { clock = createClock(), file } = options;
  const seed = parseSeed(options.seed);
  const now = (): number => clock.now();
  const database = await openDatabase(file === undefined ? {} : { file });
  let listener: Listener | undefined;
  const url = (): string => listener?.url ?? defaultUrl;
  let context: OrgContext;
  try {
    const catalogue = new Catalogue();
    migrate(database, catalogue);
    loadCustomObjects({ catalogue, database });
    const records = createRecords(database, catalogue, now);
    context = database.transaction(() => {
      const isNew = records.find('Organization', {}) === undefined;
      const organization = openOrganization(records, options.kind ?? seed.kind ?? 'production');
      const directory = openDirectory({
        clock,
        database,
        catalogue,
        records,
        organization,
        url,
      });
      if (isNew) plantDefaults(directory);
      plantSeed(seed, directory);
      return directory;
    });
  } catch (error) {
    database.close();
    throw error;
  }
  const router = createRouter(context);
  const answer = async (request: Request, connection: ConnectionInfo): Promise<Response> =>
    router.fetch(request, connection);

  const org: Org = {
    ...context,
    get url() {
      return context.url();
    },
    get administrator() {
      return context.users.get(administrator);
    },
    fetch: (request) => answer(request, {}),
    listen: async (listenOptions) => {
      listener = await listen(answer, listenOptions);
      return org;
    },
    openSession: (user) =>
      context.sessions.open({
        userId: user.id,
        type: 'API',
        scopes: ['full'],
        sourceIp: '127.0.0.1',
        timeoutSeconds: sessionTimeoutSeconds(
          undefined,
          context.profiles.policies(user.profileId),
          orgSettings(database),
        ),
      }),
    close: async () => {
      await listener?.close();
      listener = undefined;
      database.close();
    },
  };
  return org;
}

/** Everything an endpoint works with, over the rows of one database. */
function openDirectory(
  parts: Pick<OrgContext, 'clock' | 'database' | 'catalogue' | 'records' | 'organization' | 'url'>,
): OrgContext {
  const { clock, database, records, organization } = parts;
  const now = (): number => clock.now();
  const profiles = new Profiles(records);
  const signingKeys = new SigningKeys({ database, now, organizationId: organization.id });
  return {
    ...parts,
    apiUsage: new ApiUsage(database, now),
    profiles,
    users: new Users(records, profiles),
    permissionSets: new PermissionSets(records),
    clientApps: new ClientApps(records),
    approvals: new Approvals(records),
    sites: new Sites(records),
    loginRate: new LoginRate(database, now),
    signingKeys,
    refreshTokens: new RefreshTokens({ records, now, secret: organization.secret }),
    sessions: new Sessions({
      records,
      now,
      organizationId: organization.id,
      secret: organization.secret,
      sessionOfJwt: (token) => sessionOfJwt(token, signingKeys),
    }),
    loginHistory: new LoginHistory(records, now),
  };
}
