import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { RequestListener } from 'node:http';
import { join } from 'node:path';
import { authorizedFetch } from '@sfjwt/client';
import { brokerSource } from '@sfjwt/client/broker-source';
import { expect, onTestFinished, test, vi } from 'vitest';
import { served } from './served-org.ts';

const secret = 'a-secret-of-the-caller-that-nobody-guesses';

test('a program without a key calls the API, and goes on when its session is ended', async () => {
  const { socket, org, logins } = await served();
  const source = brokerSource({ address: socket, profile: 'nightly' });
  const salesforce = authorizedFetch({ source, fetch });
  const query = '/services/data/v67.0/query?q=SELECT+Name+FROM+Account';
  expect((await salesforce(query)).status).toBe(200);
  for (const { id } of org.sessions.list()) org.sessions.remove(id);
  const answers = await Promise.all(Array.from({ length: 20 }, () => salesforce(query)));
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
  expect(logins()).toBe(2);
});

test('address and secret come from the environment; the only profile need not be named', async () => {
  const { broker, org } = await served({
    doors: [{ port: 0 }],
    callers: [
      {
        name: 'etl',
        secrets: [{ sha256: createHash('sha256').update(secret).digest('hex') }],
        profiles: ['nightly'],
      },
    ],
  });
  vi.stubEnv('SFJWT_BROKER', broker.addresses[0]);
  vi.stubEnv('SFJWT_BROKER_SECRET', secret);
  const token = await brokerSource().token();
  expect(token.instanceUrl).toBe(org.url);
  expect(JSON.stringify(token)).not.toContain(token.value);
});

test.each([
  ['a refusal of Salesforce', { username: 'nobody@acme.example' }, {}, 'USER_NOT_APPROVED'],
  ['a profile that is not served', {}, { profile: 'weekly' }, 'SETTING_INVALID'],
])('%s keeps its words', async (_what, profile, asked, code) => {
  const { socket } = await served({}, { profile });
  const source = brokerSource({ address: socket, profile: 'nightly', ...asked });
  await expect(source.token()).rejects.toMatchObject({
    name: 'ClientError',
    code,
    hints: expect.arrayContaining([expect.any(String)]),
  });
});

test('a broker that is not there is told, and how to start it', async () => {
  const { folder } = await served();
  const source = brokerSource({ address: join(folder, 'nowhere.sock') });
  await expect(source.token()).rejects.toMatchObject({
    code: 'CONNECTION_REFUSED',
    transient: true,
    hints: ['Start it with: sfjwt broker --profile NAME'],
  });
});

async function answering(listener: RequestListener): Promise<string> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => server.close().closeAllConnections());
  return `http://127.0.0.1:${(server.address() as { port: number }).port}`;
}

test.each([
  ['HTML', (r: { end: (text: string) => void }) => r.end('<html>')],
  ['JSON of another kind', (r: { end: (text: string) => void }) => r.end('[]')],
  ['without end', (r: { end: (text: string) => void }) => r.end('x'.repeat(100_000))],
])('what is no broker (%s) is told', async (_what, answer) => {
  const address = await answering((_incoming, outgoing) => answer(outgoing));
  await expect(brokerSource({ address }).token()).rejects.toMatchObject({
    code: expect.stringMatching(/^(?:RESPONSE_INVALID|CONNECTION_LOST)$/),
  });
});

test('a silent one is given up in time, and when the caller says so', async () => {
  const address = await answering(() => {});
  const source = brokerSource({ address, timeoutMilliseconds: 30 });
  await expect(source.token()).rejects.toMatchObject({ code: 'TIMED_OUT' });
  const signal = AbortSignal.abort(new Error('enough'));
  await expect(brokerSource({ address }).token({ signal })).rejects.toMatchObject({
    code: 'ABORTED',
    cause: expect.objectContaining({ message: 'enough' }),
  });
});

test.each(['http://10.0.0.1:7524', 'https://127.0.0.1:7524', 'http://localhost.evil.example'])(
  'a secret is not sent to another machine: %s',
  (address) => {
    expect(() => brokerSource({ address, secret })).toThrow(
      expect.objectContaining({ code: 'INSECURE_URL' }),
    );
  },
);

test('without an address it says where one is found', () => {
  vi.stubEnv('SFJWT_BROKER', '');
  expect(() => brokerSource()).toThrow(expect.objectContaining({ code: 'SETTING_MISSING' }));
});
