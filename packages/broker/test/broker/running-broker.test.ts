import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { access, mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { profileToServe, readConfiguration } from '../../src/broker/index.ts';
import type { Configuration } from '../../src/broker/index.ts';
import { ask, served } from './served-org.ts';
import type { Served } from './served-org.ts';

async function configured(home: Served, settings: object): Promise<Configuration> {
  const given = { version: 1, doors: [{ socket: home.socket }], ...settings };
  await writeFile(home.configurationFile, JSON.stringify(given));
  return readConfiguration(home.configurationFile);
}

describe('a change of the configuration', () => {
  test('adds and takes profiles; those that stay keep their tokens', async () => {
    const home = await served();
    const { socket, broker, profile, logins } = home;
    const before = await ask(socket, '/v1/token/nightly');
    const configuration = await configured(home, {});
    await broker.change({
      configuration,
      profiles: new Map([
        ['nightly', profileToServe(profile)],
        ['weekly', profileToServe(profile)],
      ]),
    });
    expect((await ask(socket, '/v1/profiles')).json).toEqual({ profiles: ['nightly', 'weekly'] });
    const after = await ask(socket, '/v1/token/nightly');
    expect(after.json['accessToken']).toBe(before.json['accessToken']);
    expect(logins()).toBe(1);
    await broker.change({
      configuration,
      profiles: new Map([['weekly', profileToServe(profile)]]),
    });
    expect((await ask(socket, '/v1/token/nightly')).status).toBe(404);
  });

  test('a secret that was changed shuts out who shows the old one', async () => {
    const [old, fresh] = ['the-old-secret-of-the-caller', 'the-fresh-secret-of-the-caller'];
    vi.stubEnv('ETL_SECRET', old);
    const settings = {
      doors: [{ port: 0 }],
      callers: [{ name: 'etl', secrets: [{ environment: 'ETL_SECRET' }], profiles: ['*'] }],
    };
    const home = await served(settings);
    const url = home.broker.addresses[0] ?? '';
    const shown = (secret: string): Promise<number> =>
      ask(url, '/v1/profiles', { headers: { authorization: `Bearer ${secret}` } }).then(
        ({ status }) => status,
      );
    expect([await shown(old), await shown(fresh)]).toEqual([200, 401]);
    vi.stubEnv('ETL_SECRET', fresh);
    const configuration = await configured(home, settings);
    await home.broker.change({
      configuration,
      profiles: new Map([['nightly', profileToServe(home.profile)]]),
    });
    // The same door, on the same free port.
    expect(home.broker.addresses).toEqual([url]);
    expect([await shown(old), await shown(fresh)]).toEqual([401, 200]);
  });

  test.each(['short', 'has spaces and is long enough for anybody', ''])(
    'that cannot be used changes nothing: secret "%s"',
    async (secret) => {
      const home = await served();
      vi.stubEnv('ETL_SECRET', secret);
      const configuration = await configured(home, {
        doors: [],
        callers: [{ name: 'etl', secrets: [{ environment: 'ETL_SECRET' }], profiles: ['*'] }],
      });
      const profiles = new Map([['weekly', profileToServe(home.profile)]]);
      const change = home.broker.change({ configuration, profiles });
      await expect(change).rejects.toMatchObject({
        code: secret === '' ? 'SECRET_MISSING' : 'SECRET_INVALID',
      });
      if (secret !== '') await expect(change).rejects.not.toThrow(secret);
      expect((await ask(home.socket, '/v1/profiles')).json).toEqual({ profiles: ['nightly'] });
    },
  );

  test('a door that is taken away ends, one that is added opens', async () => {
    const home = await served();
    const other = join(home.folder, 'other.sock');
    const configuration = await configured(home, { doors: [{ socket: other }] });
    await home.broker.change({
      configuration,
      profiles: new Map([['nightly', profileToServe(home.profile)]]),
    });
    expect((await ask(other, '/v1/profiles')).status).toBe(200);
    await expect(ask(home.socket, '/v1/profiles')).rejects.toThrow(/ENOENT|ECONNREFUSED/);
  });
});

describe('a change that meets another one, or an obstacle', () => {
  test('a door that cannot be opened leaves those that there are', async () => {
    const home = await served();
    const obstacle = join(home.folder, 'obstacle');
    await writeFile(obstacle, 'no socket');
    const configuration = await configured(home, {
      doors: [{ socket: join(home.folder, 'other.sock') }, { socket: obstacle }],
    });
    const profiles = new Map([['weekly', profileToServe(home.profile)]]);
    await expect(home.broker.change({ configuration, profiles })).rejects.toMatchObject({
      code: 'DOOR_UNAVAILABLE',
    });
    expect(home.broker.addresses).toEqual([home.socket]);
    expect((await ask(home.socket, '/v1/profiles')).json).toEqual({ profiles: ['nightly'] });
    await expect(access(join(home.folder, 'other.sock'))).rejects.toThrow('ENOENT');
  });

  test('ten at once are made one after the other, and the last one holds', async () => {
    const home = await served({ tokenFiles: [{ profile: 'nightly', file: 'a.token' }] });
    const changes = [];
    for (let index = 0; index < 10; index += 1) {
      const configuration = await configured(home, {
        doors: [{ socket: home.socket }, { socket: join(home.folder, `${index % 2}.sock`) }],
        tokenFiles: [{ profile: 'nightly', file: `${index % 3}.token` }],
      });
      const profiles = new Map([['nightly', profileToServe(home.profile)]]);
      changes.push({ configuration, profiles });
    }
    await Promise.all(changes.map((settings) => home.broker.change(settings)));
    expect(home.broker.addresses).toEqual([home.socket, join(home.folder, '1.sock')]);
    expect((await readdir(home.folder)).filter((name) => /token|\d\.sock/.test(name))).toEqual([
      '0.token',
      '1.sock',
    ]);
    await home.broker.stop();
    expect((await readdir(home.folder)).filter((name) => /token|sock/.test(name))).toEqual([]);
  });

  test('an end in the midst of one takes every file and door away', async () => {
    const home = await served();
    home.org.faults.next('token', { delay: { milliseconds: 300 } });
    const configuration = await configured(home, {
      tokenFiles: ['a.token', 'b.token'].map((file) => ({ profile: 'nightly', file })),
      doors: [{ socket: home.socket }, { socket: join(home.folder, 'other.sock') }],
    });
    const profiles = new Map([['nightly', profileToServe(home.profile)]]);
    const changed = home.broker.change({ configuration, profiles });
    await vi.waitFor(() => access(join(home.folder, 'other.sock')), 5000);
    await Promise.all([home.broker.stop(), changed]);
    expect((await readdir(home.folder)).filter((name) => /token|sock/.test(name))).toEqual([]);
  });

  test('a token file that cannot be taken away keeps nothing else from its end', async () => {
    const home = await served({ tokenFiles: [{ profile: 'nightly', file: 'a.token' }] });
    const file = join(home.folder, 'a.token');
    await rm(file);
    await mkdir(join(file, 'in-the-way'), { recursive: true });
    await home.broker.stop();
    expect(home.faults).toHaveLength(1);
    await expect(access(home.socket)).rejects.toThrow('ENOENT');
  });
});

describe('the end', () => {
  test('waits for what is under way, and turns away what is new', async () => {
    const home = await served();
    home.org.faults.next('query', { delay: { milliseconds: 300 } });
    const kept = request({ socketPath: home.socket, path: '/v1/profiles' }).end();
    await once(kept, 'response');
    const under = ask(
      home.socket,
      '/v1/proxy/nightly/services/data/v67.0/query?q=SELECT+Id+FROM+User',
    );
    await vi.waitFor(() => expect(home.org.requests.list({ path: 'token' })).not.toEqual([]), 5000);
    const stopped = home.broker.stop();
    expect((await under).status).toBe(200);
    await stopped;
    await expect(ask(home.socket, '/v1/profiles')).rejects.toThrow(/ENOENT|ECONNREFUSED/);
    await expect(access(home.socket)).rejects.toThrow('ENOENT');
  });

  test('cuts off what does not end in its time', async () => {
    const home = await served({ drainSeconds: 1 });
    home.org.faults.next('query', { delay: { seconds: 60 } });
    const path = '/v1/proxy/nightly/services/data/v67.0/query?q=SELECT+Id+FROM+User';
    const under = ask(home.socket, path);
    const failed = expect(under).rejects.toThrow(/hang up|ECONNRESET/);
    await vi.waitFor(() => expect(home.org.requests.list({ path: 'token' })).not.toEqual([]), 5000);
    await home.broker.stop();
    await failed;
  });
});

describe('a token file', () => {
  test.each([
    ['token', (text: string) => text],
    ['header', (text: string) => text.replace('Authorization: Bearer ', '').trim()],
    ['json', (text: string) => (JSON.parse(text) as { accessToken: string }).accessToken],
  ])('holds the token in the form of %s, and goes with its broker', async (format, read) => {
    const tokenFiles = [{ profile: 'nightly', file: 'nightly.token', mode: '0640', format }];
    const { folder, socket, broker } = await served({ tokenFiles });
    const file = join(folder, 'nightly.token');
    const { json } = await ask(socket, '/v1/token/nightly');
    expect(read(await readFile(file, 'utf8'))).toBe(json['accessToken']);
    expect((await stat(file)).mode & 0o777).toBe(0o640);
    await broker.stop();
    await expect(access(file)).rejects.toThrow('ENOENT');
  });

  test('of a broker that was killed while it wrote leaves no half of it behind', async () => {
    const home = await served();
    const left = `nightly.token.${randomUUID()}.tmp`;
    const foreign = ['nightly.token.tmp', `other.token.${randomUUID()}.tmp`];
    for (const name of [left, ...foreign]) await writeFile(join(home.folder, name), 'token');
    const configuration = await configured(home, {
      tokenFiles: [{ profile: 'nightly', file: 'nightly.token' }],
    });
    const profiles = new Map([['nightly', profileToServe(home.profile)]]);
    await home.broker.change({ configuration, profiles });
    const files = (await readdir(home.folder)).filter((name) => name.includes('token'));
    expect(files.toSorted()).toEqual(['nightly.token', ...foreign].toSorted());
  });

  test('follows a renewed token', async () => {
    let now = Date.now();
    const wakes: (() => void)[] = [];
    const clock = {
      now: () => now as never,
      sleep: (_milliseconds: number, signal?: AbortSignal) =>
        new Promise<void>((resolve, reject) => {
          wakes.push(resolve);
          signal?.addEventListener('abort', () => reject(signal.reason as Error));
        }),
    };
    const tokenFiles = [{ profile: 'nightly', file: 'nightly.token' }];
    const { folder, org } = await served({ tokenFiles }, { clock });
    const file = join(folder, 'nightly.token');
    const first = await readFile(file, 'utf8');
    for (const { id } of org.sessions.list()) org.sessions.remove(id);
    now += 16 * 60_000;
    wakes.shift()?.();
    await vi.waitFor(async () => expect(await readFile(file, 'utf8')).not.toBe(first), 5000);
  });

  test('of a profile that is not served is refused', async () => {
    const tokenFiles = [{ profile: 'weekly', file: 'weekly.token' }];
    await expect(served({ tokenFiles })).rejects.toMatchObject({ code: 'CONFIGURATION_INVALID' });
  });

  test('of a user who is refused stays away, and the broker runs', async () => {
    const tokenFiles = [{ profile: 'nightly', file: 'nightly.token' }];
    const profile = { username: 'nobody@acme.example' };
    const { folder, faults, socket } = await served({ tokenFiles }, { profile });
    await expect(access(join(folder, 'nightly.token'))).rejects.toThrow('ENOENT');
    expect(faults).toHaveLength(1);
    expect((await ask(socket, '/health/live')).status).toBe(200);
  });
});

test('a caller that sends its head slowly holds nobody else up', async () => {
  const { socket } = await served();
  const slow = request({ socketPath: socket, path: '/v1/profiles', method: 'POST' });
  slow.on('error', () => {});
  slow.flushHeaders();
  onTestFinished(() => void slow.destroy());
  const answers = await Promise.all(Array.from({ length: 20 }, () => ask(socket, '/v1/profiles')));
  expect(answers.every(({ status }) => status === 200)).toBe(true);
});
