/** The fence holds by itself, whatever a client tries; or what is said of the clients is worth nothing. */

import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { makeSurroundings } from './actor.ts';

const run = promisify(execFile);

/** A program in front of which the fence stands, and what it says of each attempt. */
async function attempt(program: string): Promise<{ said: string; strangers: string[] }> {
  const surroundings = makeSurroundings();
  const { stdout } = await run(process.execPath, ['--input-type=module', '-e', program], {
    cwd: surroundings.home,
    env: surroundings.environment,
    timeout: 20_000,
  });
  return { said: stdout.trim(), strangers: surroundings.strangers() };
}

test.each([
  ['fetch', `await fetch('https://login.salesforce.com').catch(({ cause }) => cause.code)`],
  [
    'node:https',
    `await new Promise((resolve) => process.getBuiltinModule('node:https')
       .get('https://login.salesforce.com').on('error', ({ code }) => resolve(code)))`,
  ],
  [
    'node:http2',
    `await new Promise((resolve) => process.getBuiltinModule('node:http2')
       .connect('https://login.salesforce.com').on('error', ({ code }) => resolve(code)))`,
  ],
  [
    'node:net, by name and port',
    `await new Promise((resolve) => process.getBuiltinModule('node:net')
       .connect(443, 'login.salesforce.com').on('error', ({ code }) => resolve(code)))`,
  ],
  [
    'a child process',
    `process.getBuiltinModule('node:child_process').execFileSync(process.execPath, ['-e',
       "fetch('https://login.salesforce.com').catch(({ cause }) => console.log(cause.code))"])
       .toString().trim()`,
  ],
])('what is asked for by %s is refused and noted', async (_way, expression) => {
  expect(await attempt(`console.log(${expression})`)).toEqual({
    said: 'ENETUNREACH',
    strangers: ['login.salesforce.com'],
  });
});

test('an address is refused like a name', async () => {
  // Of a block for documents: nobody is there, if the fence had a hole.
  const program = `console.log(await fetch('http://192.0.2.1/').catch(({ cause }) => cause.code))`;
  expect(await attempt(program)).toEqual({ said: 'ENETUNREACH', strangers: ['192.0.2.1'] });
});

test('no name server is asked', async () => {
  const program = `
    import dns from 'node:dns';
    import { lookup } from 'node:dns/promises';
    import { promisify } from 'node:util';
    const host = 'login.salesforce.com';
    const asked = await Promise.allSettled([
      lookup(host),
      promisify(dns.lookup)(host),
      promisify(dns.resolveCname)(host),
      dns.promises.resolve4(host),
    ]);
    console.log(asked.map(({ reason }) => reason?.code).join());
  `;
  expect(await attempt(program)).toEqual({
    said: Array(4).fill('ENOTFOUND').join(),
    strangers: Array(4).fill('login.salesforce.com'),
  });
});

test('no datagram leaves', async () => {
  const program = `
    import { createSocket } from 'node:dgram';
    const socket = createSocket('udp4');
    try { socket.send('x', 53, '192.0.2.1'); } catch ({ code }) { console.log(code); }
    socket.close();
  `;
  expect(await attempt(program)).toEqual({ said: 'ENETUNREACH', strangers: ['a datagram'] });
});

test('this machine is reached', async () => {
  const program = `
    import { createServer } from 'node:http';
    import dns from 'node:dns';
    import { promisify } from 'node:util';
    const server = createServer((_request, response) => response.end('here'));
    server.listen(0, '127.0.0.1', async () => {
      const { port } = server.address();
      const texts = [];
      for (const host of ['127.0.0.1', 'localhost']) {
        texts.push(await (await fetch('http://' + host + ':' + port)).text());
      }
      texts.push((await promisify(dns.lookup)('127.0.0.1')).address);
      console.log(texts.join());
      server.closeAllConnections();
      server.close();
    });
  `;
  expect(await attempt(program)).toEqual({ said: 'here,here,127.0.0.1', strangers: [] });
});
