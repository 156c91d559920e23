/** The configuration file of the broker: JSON or YAML, without a secret in it. */

import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import * as v from 'valibot';
import { isPathPattern } from './path-pattern.ts';
import { BrokerError } from '../errors.ts';

const name = v.pipe(
  v.string(),
  v.regex(/^[\w.@+-]{1,80}$/, 'a name has letters, digits and . _ @ + -, at most 80'),
);

const mode = v.pipe(
  v.string('a mode is text, such as "0600": YAML reads a bare 0600 as another number'),
  v.regex(/^0?[0-7]{3}$/, 'a mode is three octal digits, such as 0600'),
  v.transform((text) => Number.parseInt(text, 8)),
);

const positive = v.pipe(
  v.number(),
  v.minValue(1, 'at least 1'),
  v.maxValue(86_400, 'at most a day'),
);

const environment = v.strictObject({ environment: v.string() });

const requestRule = v.strictObject({
  methods: v.optional(
    v.array(v.pipe(v.string(), v.toUpperCase(), v.regex(/^(?:\*|[A-Z]+)$/, 'no HTTP method'))),
    ['*'],
  ),
  paths: v.pipe(
    v.array(
      v.pipe(
        v.string(),
        v.check(
          (text) => text.startsWith('/services/') && isPathPattern(text),
          'a pattern begins with /services/; * is one segment, ** at the end all below',
        ),
      ),
    ),
    v.minLength(1, 'name at least one path'),
  ),
});

/** Paths are told from the folder of the file. */
function schemaIn(folder: string) {
  const path = v.pipe(
    v.string(),
    v.minLength(1, 'a path is missing'),
    v.transform((relative) => resolve(folder, relative)),
  );

  /** Where a secret is. A digest is no secret: it cannot be shown as one. */
  const secret = v.union(
    [
      environment,
      v.strictObject({ file: path }),
      v.strictObject({
        sha256: v.pipe(v.string(), v.regex(/^[\da-f]{64}$/i, 'a SHA-256 has 64 hex digits')),
      }),
    ],
    'say where the secret is: { environment: NAME }, { file: PATH } or { sha256: HEX }',
  );

  const profile = v.strictObject({
    loginUrl: v.string(),
    clientId: v.string(),
    username: v.string(),
    audience: v.optional(v.string()),
    privateKeyFile: v.optional(path),
    privateKey: v.optional(environment),
    passphrase: v.optional(environment),
    clientSecret: v.optional(environment),
  });

  const caller = v.strictObject({
    name,
    secrets: v.optional(v.array(secret), []),
    profiles: v.pipe(
      v.array(v.union([v.literal('*'), name])),
      v.minLength(1, 'name a profile, or "*"'),
    ),
    permissions: v.optional(v.array(v.picklist(['token', 'proxy']))),
    requests: v.optional(v.array(requestRule)),
  });

  const socketDoor = v.strictObject({
    socket: path,
    mode: v.optional(mode),
    uid: v.optional(v.pipe(v.number(), v.integer())),
    gid: v.optional(v.pipe(v.number(), v.integer())),
    caller: v.optional(name),
  });

  const portDoor = v.strictObject({
    port: v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(65_535)),
    host: v.optional(v.string()),
  });

  // Chosen by its first word, so that what is wrong in one is told of that one.
  const door = v.lazy((value) => {
    const words = Object(value) as object;
    if ('socket' in words) return socketDoor;
    if ('port' in words) return portDoor;
    return v.never('a door is { socket: PATH } or { port: NUMBER }');
  });

  const tokenFile = v.strictObject({
    profile: name,
    file: path,
    mode: v.optional(mode),
    format: v.optional(v.picklist(['token', 'json', 'header'])),
  });

  const kept = v.union([environment, v.strictObject({ file: path })]);

  const redis = v.strictObject({
    url: v.union([v.string(), kept]),
    secret: kept,
    prefix: v.optional(v.string()),
    loginsPerHour: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1))),
  });

  const store = v.lazy((value) =>
    typeof value === 'object'
      ? v.strictObject({ redis })
      : v.picklist(['machine', 'memory'], 'a store is machine, memory or { redis: ... }'),
  );

  return v.strictObject({
    version: v.literal(1, 'this broker reads version 1'),
    doors: v.optional(v.array(door)),
    /** Names of kept profiles, or profiles written out. */
    profiles: v.optional(
      v.union([v.array(name), v.record(name, v.union([v.strictObject({}), profile]))]),
    ),
    callers: v.optional(v.array(caller), []),
    auditLog: v.optional(path),
    tokenFiles: v.optional(v.array(tokenFile), []),
    store: v.optional(store, 'machine'),
    metrics: v.optional(v.boolean(), true),
    tracing: v.optional(v.boolean(), false),
    network: v.optional(
      v.strictObject({ proxy: v.optional(v.string()), caFile: v.optional(path) }),
    ),
    idleSeconds: v.optional(positive, 120),
    tokenLifetimeSeconds: v.optional(positive, 900),
    drainSeconds: v.optional(positive, 30),
  });
}

