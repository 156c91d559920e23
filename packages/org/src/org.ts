import { createClock } from './clock.ts';
import type { OrgClock } from './clock.ts';
import { ApiUsage } from './data/api-usage.ts';
import { control, isControlPath } from './control/routes.ts';
import { Catalogue } from './data/catalogue.ts';
import { loadCustomObjects } from './data/custom-object.ts';
import { openDirectory } from './directory/directory.ts';
import type { Directory } from './directory/directory.ts';
import { openOrganization } from './directory/organization.ts';
import type { Organization } from './directory/organization.ts';
import {
  administrator,
  administratorPassword,
  parseSeed,
  plantDefaults,
  plantSeed,
  plantSeedOnce,
} from './directory/seed.ts';
import type { Seed } from './directory/seed.ts';
import { keepAuditTrail } from './directory/setup-audit-trail.ts';
import type { User } from './directory/user.ts';
import { deliverInProcess } from './delivery.ts';
import { createExchange } from './exchange.ts';
import type { Exchange } from './exchange.ts';
import { Faults } from './faults.ts';
import { RequestJournal } from './journal.ts';
import { listen } from './listen.ts';
import type { Listener, ListenOptions } from './listen.ts';
import type { OrgKind } from './oauth/accepted-audiences.ts';
import { sessionOfJwt } from './oauth/access-token.ts';
import { AuthorizationCodes } from './oauth/authorization-code.ts';
import { startLink } from './oauth/single-access.ts';
import { RefreshTokens } from './oauth/refresh-token.ts';
import { UsedJtis } from './oauth/used-jti.ts';
import { SigningKeys } from './oauth/signing-key.ts';
import type { OrgContext } from './org-context.ts';
import { OrgError } from './org-error.ts';
import { setupHome } from './pages/setup/navigation.ts';
import { LoginRate } from './policies/login-rate.ts';
import { currentSettings, profilePolicies } from './policies/standing.ts';
import { sessionTimeoutSeconds } from './policies/session-timeout.ts';
import { createRouter } from './router.ts';
import { LoginHistory } from './sessions/login-history.ts';
import { Sessions } from './sessions/session.ts';
import { openDatabase } from './store/database.ts';
import { Memory } from './store/memory.ts';
import { createRecords } from './store/records.ts';
import { migrate, readSetting, schemaVersion, writeSetting } from './store/schema.ts';
import { restoreSnapshot, takeSnapshot } from './store/snapshot.ts';
import type { Snapshot } from './store/snapshot.ts';

export interface OrgOptions {
  /** Decides which login host the org stands for; production when left out. */
  kind?: OrgKind;
  /** Merged over the default directory. */
  seed?: Seed;
  /** Time of the org; a clock over this machine's when left out. */
  clock?: OrgClock;
  /** Keeps the org in a file; in memory when left out. */
  file?: string;
  /**
   * Name of the My Domain that the org stands in for: `acme`, or `acme--uat` in a sandbox. A client
   * that is set up for it may go on naming it as audience.
   */
  myDomain?: string;
  /** Of the administrator, for the login page; the well-known one when left out. */
  administratorPassword?: string;
}

export interface Endpoint {
  /** `ALL` where a wrong method has an answer of its own. */
  method: string;
  /** With `:name` for a part that varies. */
  path: string;
}

/** A local Salesforce org. */
export interface Org extends Omit<Directory, 'records'> {
  /** Origin: instance URL, login URL and My Domain in one. Final once the org listens. */
  readonly url: string;
  readonly organization: Organization;
  readonly clock: OrgClock;
  readonly loginRate: LoginRate;
  readonly sessions: Sessions;
  readonly loginHistory: LoginHistory;
  /** Requests of the REST API, and how many a day are allowed. */
  readonly apiUsage: ApiUsage;
  /** What goes wrong on purpose. */
  readonly faults: Faults;
  /** What clients did. */
  readonly requests: RequestJournal;
  /** Every method and path that it answers, as docs/local-org.md lists them. */
  readonly endpoints: readonly Endpoint[];
  /** Answers one request without a socket. Faults of the connection reject it, as in Node. */
  fetch(request: Request): Promise<Response>;
  /**
   * Answers on a loopback port.
   *
   * @throws OrgError HOST_NOT_LOOPBACK, PORT_UNAVAILABLE
   */
  listen(options?: ListenOptions): Promise<Org>;
  /** Goes off the network at once, as if killed, with all it holds; `listen` brings it back. */
  stopListening(): Promise<void>;
  /** PEM of the certificate that clients of an https org have to trust; for `ca` or a file. */
  readonly certificateAuthority: string | undefined;
  /** Opens a session for a user directly, as an administrator's own is. Returns its access token. */
  openSession(user: User): string;
  /**
   * Adds what a seed names; what is there already under the same name is kept.
   *
   * @throws OrgError SEED_INVALID and those of its fields, and then nothing was added
   */
  seed(seed: Seed): void;
  /** Everything the org holds, as plain data. */
  snapshot(): Snapshot;
  /**
   * Puts a snapshot in the place of everything the org holds: one of its own, or of another org.
   *
   * @throws OrgError SNAPSHOT_INVALID, and then nothing has changed
   */
  restore(snapshot: Snapshot): void;
  /**
   * Back to what was configured: the org as it was made, with the seed of `createOrg`. Sessions end,
   * faults and journal are cleared, the clock runs on its source again.
   */
  reset(): void;
  /** The well-known administrator. */
  readonly administrator: User;
  /** Password of the administrator, unless somebody changed it since. */
  readonly administratorPassword: string;
  /** Where a person begins: a link that signs the administrator in at Setup, good for one use. */
  readonly setupUrl: string;
  close(): Promise<void>;
}

