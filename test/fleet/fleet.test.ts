import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { fleet, summary } from './fleet.ts';
import type { MemberPlan, Point } from './fleet.ts';
import { missing, startRedis } from './redis-server.ts';
import type { RedisServer } from './redis-server.ts';

/** Members and calls of each; two cores and a test runner share the work. */
const members = 50;
const calls = process.env['CI'] === 'true' ? 1000 : 100;

let redis: RedisServer | undefined;
beforeAll(async () => {
  if (missing === undefined) redis = await startRedis();
});
afterAll(() => redis?.close());

const stores: [string, () => Partial<MemberPlan>][] = [
  ['files', () => ({})],
  ...(missing === undefined
    ? [
        [
          'Redis',
          () => ({ redisUrl: redis?.url ?? expect.fail(), leaseMilliseconds: 2000 }),
        ] satisfies [string, () => Partial<MemberPlan>],
      ]
    : []),
];

if (missing !== undefined) test.skip(`a fleet that shares tokens in Redis: ${missing}`, () => {});

function show(what: string, figures: object): void {
  console.log(`${what}: ${JSON.stringify(figures)}`);
}

describe.each(stores)('a fleet that shares tokens in %s', (name, settings) => {
  test(`${members} processes, ${calls} calls each: one login for each session`, async () => {
    const { start, logins, endSessions, org } = await fleet(settings());
    const running = Array.from({ length: members }, () => start({ calls, waits: true }));
    await Promise.all(running.map(({ ready }) => ready));
    for (const member of running) member.goOn();
    // One end alone: a call is sent once more, never twice, and on a busy machine one that was sent
    // before the first of two ends may be sent again before the second.
    let ended = 0;
    const watch = setInterval(() => {
      const haveIt = running.every((one) => one.tokens() > 0 || !one.isRunning());
      if (!haveIt || ended === 1 || !running.some(({ isRunning }) => isRunning())) return;
      ended += 1;
      endSessions();
    }, 20);
    const { failed, failures, longest, warnings } = summary(
      await Promise.all(running.map(({ report }) => report)),
    );
    clearInterval(watch);
    const requests = org.apiUsage.used;
    show(name, {
      members,
      calls,
      sessions: ended + 1,
      logins: logins(),
      failed,
      longest,
      requests,
    });
    expect(failures).toEqual([]);
    expect(failed).toBe(0);
    expect(warnings).toEqual([]);
    expect(ended).toBe(1);
    expect(logins()).toBe(2);
  });

  test.each(['signing', 'answered', 'keeping'] satisfies Point[])(
    'the one that signs in is killed while it is %s',
    async (point) => {
      const { start, logins, directory } = await fleet(settings());
      const doomed = start({ pauseAt: point });
      await doomed.reached;
      const others = Array.from({ length: 6 }, () => start());
      // They wait for it, as long as it lives.
      await Promise.all(others.map(({ asks }) => asks));
      const before = logins();
      doomed.process.kill('SIGKILL');
      const { failed, longest } = summary(await Promise.all(others.map(({ report }) => report)));
      show(`${name}, killed while ${point}`, { logins: logins(), failed, longest });
      expect(failed).toBe(0);
      expect(logins() - before).toBe(1);
      expect(before).toBe(point === 'signing' ? 0 : 1);
      if (name === 'files') {
        expect(await readdir(join(directory, 'tokens'))).toEqual([
          expect.stringMatching(/\.token$/),
        ]);
      }
    },
  );

  test.each(['signing', 'answered', 'keeping'] satisfies Point[])(
    'the one that signs in is stopped while it is %s, and wakes up late',
    async (point) => {
      const { start, logins } = await fleet({ ...settings(), leaseMilliseconds: 1000 });
      const late = start({ pauseAt: point });
      await late.reached;
      late.process.kill('SIGSTOP');
      const others = Array.from({ length: 5 }, () => start());
      const { failed } = summary(await Promise.all(others.map(({ report }) => report)));
      expect(failed).toBe(0);
      late.process.kill('SIGCONT');
      late.goOn();
      const own = await late.report;
      expect(own.failed).toBe(0);
      const made = logins();
      expect(made).toBe(2);
      // What it wrote, or did not, does nobody any harm.
      const after = await start().report;
      expect(after).toMatchObject({ failed: 0, warnings: [] });
      expect(logins()).toBe(made);
    },
  );

  test('clocks five minutes apart make no further login', async () => {
    const { start, logins } = await fleet(settings());
    for (const clockMinutes of [-5, 5, 0, 5, -5]) {
      const { failed, warnings } = await start({ clockMinutes, calls: 3 }).report;
      expect({ failed, warnings }).toEqual({ failed: 0, warnings: [] });
    }
    expect(logins()).toBe(1);
  });
});

describe.skipIf(missing !== undefined)('a fleet whose Redis goes away', () => {
  const settings = { redisTimeoutMilliseconds: 500, leaseMilliseconds: 2000 };

  test.each<[string, (server: RedisServer) => Promise<void>]>([
    [
      'is restarted',
      async (server) => {
        await server.kill();
        await server.start();
      },
    ],
    [
      'hangs for two seconds',
      async (server) => {
        server.freeze();
        await new Promise((resolve) => setTimeout(resolve, 2000));
        server.thaw();
      },
    ],
  ])('it %s while sessions end: no call fails', async (_what, befall) => {
    const server = await startRedis();
    onTestFinished(() => server.close());
    const { start, logins, endSessions } = await fleet({ ...settings, redisUrl: server.url });
    const running = Array.from({ length: 10 }, () => start({ calls: 400, waits: true }));
    await Promise.all(running.map(({ ready }) => ready));
    for (const member of running) member.goOn();
    await expect
      .poll(() => running.every((one) => one.tokens() > 0), { timeout: 120_000 })
      .toBe(true);
    const befalling = befall(server);
    endSessions();
    const reports = await Promise.all(running.map(({ report }) => report));
    await befalling;
    const { failed, failures, longest } = summary(reports);
    const sum = (type: string): number =>
      reports.reduce((all, { events }) => all + (events[type] ?? 0), 0);
    show(`Redis ${_what}`, {
      logins: logins(),
      failed,
      longest,
      lost: sum('storeLost'),
      back: sum('storeBack'),
    });
    expect(failures).toEqual([]);
    // One at the start; then one together, or one each.
    expect(logins()).toBeLessThanOrEqual(11);
  });
});
