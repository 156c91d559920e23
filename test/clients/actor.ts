/** A foreign client in a process of its own, which knows nothing of this machine's home or network. */

import { fork } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';

const here = fileURLToPath(new URL('.', import.meta.url));

/** A home that is empty, and a fence around the network; gone after the test. */
export interface Surroundings {
  home: string;
  environment: Readonly<Record<string, string>>;
  /** Hosts beyond this machine that were asked for, in order. None was reached. */
  strangers(): string[];
}

/** @param authority PEM of the certificate that is trusted beside those of Node */
export function makeSurroundings(authority?: string): Surroundings {
  const home = mkdtempSync(join(tmpdir(), 'sfjwt-client-'));
  onTestFinished(() => rmSync(home, { recursive: true, force: true }));
  const log = join(home, 'strangers.txt');
  const trusted = join(home, 'authority.pem');
  if (authority !== undefined) writeFileSync(trusted, authority);
  return {
    home,
    environment: {
      PATH: process.env['PATH'] ?? '',
      HOME: home,
      USERPROFILE: home,
      TMPDIR: home,
      FENCE_LOG: log,
      NODE_OPTIONS: `--require=${JSON.stringify(join(here, 'fence.cjs'))}`,
      ...(authority === undefined ? {} : { NODE_EXTRA_CA_CERTS: trusted }),
      // Those of Salesforce report to it, look for a newer version, and keep secrets in a keychain.
      SF_DISABLE_TELEMETRY: 'true',
      SF_DISABLE_AUTOUPDATE: 'true',
      SF_AUTOUPDATE_DISABLE: 'true',
      SF_SKIP_NEW_VERSION_CHECK: 'true',
      SF_USE_GENERIC_UNIX_KEYCHAIN: 'true',
      SF_DISABLE_LOG_FILE: 'true',
      NO_COLOR: '1',
    },
    strangers: () => (existsSync(log) ? readFileSync(log, 'utf8').split('\n').filter(Boolean) : []),
  };
}

/** What a client made of a refusal, and all that it said. */
export interface ActorRefusal {
  error: string;
  description?: string;
  text: string;
}

export interface Actor {
  /** Does what the driver calls so. Rejects with an `ActorRefused`. */
  act<T>(action: string, argument?: unknown): Promise<T>;
}

export class ActorRefused extends Error {
  override readonly name = 'ActorRefused';
  readonly refusal: ActorRefusal;
  constructor(refusal: ActorRefusal) {
    super(refusal.text);
    this.refusal = refusal;
  }
}

type Message = { ready: true } | { number: number; value?: unknown; refusal?: ActorRefusal };

/** @param node the program of the Node that the client runs on */
export async function startActor(
  driver: string,
  { folder, node, surroundings }: { folder: string; node: string; surroundings: Surroundings },
): Promise<Actor> {
  const child = fork(join(here, 'actor.mjs'), [join(here, 'drivers', `${driver}.mjs`), folder], {
    execPath: node,
    execArgv: [],
    cwd: surroundings.home,
    env: surroundings.environment,
    silent: true,
  });
  let output = '';
  child.stdout?.on('data', (text: Buffer) => (output += text.toString()));
  child.stderr?.on('data', (text: Buffer) => (output += text.toString()));
  const exited = new Promise<never>((_resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`${driver} ended with ${code}: ${output}`)));
  });
  exited.catch(() => undefined);
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await exited.catch(() => undefined);
  });
  const answers = new Map<number, (message: Message) => void>();
  const ready = new Promise<void>((resolve) => {
    child.on('message', (message: Message) => {
      if ('ready' in message) resolve();
      else answers.get(message.number)?.(message);
    });
  });
  await Promise.race([ready, exited]);
  let count = 0;
  return {
    async act<T>(action: string, argument?: unknown) {
      count += 1;
      const number = count;
      const answer = new Promise<Message>((resolve) => answers.set(number, resolve));
      child.send({ number, action, argument });
      const message = await Promise.race([answer, exited]);
      if ('ready' in message) throw new Error('ready twice');
      if (message.refusal !== undefined) throw new ActorRefused(message.refusal);
      return message.value as T;
    },
  };
}
