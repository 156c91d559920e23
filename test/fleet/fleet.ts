/** Processes that share one identity on the local org, and what becomes of them. */

import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Org } from '@sfjwt/org';
import { onTestFinished } from 'vitest';
import { acme } from '../acme.ts';

/** Points of a login at which its process can be stopped. */
export type Point = 'signing' | 'answered' | 'keeping';

export interface MemberPlan {
  loginUrl: string;
  clientId: string;
  username: string;
  privateKeyFile: string;
  /** Folder of the token store; not used when there is a Redis. */
  directory: string;
  redisUrl?: string;
  redisTimeoutMilliseconds?: number;
  leaseMilliseconds?: number;
  calls: number;
  /** How far its clock is off. */
  clockMinutes?: number;
  pauseAt?: Point;
  /** Makes no call before it is told to go on. */
  waits?: boolean;
}

export interface Report {
  failed: number;
  failures: string[];
  /** Of one call, in milliseconds. */
  longest: number;
  events: Record<string, number>;
  warnings: string[];
}

export interface Member {
  readonly process: ChildProcess;
  /** It has asked its store for a token. */
  readonly asks: Promise<void>;
  readonly ready: Promise<void>;
  /** How many tokens its store has given it. */
  tokens(): number;
  readonly isRunning: () => boolean;
  /** It has come to the point at which it was to stop. */
  readonly reached: Promise<void>;
  /** Goes on from there. */
  goOn(): void;
  readonly report: Promise<Report>;
}

export interface Fleet {
  readonly org: Org;
  readonly directory: string;
  readonly start: (plan?: Partial<MemberPlan>) => Member;
  /** Token requests of all members, as the org counts them. */
  readonly logins: () => number;
  /** Ends all sessions of the user, behind everybody's back. */
  readonly endSessions: () => void;
}

const program = fileURLToPath(new URL('member.mjs', import.meta.url));

export async function fleet(always: Partial<MemberPlan> = {}): Promise<Fleet> {
  const { org, directory, consumerKey } = await acme();
  org.apiUsage.dailyLimit = 10_000_000;
  const username = 'worker@acme.example';
  const plan: MemberPlan = {
    loginUrl: org.url,
    clientId: consumerKey,
    username,
    privateKeyFile: join(directory, 'salesforce.key'),
    directory: join(directory, 'tokens'),
    calls: 1,
    ...always,
  };
  return {
    org,
    directory,
    start: (own = {}) => start({ ...plan, ...own }),
    logins: () => org.loginHistory.list({ username, limit: 20_000 }).length,
    endSessions() {
      const user = org.users.find(username);
      if (user !== undefined) org.sessions.removeOfUser(user.id);
    },
  };
}

function start(plan: MemberPlan): Member {
  const { PATH = '' } = process.env;
  const child = spawn(process.execPath, [program], {
    env: { PATH, MEMBER: JSON.stringify(plan) },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  let printed = '';
  let complained = '';
  const said = (what: string): Promise<void> =>
    new Promise((resolve) => {
      child.stdout.on('data', () => printed.includes(what) && resolve());
    });
  child.stdout.setEncoding('utf8').on('data', (text: string) => (printed += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (complained += text));
  const report = new Promise<Report>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => {
      const line = printed.split('\n').find((text) => text.includes('"longest"'));
      if (line !== undefined) resolve(JSON.parse(line) as Report);
      else reject(new Error(`a member ended with ${code ?? signal}: ${complained}`));
    });
  });
  // One that is killed has nothing to report, and nobody need ask.
  report.catch(() => {});
  return {
    process: child,
    ready: said('"ready"'),
    tokens: () => printed.split('"has"').length - 1,
    isRunning: () => child.exitCode === null && child.signalCode === null,
    asks: said('"asks"'),
    reached: said('"reached"'),
    goOn: () => void child.stdin.write('\n'),
    report,
  };
}

/** What many reports say together. */
export function summary(reports: readonly Report[]): {
  failed: number;
  failures: string[];
  longest: number;
  warnings: string[];
} {
  return {
    failed: reports.reduce((sum, { failed }) => sum + failed, 0),
    failures: reports.flatMap(({ failures }) => failures).slice(0, 5),
    longest: Math.round(Math.max(...reports.map(({ longest }) => longest))),
    warnings: reports.flatMap(({ warnings }) => warnings),
  };
}
