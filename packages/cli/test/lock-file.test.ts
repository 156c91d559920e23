import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { withLock } from '../src/lock-file.ts';
import { folder } from './command.ts';

const impatient = { maximumTries: 3, pauseMilliseconds: 1 };

test('one at a time, and no lock is left', async () => {
  const path = join(folder(), 'lock');
  let inside = 0;
  const most: number[] = [];
  await Promise.all(
    Array.from({ length: 8 }, () =>
      withLock(
        path,
        async () => {
          inside += 1;
          most.push(inside);
          await new Promise((resolve) => setImmediate(resolve));
          inside -= 1;
        },
        { maximumTries: 10_000, pauseMilliseconds: 1 },
      ),
    ),
  );
  expect(most).toEqual(Array.from({ length: 8 }, () => 1));
  expect(existsSync(path)).toBe(false);
});

test('work that fails gives the lock back', async () => {
  const path = join(folder(), 'lock');
  const failure = withLock(path, () => Promise.reject(new Error('of the work')));
  await expect(failure).rejects.toThrow('of the work');
  expect(await withLock(path, () => Promise.resolve('done'), impatient)).toBe('done');
});

test('a living holder is waited for, then told by the name of its file', async () => {
  const path = join(folder(), 'lock');
  const held = `${hostname()} ${process.pid} other\n`;
  writeFileSync(path, held);
  await expect(withLock(path, () => Promise.resolve(), impatient)).rejects.toMatchObject({
    code: 'PROFILE_BUSY',
    hints: [expect.stringContaining(path) as unknown],
  });
  expect(readFileSync(path, 'utf8')).toBe(held);
});

test('one that was killed holds nobody up; one of another machine is never judged', async () => {
  const path = join(folder(), 'lock');
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
  const { pid } = child;
  writeFileSync(path, `${hostname()} ${pid} child\n`);
  await expect(withLock(path, () => Promise.resolve(), impatient)).rejects.toMatchObject({
    code: 'PROFILE_BUSY',
  });
  child.kill('SIGKILL');
  await once(child, 'exit');
  expect(await withLock(path, () => Promise.resolve('done'), impatient)).toBe('done');

  writeFileSync(path, `another-${hostname()} ${pid} child\n`);
  await expect(withLock(path, () => Promise.resolve(), impatient)).rejects.toMatchObject({
    code: 'PROFILE_BUSY',
  });
});