type Schema = ReturnType<typeof schemaIn>;

export type Configuration = v.InferOutput<Schema>;
export type CallerSetting = Configuration['callers'][number];
export type SecretPlace = CallerSetting['secrets'][number];

/** What holds when there is no file. */
export function emptyConfiguration(): Configuration {
  return v.parse(schemaIn('.'), { version: 1 });
}

/** @throws BrokerError CONFIGURATION_UNREADABLE, CONFIGURATION_INVALID */
export async function readConfiguration(file: string): Promise<Configuration> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (cause) {
    throw new BrokerError('CONFIGURATION_UNREADABLE', `The configuration ${file} cannot be read`, {
      cause,
      hints: ['Check the path, and that this user may read the file.'],
    });
  }
  const { parse } = await import('yaml');
  let value: unknown;
  try {
    value = parse(text, { maxAliasCount: 0 });
  } catch (cause) {
    // The parser quotes what it stumbles over, which may be a secret that was pasted there.
    const { line } = (cause as { linePos?: { line: number }[] }).linePos?.[0] ?? {};
    throw invalid(file, [line === undefined ? 'it is no YAML' : `line ${line} is no YAML`]);
  }
  return judge(file, value);
}

function judge(file: string, value: unknown): Configuration {
  const outcome = v.safeParse(schemaIn(dirname(file)), value);
  if (!outcome.success) throw invalid(file, outcome.issues.map(told));
  const { callers, doors = [] } = outcome.output;
  const names = callers.map((one) => one.name);
  const firstPlaces = new Map(names.map((one, index) => [one, index] as const).toReversed());
  const problems = [
    ...names
      .filter((one, index) => firstPlaces.get(one) !== index)
      .map((one) => `two callers are called ${one}`),
    ...doors.flatMap((one) =>
      'socket' in one && one.caller !== undefined && !names.includes(one.caller)
        ? [`no caller is called ${one.caller}, whom the door ${one.socket} names`]
        : [],
    ),
    ...(doors.some((one) => 'port' in one) && callers.every((one) => one.secrets.length === 0)
      ? ['a port needs a caller with a secret']
      : []),
  ];
  if (problems.length > 0) throw invalid(file, problems);
  return outcome.output;
}

/** Where it is and what is wanted there, without what stands there: it may be a secret. */
function told({ path: at, message, expected, received }: v.BaseIssue<unknown>): string {
  const place = at?.map(({ key }) => String(key)).join('.') ?? '';
  const generic = message.startsWith('Invalid ');
  const words = !generic
    ? message
    : expected === 'never'
      ? 'there is no such setting'
      : received === 'undefined'
        ? 'is missing'
        : `must be ${expected ?? 'something else'}`;
  return place === '' ? words : `${place}: ${words}`;
}

function invalid(file: string, problems: readonly string[]): BrokerError {
  return new BrokerError(
    'CONFIGURATION_INVALID',
    `The configuration ${file} cannot be used: ${problems.slice(0, 5).join('; ')}`,
    { hints: ['docs/broker.md describes every setting.'] },
  );
}