/** Where an org that does not listen says it is: the well-known port of `sfjwt org`. */
const defaultUrl = 'http://127.0.0.1:7523';

/** What a reset goes back to; tables of another shape begin another one. */
const baseline = `baseline of schema ${schemaVersion}`;

/**
 * Makes a local org.
 *
 * @throws OrgError SEED_INVALID and those of a seed's fields; DATABASE_UNAVAILABLE, DATA_FILE_IN_USE,
 *   DATA_FILE_INVALID, DATA_FILE_NEWER
 */
export async function createOrg(options: OrgOptions = {}): Promise<Org> {
  const { clock = createClock(), file, myDomain } = options;
  if (myDomain !== undefined) requireMyDomain(myDomain);
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
      const directory = openContext({
        clock,
        database,
        catalogue,
        records,
        organization,
        myDomain,
        url,
      });
      if (isNew) plantDefaults(directory);
      plantSeedOnce(seed, directory);
      if (readSetting(database, baseline) === undefined) {
        writeSetting(database, baseline, JSON.stringify(takeSnapshot(directory)));
      }
      setPassword(options, directory);
      return directory;
    });
    // What an org begins with is no change of it.
    keepAuditTrail(records);
  } catch (error) {
    database.close();
    throw error;
  }
  const faults = new Faults();
  const router = createRouter(context, faults);
  const salesforce = createExchange(context, faults, (request, connection) =>
    router.fetch(request, connection),
  );
  const exchange: Exchange = async (request, connection) =>
    isControlPath(new URL(request.url).pathname)
      ? { response: await control(request, org) }
      : salesforce(request, connection);
  const restore = (snapshot: unknown): void => {
    restoreSnapshot(snapshot, context);
    Object.assign(context.organization, openOrganization(context.records, 'production'));
  };

  const org: Org = {
    ...context,
    get url() {
      return context.url();
    },
    get certificateAuthority() {
      return listener?.certificateAuthority;
    },
    get setupUrl() {
      return startLink(org.administrator, setupHome, context);
    },
    administratorPassword: options.administratorPassword ?? administratorPassword,
    endpoints: router.routes.map(({ method, path }) => ({ method, path })),
    get administrator() {
      return context.users.get(administrator);
    },
    faults,
    fetch: async (request) => deliverInProcess(await exchange(request, {}), clock),
    listen: async (listenOptions) => {
      await org.stopListening();
      listener = await listen(exchange, listenOptions);
      return org;
    },
    stopListening: async () => {
      await listener?.close();
      listener = undefined;
    },
    seed: (more) => database.transaction(() => plantSeed(parseSeed(more), context)),
    snapshot: () => takeSnapshot(context),
    restore,
    reset: () => {
      clock.reset();
      database.transaction(() => {
        restore(JSON.parse(readSetting(database, baseline) ?? '{}'));
        plantSeedOnce(seed, context);
        setPassword(options, context);
      });
      faults.clear();
      context.requests.clear();
    },
    openSession: (user) =>
      context.sessions.open({
        userId: user.id,
        type: 'API',
        scopes: ['full'],
        sourceIp: '127.0.0.1',
        timeoutSeconds: sessionTimeoutSeconds(
          undefined,
          profilePolicies(user, context),
          currentSettings(context),
        ),
      }),
    close: async () => {
      await org.stopListening();
      database.close();
    },
  };
  return org;
}

/** @throws OrgError FIELD_INVALID */
function requireMyDomain(name: string): void {
  // Letters, digits and hyphens, and in a sandbox its name behind two of them.
  if (/^[a-z](?:[a-z0-9-]{0,60}[a-z0-9])?$/i.test(name)) return;
  throw new OrgError('FIELD_INVALID', `"${name}" is not the name of a My Domain`, {
    hints: ['The name of https://acme.my.salesforce.com is acme.'],
  });
}

function setPassword({ administratorPassword: password }: OrgOptions, { users }: OrgContext): void {
  if (password !== undefined) users.setPassword(users.get(administrator), password);
}

/** Everything an endpoint works with, over the rows of one database. */
function openContext(
  parts: Pick<
    OrgContext,
    'clock' | 'database' | 'catalogue' | 'records' | 'organization' | 'myDomain' | 'url'
  >,
): OrgContext {
  const { clock, database, records, organization } = parts;
  const now = (): number => clock.now();
  const loginRate = new LoginRate(database, now);
  const signingKeys = new SigningKeys({ database, now, organization });
  return {
    ...parts,
    ...openDirectory(records),
    apiUsage: new ApiUsage(database, now),
    memory: new Memory(database),
    loginRate,
    signingKeys,
    usedJtis: new UsedJtis(database),
    authorizationCodes: new AuthorizationCodes(database, now),
    refreshTokens: new RefreshTokens({ records, now, organization }),
    sessions: new Sessions({
      database,
      records,
      now,
      organization,
      sessionOfJwt: (token) => sessionOfJwt(token, signingKeys),
    }),
    loginHistory: new LoginHistory({ database, records, loginRate, now }),
    requests: new RequestJournal(),
  };
}
