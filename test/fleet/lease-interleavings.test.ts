/**
 * Three processes and a crash: every step on the file system is one that the scheduler places, so that
 * the processes meet in orders that a machine shows once in a year.
 */

import { readFileSync } from 'node:fs';
import * as nodeFiles from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fileTokenStore } from '../../packages/broker/src/file-token-store.ts';
import type { Files } from '../../packages/broker/src/files.ts';
import { createSeal } from '../../packages/broker/src/index.ts';
import { handTime } from '../../packages/broker/test/hand-time.ts';
import { renewal } from '../../packages/broker/test/renewal.ts';
import { renew } from '../../packages/broker/test/shared-renewal-contract.ts';
import { accessToken, identity } from '../../packages/broker/test/token-store-contract.ts';

const seal = createSeal({ secret: 'k'.repeat(32) });

interface World {
  directory: string;
  /** Fences of the tokens that became the one of all, in their order. */
  published: number[];
  /** What a crashed process leaves open: here there is none whose end would close it. */
  handles: FileHandle[];
}

const never = (): Promise<never> => new Promise(() => {});

/** The file system as one process has it; its step number `crashAt` is never made, nor any later. */
function scheduledFiles(
  scheduler: fc.Scheduler,
  world: World,
  name: string,
  crashAt: number,
): Files {
  let steps = 0;
  async function step<T>(what: string, act: () => Promise<T>): Promise<T> {
    steps += 1;
    if (steps >= crashAt) return never();
    await scheduler.schedule(Promise.resolve(), `${name} ${what}`);
    return act();
  }

  function scheduledHandle(handle: FileHandle): FileHandle {
    const scheduled = new Set(['writeFile', 'readFile', 'stat', 'close']);
    return new Proxy(handle, {
      get(target, property) {
        const member: unknown = Reflect.get(target, property, target);
        if (typeof member !== 'function') return member;
        const bound = (...words: unknown[]): unknown => Reflect.apply(member, target, words);
        if (!scheduled.has(String(property))) return bound;
        return (...words: unknown[]) =>
          step(String(property), () => bound(...words) as Promise<unknown>);
      },
    });
  }

  const files = {
    mkdir: (...words: Parameters<Files['mkdir']>) => step('mkdir', () => nodeFiles.mkdir(...words)),
    readFile: (...words: Parameters<Files['readFile']>) =>
      step('readFile', () => nodeFiles.readFile(...words)),
    readdir: (path: string) => step('readdir', () => nodeFiles.readdir(path)),
    rm: (...words: Parameters<Files['rm']>) => step('rm', () => nodeFiles.rm(...words)),
    stat: (path: string) => step('stat', () => nodeFiles.stat(path)),
    open: async (...words: Parameters<Files['open']>) => {
      const handle = await step('open', () => nodeFiles.open(...words));
      world.handles.push(handle);
      return scheduledHandle(handle);
    },
    rename: (from: string, to: string) =>
      step('rename', async () => {
        await nodeFiles.rename(from, to);
        const [header = ''] = readFileSync(to, 'utf8').split('\n');
        world.published.push((JSON.parse(header) as { fence: number }).fence);
      }),
  };
  return files as unknown as Files;
}

interface Run {
  scheduler: fc.Scheduler;
  leaseMilliseconds: number;
  /** The step at which each process crashes. */
  crashes: readonly number[];
  /** Whether a token is there to begin with, which all have seen refused. */
  isRefused: boolean;
}

/** Lets all processes renew; those that do not crash have to come to an end. */
async function play({ scheduler, leaseMilliseconds, crashes, isRefused }: Run) {
  const directory = await nodeFiles.mkdtemp(join(tmpdir(), 'sfjwt-lease-'));
  const world: World = { directory, published: [], handles: [] };
  try {
    const refused = isRefused ? accessToken('00D!refused') : undefined;
    if (refused !== undefined) await fileTokenStore({ directory, seal }).set(identity, refused);
    const asked = crashes.map(() => renewal({ refused }));
    const running = crashes.map((crashAt, index) => {
      const files = scheduledFiles(scheduler, world, `process ${index}`, crashAt);
      const store = fileTokenStore(
        { directory, seal, leaseMilliseconds, patienceMilliseconds: Number.POSITIVE_INFINITY },
        { time: handTime(), files },
      );
      return renew(store, asked[index] ?? expect.fail());
    });
    const survivors = running.filter((_, index) => crashes[index] === Number.POSITIVE_INFINITY);
    const tokens = await scheduler.waitFor(Promise.all(survivors));
    const logins = asked.reduce((sum, one) => sum + one.logins(), 0);
    const kept = await fileTokenStore({ directory, seal }).get(identity);

    // One that comes later, and has seen what is kept refused, is held up by nobody.
    const late = renewal({ refused: kept });
    const store = fileTokenStore({ directory, seal, leaseMilliseconds }, { time: handTime() });
    const next = await renew(store, late);
    const left = await nodeFiles.readdir(directory);
    const warnings = asked.flatMap((one) => one.warnings);
    return { ...world, tokens, logins, kept, next, left, warnings };
  } finally {
    for (const handle of world.handles) await handle.close().catch(() => {});
    await nodeFiles.rm(directory, { recursive: true });
  }
}

/** A login of this test, as `renewal` numbers them. */
const isLogin = (value: string | undefined): boolean => value?.startsWith('00D!login') === true;

const survives = Number.POSITIVE_INFINITY;

test('without a crash, and with leases that do not end, there is one login', async () => {
  await fc.assert(
    fc.asyncProperty(fc.scheduler(), fc.boolean(), async (scheduler, isRefused) => {
      const outcome = await play({
        scheduler,
        isRefused,
        leaseMilliseconds: Number.POSITIVE_INFINITY,
        crashes: [survives, survives, survives],
      });
      expect(outcome.logins).toBe(1);
      expect(new Set(outcome.tokens.map(({ value }) => value))).toEqual(
        new Set([outcome.kept?.value]),
      );
      expect(outcome.published).toHaveLength(1);
      expect(outcome.warnings).toEqual([]);
      expect(outcome.left).toEqual([expect.stringMatching(/\.token$/)]);
    }),
    { numRuns: 60 },
  );
});

test('whoever crashes, wherever, and whoever is taken for gone: all get a token, none is overwritten by an older one', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.scheduler(),
      fc.boolean(),
      fc.nat(2),
      fc.integer({ min: 1, max: 40 }),
      async (scheduler, isRefused, who, step) => {
        const outcome = await play({
          scheduler,
          isRefused,
          // Short: living ones are taken for gone as well.
          leaseMilliseconds: 100,
          crashes: [0, 1, 2].map((process) => (process === who ? step : survives)),
        });
        expect(outcome.tokens).toHaveLength(2);
        for (const { value } of outcome.tokens) expect(isLogin(value)).toBe(true);
        expect(isLogin(outcome.kept?.value)).toBe(true);
        expect(outcome.published).toEqual(
          [...new Set(outcome.published)].toSorted((a, b) => a - b),
        );
        expect(outcome.warnings).toEqual([]);
        expect(isLogin(outcome.next.value)).toBe(true);
        expect(outcome.left).toEqual([expect.stringMatching(/\.token$/)]);
      },
    ),
    { numRuns: 120 },
  );
});
