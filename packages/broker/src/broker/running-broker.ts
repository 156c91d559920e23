/** A broker with its doors, files and profiles: what `sfjwt broker` keeps alive. */

import { isDeepStrictEqual } from 'node:util';
import { readFile } from 'node:fs/promises';
import { connect, createTransport, systemClock } from '@sfjwt/client';
import type {
  ClientEvent,
  Clock,
  ConnectOptions,
  Connection,
  NetworkOptions,
  Profile,
  TokenStore,
  Transport,
} from '@sfjwt/client';
import { fileAuditLog } from './audit-log.ts';
import type { AuditLog } from './audit-log.ts';
import { createBroker } from './broker.ts';
import type { Broker, BrokerState } from './broker.ts';
import type { Caller } from './caller.ts';
import type { Configuration } from './configuration.ts';
import { BrokerError } from '../errors.ts';
import { watchedIdentity } from './identity.ts';
import type { Identity } from './identity.ts';
import { openDoor } from './listen.ts';
import type { OpenDoor } from './listen.ts';
import { createMetrics } from './metrics.ts';
import type { Metrics } from './metrics.ts';
import { readCaller } from './secret.ts';
import { keepTokenFile } from './token-file.ts';
import type { TokenFile } from './token-file.ts';
import { createTracing } from './tracing.ts';
import type { Tracing } from './tracing.ts';

export interface ServedProfile {
  readonly options: ConnectOptions;
  /** Over a change of the configuration a profile of the same text keeps its token. */
  readonly text: string;
}

export interface BrokerSettings {
  readonly configuration: Configuration;
  /** Profiles by the names that callers use. */
  readonly profiles: ReadonlyMap<string, ServedProfile>;
}

export function profileToServe(profile: Profile): ServedProfile {
  return { options: profile, text: JSON.stringify(profile) };
}

export interface RunningBrokerOptions {
  readonly store?: TokenStore | undefined;
  readonly clock?: Clock | undefined;
  readonly onEvent?: ((profile: string, event: ClientEvent) => void) | undefined;
  /** Told of failures that no caller is told of. */
  readonly onFault?: ((error: unknown) => void) | undefined;
}

export interface RunningBroker {
  /** Paths of sockets and URLs of ports. */
  readonly addresses: readonly string[];
  readonly profiles: readonly string[];
  /**
   * Takes other settings from the next request on: profiles, callers, doors, token files, and
   * reopens the audit log. What did not change goes on undisturbed, tokens included.
   */
  change(settings: BrokerSettings): Promise<void>;
  /** Ends what is under way within the time of the configuration, then everything. */
  stop(): Promise<void>;
}

/** Whoever may open a socket that names nobody. */
const owner: Caller = {
  name: 'owner',
  secretDigests: [],
  profiles: ['*'],
  permissions: ['token', 'proxy'],
  requests: undefined,
};

/** @throws BrokerError, ClientError when a setting cannot be used */
export async function runBroker(
  settings: BrokerSettings,
  options: RunningBrokerOptions = {},
): Promise<RunningBroker> {
  const { configuration } = settings;
  const metrics = configuration.metrics ? await createMetrics() : undefined;
  const tracing = configuration.tracing ? await loadTracing() : undefined;
  const audit =
    configuration.auditLog === undefined ? undefined : fileAuditLog(configuration.auditLog);
  const network = await networkOf(configuration);
  const house = new House({ ...options, metrics, tracing, audit, network });
  try {
    await house.change(settings);
  } catch (error) {
    await house.stop(0);
    throw error;
  }
  return {
    get addresses() {
      return house.addresses;
    },
    get profiles() {
      return house.profiles;
    },
    change: (next) => house.change(next),
    stop: () => house.stop(house.drainSeconds),
  };
}

interface HouseOptions extends RunningBrokerOptions {
  readonly metrics: Metrics | undefined;
  readonly tracing: Tracing | undefined;
  readonly audit: AuditLog | undefined;
  readonly network: NetworkOptions;
}

interface Kept<Setting, Value> {
  readonly setting: Setting;
  readonly value: Value;
}

type DoorSetting = NonNullable<Configuration['doors']>[number];
type TokenFileSetting = Configuration['tokenFiles'][number];

type Connections = Map<string, Kept<string, { connection: Connection; identity: Identity }>>;

