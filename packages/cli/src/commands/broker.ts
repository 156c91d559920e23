import { join } from 'node:path';
import type {
  BrokerSettings,
  Configuration,
  Log,
  LogLevel,
  RunningBroker,
  ServedProfile,
} from '@sfjwt/broker/broker';
import type { Profile } from '@sfjwt/client';
import { choice, portNumber } from '../declared-command.ts';
import type { DeclaredCommand } from '../declared-command.ts';
import { writeResult } from '../envelope.ts';
import { stopSignal } from '../stop-signal.ts';
import { painterFor, writeNote } from '../terminal.ts';
import { UsageError } from '../usage-error.ts';

interface BrokerFlags {
  profile?: string[];
  config?: string;
  socket?: string;
  port?: number;
  host?: string;
  auditLog?: string;
  log?: LogLevel;
  json?: boolean;
}

/** The variable that holds the secret of who comes through a port that a flag opened. */
const secretVariable = 'SFJWT_BROKER_SECRET';

export function declare(command: DeclaredCommand): void {
  command
    .example(
      'Serve one profile over a Unix socket that this user alone may open',
      'sfjwt broker --profile nightly',
    )
    .example(
      'Ask it, in any language',
      'curl --unix-socket ~/.config/sfjwt/broker.sock http://localhost/v1/headers/nightly',
    )
    .example(
      'Over a loopback port too, for tools that know OAuth and nothing else',
      `${secretVariable}=$(openssl rand -base64 32) sfjwt broker --profile nightly --port 7524`,
    )
    .example('With callers, rules and an audit log', 'sfjwt broker --config broker.yaml')
    .prints('nothing', 'addresses profiles; printed when the broker is ready')
    .option('--profile <name...>', 'profiles to serve; those of the file when left out')
    .option('--config <file>', 'doors, callers, rules and all else, JSON or YAML: docs/broker.md')
    .option('--socket <path>', 'Unix socket to listen on; broker.sock in SFJWT_HOME when left out')
    .option('--port <number>', `loopback port to listen on; needs ${secretVariable}`, portNumber)
    .option('--host <address>', 'loopback address of the port', '127.0.0.1')
    .option('--audit-log <file>', 'write who was given what into this file')
    .addOption(choice('--log <level>', 'what to tell', ['debug', 'info', 'warn', 'error']))
    .option('--json', 'print one line of JSON when it is ready; the log is JSON lines')
    .action(broker);
}

async function broker(flags: BrokerFlags): Promise<void> {
  const { createLog, openConfiguredStore, runBroker } = await import('@sfjwt/broker/broker');
  const write = flags.json === true ? writeLine : writeReadable;
  const log = await createLog(write, flags.log ?? (flags.json === true ? 'info' : 'warn'));
  let running: RunningBroker | undefined;
  // One after the other: what was read last is what holds in the end.
  let reloaded: Promise<void> = Promise.resolve();
  const reload = (): void => {
    const ready = running;
    if (ready !== undefined) reloaded = reloaded.then(() => change(ready, flags, log));
  };
  // From the beginning: without a listener it would end the process. What is read then is fresh.
  process.on('SIGHUP', reload);
  const settings = await readSettings(flags, log);
  const shared = await openConfiguredStore(settings.configuration, {
    onEvent: ({ type, ...fields }) =>
      log[type === 'storeLost' || type === 'loginBudgetExceeded' ? 'warn' : 'info'](fields, type),
    onWarning: (words) => log.warn({}, words),
  });
  running = await runBroker(settings, {
    store: shared.store,
    onEvent: log.clientEvent,
    onFault: log.fault,
  }).catch((error: unknown) => {
    shared.close();
    throw error;
  });
  try {
    if (flags.json === true) {
      writeResult({ result: { addresses: running.addresses, profiles: running.profiles } });
    } else {
      tellPeople(running);
    }
    await stopSignal();
    log.info({}, 'stopping: what is under way ends first');
  } finally {
    process.off('SIGHUP', reload);
    await running.stop();
    shared.close();
  }
}

/** A configuration that cannot be used leaves the one that is in use. */
async function change(running: RunningBroker, flags: BrokerFlags, log: Log): Promise<void> {
  try {
    await running.change(await readSettings(flags, log));
    log.info({ addresses: running.addresses, profiles: running.profiles.length }, 'reloaded');
  } catch (error) {
    log.fault(error);
    log.error({}, 'not reloaded: what was in use stays in use');
  }
}

async function readSettings(flags: BrokerFlags, log: Log): Promise<BrokerSettings> {
  const { emptyConfiguration, readConfiguration } = await import('@sfjwt/broker/broker');
  const file =
    flags.config === undefined ? emptyConfiguration() : await readConfiguration(flags.config);
  const configuration = await withFlags(file, flags);
  return { configuration, profiles: await profilesOf(file, flags, log) };
}

/** What is typed comes on top of the file. */
async function withFlags(file: Configuration, flags: BrokerFlags): Promise<Configuration> {
  const { socket, port, host, auditLog } = flags;
  const doors = [...(file.doors ?? [])];
  const callers = [...file.callers];
  if (socket !== undefined) doors.push({ socket });
  if (port !== undefined) {
    if ((process.env[secretVariable] ?? '') === '') {
      throw new UsageError(`--port needs a secret in ${secretVariable}`, [
        `Make one with: export ${secretVariable}=$(openssl rand -base64 32)`,
      ]);
    }
    doors.push({ port, ...(host === undefined ? {} : { host }) });
    callers.push({
      name: secretVariable,
      secrets: [{ environment: secretVariable }],
      profiles: ['*'],
      permissions: undefined,
      requests: undefined,
    });
  }
  if (doors.length === 0) {
    const { sfjwtHome } = await import('@sfjwt/broker/machine');
    doors.push({ socket: join(sfjwtHome(), 'broker.sock') });
  }
  return { ...file, doors, callers, ...(auditLog === undefined ? {} : { auditLog }) };
}

async function profilesOf(
  { profiles = [] }: Configuration,
  { profile: typed = [] }: BrokerFlags,
  log: Log,
): Promise<Map<string, ServedProfile>> {
  const { profileToServe } = await import('@sfjwt/broker/broker');
  const { profileOptions } = await import('../settings.ts');
  const listed = Array.isArray(profiles)
    ? profiles.map((name): [string, object] => [name, {}])
    : Object.entries(profiles);
  const served = new Map<string, ServedProfile>();
  for (const [name, written] of [...listed, ...typed.map((one): [string, object] => [one, {}])]) {
    if ('loginUrl' in written) {
      served.set(name, profileToServe(written as Profile));
      continue;
    }
    const warnings: string[] = [];
    served.set(name, profileOptions(name, warnings));
    for (const warning of warnings) log.warn({ profile: name }, warning);
  }
  if (served.size > 0) return served;
  throw new UsageError('Nothing is to be served', [
    'Name a profile with --profile NAME; sfjwt profiles lists those that there are.',
  ]);
}

function tellPeople({ addresses, profiles }: RunningBroker): void {
  const paint = painterFor(process.stderr);
  const what = profiles.length === 1 ? `profile ${profiles[0]}` : `${profiles.length} profiles`;
  writeNote(`Broker for ${what}`);
  for (const address of addresses) writeNote(`  at ${paint('bold', address)}`);
  const [address = ''] = addresses;
  const ask = address.startsWith('http')
    ? `curl -H "Authorization: Bearer $${secretVariable}" ${address}/v1/headers/${profiles[0]}`
    : `curl --unix-socket ${address} http://localhost/v1/headers/${profiles[0]}`;
  writeNote(`  ask it with  ${ask}`);
  writeNote(paint('dim', 'SIGHUP reads the configuration again. Stop it with Ctrl-C.'));
}

function writeLine(line: string): void {
  process.stderr.write(line);
}

/** For a person: the words, and the few fields that matter. */
function writeReadable(line: string): void {
  const {
    level,
    msg,
    time: _time,
    stack: _stack,
    hints,
    ...fields
  } = JSON.parse(line) as Record<string, unknown>;
  const paint = painterFor(process.stderr);
  const colour = level === 'error' ? 'red' : 'dim';
  const rest = Object.entries(fields).map(([name, value]) => `${name}=${String(value)}`);
  writeNote(`${paint(colour, String(level))} ${String(msg)} ${rest.join(' ')}`.trimEnd());
  if (Array.isArray(hints))
    for (const hint of hints) writeNote(`  ${paint('cyan', 'hint:')} ${hint}`);
}