/** What lives as long as the process, and the parts that come and go with the configuration. */
class House {
  readonly #options: HouseOptions;
  readonly #transport: Transport;
  readonly #clock: Clock;
  #broker: Broker | undefined;
  #connections: Connections = new Map();
  #doors: Kept<DoorOfCaller, OpenDoor>[] = [];
  #tokenFiles: Kept<TokenFileSetting, TokenFile>[] = [];
  /** The last change that was asked for: two at once would open each door twice. */
  #lastChange: Promise<void> = Promise.resolve();
  #isStopping = false;
  drainSeconds = 0;

  constructor(options: HouseOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    // One for all: ten thousand profiles need no more connections than one.
    this.#transport = createTransport(options.network);
  }

  get addresses(): string[] {
    return this.#doors.map(({ value }) => value.address);
  }

  get profiles(): string[] {
    return [...this.#connections.keys()];
  }

  change(settings: BrokerSettings): Promise<void> {
    const changed = this.#lastChange.then(async () => {
      if (!this.#isStopping) await this.#change(settings);
    });
    this.#lastChange = changed.catch(() => {});
    return changed;
  }

  async #change({ configuration, profiles }: BrokerSettings): Promise<void> {
    const { audit, metrics, tracing, network, onFault } = this.#options;
    // All that can fail comes first: settings that cannot be used change nothing.
    const callers = await Promise.all(configuration.callers.map(readCaller));
    for (const { profile } of configuration.tokenFiles) {
      if (profiles.has(profile)) continue;
      const message = `A token file names the profile ${profile}, which is not served`;
      throw new BrokerError('CONFIGURATION_INVALID', message, {
        hints: ['Name it under profiles as well.'],
      });
    }
    const { tokenLifetimeSeconds, idleSeconds } = configuration;
    const connections = this.#connectAll(profiles, tokenLifetimeSeconds);
    audit?.reopen();

    const identities = new Map([...connections].map(([name, { value }]) => [name, value.identity]));
    const state: BrokerState = { identities, callers };
    this.#broker ??= createBroker({
      ...state,
      audit,
      metrics,
      tracing,
      network,
      clock: this.#clock,
      onFault,
      tokenLifetimeSeconds,
      idleMilliseconds: idleSeconds * 1000,
    });
    await this.#openDoors(this.#broker, configuration.doors ?? [], callers);
    this.#broker.change(state);
    this.#connections = connections;
    this.drainSeconds = configuration.drainSeconds;
    await this.#keepTokenFiles(configuration.tokenFiles, identities);
  }

  async stop(drainSeconds: number): Promise<void> {
    this.#isStopping = true;
    const closing = this.#doors.map(({ value }) => value.close());
    const drained = Promise.all([this.#broker?.drain(), ...closing]);
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise((resolve) => {
      timer = setTimeout(resolve, drainSeconds * 1000);
    });
    await Promise.race([drained, late]);
    clearTimeout(timer);
    for (const { value } of this.#doors) value.cut();
    await Promise.all(closing);
    // A change may be waiting for the first token of a file, and what it opens is closed as well.
    const closed = new Set(this.#tokenFiles);
    await this.#closeTokenFiles(closed);
    await this.#lastChange;
    await Promise.all(this.#doors.map(({ value }) => (value.cut(), value.close())));
    await this.#closeTokenFiles(this.#tokenFiles.filter((file) => !closed.has(file)));
    for (const { value } of this.#connections.values()) value.connection.close();
    this.#broker?.close();
    this.#transport.close();
    this.#options.audit?.close();
  }

  #connectAll(
    profiles: ReadonlyMap<string, ServedProfile>,
    tokenLifetimeSeconds: number,
  ): Connections {
    const next: Connections = new Map();
    for (const [name, { options, text }] of profiles) {
      const kept = this.#connections.get(name);
      const value =
        kept?.setting === text ? kept.value : this.#connect(name, options, tokenLifetimeSeconds);
      next.set(name, { setting: text, value });
    }
    return next;
  }

  #connect(
    name: string,
    options: ConnectOptions,
    tokenLifetimeSeconds: number,
  ): { connection: Connection; identity: Identity } {
    const { store, onEvent, metrics, tracing, network } = this.#options;
    const connection = connect({
      ...options,
      ...network,
      transport: this.#transport,
      clock: this.#clock,
      tokenLifetimeSeconds,
      ...(store === undefined ? {} : { store }),
      onEvent: (event) => {
        metrics?.clientEvent(name, event);
        tracing?.clientEvent(name, event);
        onEvent?.(name, event);
      },
    });
    const identity = watchedIdentity(name, connection, () => connection.userinfo());
    return { connection, identity };
  }

  async #openDoors(
    broker: Broker,
    settings: readonly DoorSetting[],
    callers: readonly Caller[],
  ): Promise<void> {
    const wanted = settings.map((setting) => ({ ...setting, whose: callerAt(setting, callers) }));
    const stays = (door: { setting: object }): boolean =>
      wanted.some((setting) => isDeepStrictEqual(setting, door.setting));
    const kept = this.#doors.filter(stays);
    const gone = this.#doors.filter((door) => !stays(door));
    const added = wanted.filter(
      (setting) => !kept.some((door) => isDeepStrictEqual(door.setting, setting)),
    );
    const changesHands = (setting: DoorSetting): boolean =>
      gone.some((door) => placeOf(door.setting) === placeOf(setting));
    // What is free is opened first: a door that cannot be opened must not cost the others.
    const opened: Kept<DoorOfCaller, OpenDoor>[] = [];
    try {
      for (const setting of added.filter((one) => !changesHands(one))) {
        opened.push({ setting, value: await open(broker, setting) });
      }
    } catch (error) {
      await Promise.all(opened.map(({ value }) => (value.cut(), value.close())));
      throw error;
    }
    // A path or port that changes hands is closed before it is opened anew.
    await Promise.all(gone.map(({ value }) => (value.cut(), value.close())));
    this.#doors = [...kept, ...opened];
    for (const setting of added.filter(changesHands)) {
      this.#doors.push({ setting, value: await open(broker, setting) });
    }
  }

  async #keepTokenFiles(
    settings: readonly TokenFileSetting[],
    identities: ReadonlyMap<string, Identity>,
  ): Promise<void> {
    const stays = (old: { setting: TokenFileSetting }): boolean =>
      settings.some((setting) => isDeepStrictEqual(setting, old.setting));
    const gone = this.#tokenFiles.filter((old) => !stays(old));
    // From here on the one list, so that an end in the midst of this takes every file away.
    const kept = (this.#tokenFiles = this.#tokenFiles.filter(stays));
    await this.#closeTokenFiles(gone);
    for (const setting of settings) {
      if (this.#isStopping) return;
      if (kept.some((old) => isDeepStrictEqual(old.setting, setting))) continue;
      const { profile, ...given } = setting;
      const source = {
        // The profile may be another one after the next change of the configuration.
        token: (asked?: { signal?: AbortSignal | undefined }) => {
          const identity =
            this.#connections.get(profile)?.value.identity ?? identities.get(profile);
          if (identity === undefined) throw new Error(`${profile} is not served any more`);
          return identity.source.token(asked);
        },
      };
      const { onFault } = this.#options;
      const value = keepTokenFile({ ...given, source, clock: this.#clock, onFault });
      kept.push({ setting, value });
      await value.first;
    }
  }

  /** One that cannot be taken away is told of, and keeps nothing else from its end. */
  async #closeTokenFiles(files: Iterable<Kept<TokenFileSetting, TokenFile>>): Promise<void> {
    const { onFault } = this.#options;
    await Promise.all(Array.from(files, ({ value }) => value.close().catch(onFault)));
  }
}

type DoorOfCaller = DoorSetting & { whose: Caller | undefined };

function open(broker: Broker, { whose, ...door }: DoorOfCaller): Promise<OpenDoor> {
  return openDoor(broker, 'socket' in door ? { ...door, caller: whose ?? owner } : door);
}

/** What two doors cannot both have. */
function placeOf(door: DoorSetting): string {
  return 'socket' in door ? door.socket : `${door.host ?? '127.0.0.1'}:${door.port}`;
}

function callerAt(door: DoorSetting, callers: readonly Caller[]): Caller | undefined {
  if (!('socket' in door) || door.caller === undefined) return undefined;
  return callers.find(({ name }) => name === door.caller);
}

async function networkOf({ network }: Configuration): Promise<NetworkOptions> {
  const { proxy, caFile } = network ?? {};
  return {
    ...(proxy === undefined ? {} : { proxy }),
    ...(caFile === undefined ? {} : { ca: await readCertificates(caFile) }),
  };
}

async function readCertificates(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    throw new BrokerError('CONFIGURATION_INVALID', `network.caFile: ${file} cannot be read`, {
      cause,
      hints: ['Check the path, and that this user may read the file.'],
    });
  }
}

async function loadTracing(): Promise<Tracing> {
  try {
    return await createTracing();
  } catch (cause) {
    throw new BrokerError(
      'TRACING_UNAVAILABLE',
      'tracing is on, and @opentelemetry/api is not there',
      {
        cause,
        hints: ['Install it beside sfjwt, with the SDK that exports the spans.'],
      },
    );
  }
}
