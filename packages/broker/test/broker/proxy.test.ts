import { createHash, randomBytes } from 'node:crypto';
import { createServer, request } from 'node:http';
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';
import { gzipSync } from 'node:zlib';
import type { AccessToken } from '@sfjwt/client';
import { AccessToken as Token, milliseconds } from '@sfjwt/client';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createBroker, openDoor, watchedIdentity } from '../../src/broker/index.ts';
import type { Caller } from '../../src/broker/index.ts';
import { ask, served } from './served-org.ts';

const query = '/services/data/v67.0/query?q=SELECT+Name+FROM+Account';

describe('before a local org', () => {
  test('a query goes through, and what the caller says of authorization does not', async () => {
    const { socket } = await served();
    const { status, json, headers } = await ask(socket, `/v1/proxy/nightly${query}`, {
      headers: { authorization: 'Bearer of-somebody-else', cookie: 'sid=of-somebody-else' },
    });
    expect(status).toBe(200);
    expect(json['totalSize']).toBe(4);
    expect(headers['content-type']).toContain('application/json');
  });

  test('a session that was ended costs one login and no failed call', async () => {
    const { socket, org, logins } = await served();
    await ask(socket, `/v1/proxy/nightly${query}`);
    for (const { id } of org.sessions.list()) org.sessions.remove(id);
    const answers = await Promise.all(
      Array.from({ length: 50 }, () => ask(socket, `/v1/proxy/nightly${query}`)),
    );
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    expect(logins()).toBe(2);
  });

  test('a record is made, changed and removed', async () => {
    const { socket } = await served();
    const base = '/v1/proxy/nightly/services/data/v67.0/sobjects/Account';
    const headers = { 'content-type': 'application/json' };
    const body = JSON.stringify({ Name: 'Über & Söhne' });
    const made = await ask(socket, base, { method: 'POST', headers, body });
    expect(made.status).toBe(201);
    const path = `${base}/${String(made.json['id'])}`;
    const changed = await ask(socket, path, { method: 'PATCH', headers, body: '{"Name":"A"}' });
    expect([changed.status, changed.body]).toEqual([204, '']);
    expect((await ask(socket, path, { method: 'DELETE' })).status).toBe(204);
  });

  test("Salesforce's own refusals pass as they are", async () => {
    const { socket } = await served();
    const path = '/v1/proxy/nightly/services/data/v67.0/sobjects/Nothing__c';
    const { status, body } = await ask(socket, path);
    expect(status).toBe(404);
    expect(JSON.parse(body)).toMatchObject([{ errorCode: 'NOT_FOUND' }]);
  });
});

/** A host in the place of Salesforce, and a broker before it. */
async function before(
  listener: RequestListener,
  options: { idleMilliseconds?: number; caller?: Partial<Caller> } = {},
): Promise<{ socket: string; refused: () => number; url: string }> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => server.close().closeAllConnections());
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  let refusals = 0;
  let value = 1;
  const make = (): AccessToken =>
    new Token({
      value: `00D-token-${value}`,
      instanceUrl: url,
      scopes: ['api'],
      organizationId: undefined,
      userId: undefined,
      identityUrl: undefined,
      receivedAt: milliseconds(Date.now()),
    });
  let token = make();
  const source = {
    token: ({ refused }: { refused?: AccessToken | undefined } = {}) => {
      if (refused?.equals(token) === true) {
        refusals += 1;
        value += 1;
        token = make();
      }
      return Promise.resolve(token);
    },
  };
  const identity = watchedIdentity('nightly', source);
  const { idleMilliseconds } = options;
  const broker = createBroker({
    identities: new Map([['nightly', identity]]),
    callers: [],
    idleMilliseconds,
  });
  const caller: Caller = {
    name: 'owner',
    secretDigests: [],
    profiles: ['*'],
    permissions: ['token', 'proxy'],
    requests: undefined,
    ...options.caller,
  };
  const path = `/tmp/sfjwt-${randomBytes(6).toString('hex')}.sock`;
  const door = await openDoor(broker, { socket: path, caller });
  onTestFinished(async () => {
    const closed = door.close();
    door.cut();
    await closed;
    broker.close();
  });
  return { socket: path, refused: () => refusals, url };
}

function echo(incoming: IncomingMessage, outgoing: ServerResponse): void {
  outgoing.writeHead(200, { 'content-type': 'application/json' });
  outgoing.end(JSON.stringify({ url: incoming.url, raw: incoming.rawHeaders }));
}

const invalidSession =
  '[{"message":"Session expired or invalid","errorCode":"INVALID_SESSION_ID"}]';

describe('before a host of any kind', () => {
  test('headers between two hops stay between them, all others pass as they were written', async () => {
    const { socket, url } = await before(echo);
    const { json } = await ask(socket, '/v1/proxy/nightly/services/data?x=%7B%7D&y', {
      headers: {
        'X-Custom': ['one', 'two'],
        'Sforce-Query-Options': 'batchSize=200',
        Connection: 'close, X-Hop',
        'X-Hop': 'gone',
        TE: 'trailers',
        Expect: '100-continue',
        'Proxy-Authorization': 'Basic gone',
        'Accept-Encoding': 'gzip',
      },
    });
    expect(json['url']).toBe('/services/data?x=%7B%7D&y');
    const raw = json['raw'] as string[];
    const pairs = raw.flatMap((name, index) =>
      index % 2 === 0 ? [`${name}: ${raw[index + 1]}`] : [],
    );
    expect(pairs).toEqual([
      `Host: ${url.slice(7)}`,
      'X-Custom: one',
      'X-Custom: two',
      'Sforce-Query-Options: batchSize=200',
      'Accept-Encoding: gzip',
      'Authorization: Bearer 00D-token-1',
      'Connection: keep-alive',
    ]);
  });

  test('answers pass with their status, repeated headers, and packed as they are', async () => {
    const packed = gzipSync('{"packed":true}');
    const { socket } = await before((_incoming, outgoing) => {
      outgoing.writeHead(203, 'Half Known', [
        ...['Set-Cookie', 'a=1', 'Set-Cookie', 'b=2', 'Content-Encoding', 'gzip'],
        ...['Location', 'https://elsewhere.example/', 'Content-Length', String(packed.length)],
      ]);
      outgoing.end(packed);
    });
    const chunks: Buffer[] = [];
    const outgoing = request({ socketPath: socket, path: '/v1/proxy/nightly/services/data' }).end();
    const [answer] = (await once(outgoing, 'response')) as [IncomingMessage];
    for await (const chunk of answer) chunks.push(chunk as Buffer);
    expect([answer.statusCode, answer.statusMessage]).toEqual([203, 'Half Known']);
    expect(answer.headers['set-cookie']).toEqual(['a=1', 'b=2']);
    expect(answer.headers.location).toBe('https://elsewhere.example/');
    expect(Buffer.concat(chunks)).toEqual(packed);
  });

  test.each([
    ['plain', 401, Buffer.from(invalidSession), {}],
    ['packed', 401, gzipSync(invalidSession), { 'content-encoding': 'gzip' }],
    ['as 403 of userinfo', 403, Buffer.from('Bad_OAuth_Token'), {}],
  ])(
    'a token turned away (%s) is renewed once, and the body sent again',
    async (_how, status, words, headers) => {
      const seen: string[] = [];
      const { socket, refused } = await before((incoming, outgoing) => {
        let body = '';
        incoming.on('data', (chunk: Buffer) => (body += chunk.toString()));
        incoming.on('end', () => {
          seen.push(`${incoming.headers.authorization} ${body}`);
          if (seen.length === 1) outgoing.writeHead(status, headers).end(words);
          else outgoing.writeHead(201).end('{}');
        });
      });
      const answer = await ask(socket, '/v1/proxy/nightly/services/data/v67.0/sobjects/Account', {
        method: 'POST',
        body: '{"Name":"A"}',
      });
      expect(answer.status).toBe(201);
      expect(seen).toEqual(['Bearer 00D-token-1 {"Name":"A"}', 'Bearer 00D-token-2 {"Name":"A"}']);
      expect(refused()).toBe(1);
    },
  );

  test('a host that turns every token away is asked twice, never in circles', async () => {
    let asked = 0;
    const { socket } = await before((_incoming, outgoing) => {
      asked += 1;
      outgoing.writeHead(401).end(invalidSession);
    });
    const { status, body } = await ask(socket, '/v1/proxy/nightly/services/data/v67.0/limits');
    expect([status, body, asked]).toEqual([401, invalidSession, 2]);
  });

  test.each([401, 403])('a %i that is not about the token passes as it is', async (status) => {
    const { socket, refused } = await before((_incoming, outgoing) => {
      outgoing.writeHead(status).end('[{"errorCode":"API_DISABLED_FOR_ORG","message":"no"}]');
    });
    const answer = await ask(socket, '/v1/proxy/nightly/services/data/v67.0/limits');
    expect([answer.status, refused()]).toEqual([status, 0]);
    expect(answer.body).toContain('API_DISABLED_FOR_ORG');
  });

  test('a refusal without end is judged by its beginning, and passed on whole', async () => {
    const words = invalidSession.replace('[', `[${' '.repeat(300_000)}`);
    const { socket } = await before((_incoming, outgoing) => outgoing.writeHead(401).end(words));
    const { status, body } = await ask(socket, '/v1/proxy/nightly/services/data/v67.0/limits');
    expect([status, body.length]).toEqual([401, words.length]);
  });

  test('a body of 32 MB, in chunks, arrives as it was, both ways', async () => {
    const sent = createHash('sha256');
    const arrived = createHash('sha256');
    const { socket } = await before((incoming, outgoing) => {
      expect(incoming.headers['transfer-encoding']).toBe('chunked');
      incoming.on('data', (chunk: Buffer) => {
        arrived.update(chunk);
        if (!outgoing.write(chunk)) {
          incoming.pause();
          outgoing.once('drain', () => incoming.resume());
        }
      });
      incoming.on('end', () => outgoing.end());
    });
    const path = '/v1/proxy/nightly/services/data/v67.0/jobs/ingest/750/batches';
    const outgoing = request({ socketPath: socket, path, method: 'PUT' });
    const back = createHash('sha256');
    const answered = once(outgoing, 'response').then(async ([answer]: IncomingMessage[]) => {
      for await (const chunk of answer ?? []) back.update(chunk as Buffer);
    });
    const chunk = randomBytes(1 << 20);
    for (let count = 0; count < 32; count += 1) {
      sent.update(chunk);
      if (!outgoing.write(chunk)) await once(outgoing, 'drain');
    }
    outgoing.end();
    await answered;
    const digest = sent.digest('hex');
    expect(arrived.digest('hex')).toBe(digest);
    expect(back.digest('hex')).toBe(digest);
  });

  test('a large body whose token is turned away gets that answer, and the next one a new token', async () => {
    const { socket, refused } = await before((incoming, outgoing) => {
      const good = incoming.headers.authorization === 'Bearer 00D-token-2';
      incoming.resume().on('end', () => {
        if (good) outgoing.writeHead(201).end();
        else outgoing.writeHead(401).end(invalidSession);
      });
    });
    const upload = { method: 'POST', body: randomBytes(1 << 20) };
    const path = '/v1/proxy/nightly/services/data/v67.0/sobjects/ContentVersion';
    expect((await ask(socket, path, upload)).status).toBe(401);
    expect(refused()).toBe(1);
    expect((await ask(socket, path, upload)).status).toBe(201);
  });

  test('a caller that goes away half-way ends the request at the other end', async () => {
    let ended: () => void = () => {};
    const closed = new Promise<void>((resolve) => (ended = resolve));
    const { socket } = await before((incoming, outgoing) => {
      outgoing.on('close', ended);
      outgoing.writeHead(200);
      outgoing.write('half');
      incoming.resume();
    });
    const outgoing = request({ socketPath: socket, path: '/v1/proxy/nightly/services/data' }).end();
    outgoing.on('error', () => {});
    const [answer] = (await once(outgoing, 'response')) as [IncomingMessage];
    answer.on('error', () => {});
    outgoing.destroy();
    await closed;
  });

  test('an answer that is cut off is cut off for the caller too', async () => {
    const { socket } = await before((_incoming, outgoing) => {
      outgoing.writeHead(200, { 'content-length': '100' });
      outgoing.write('half');
      setImmediate(() => outgoing.destroy());
    });
    await expect(ask(socket, '/v1/proxy/nightly/services/data')).rejects.toThrow(/aborted|hang up/);
  });

  test('a host that keeps silent is given up', async () => {
    const { socket } = await before(() => {}, { idleMilliseconds: 50 });
    const { status, json } = await ask(socket, '/v1/proxy/nightly/services/data');
    expect([status, json['code']]).toEqual([504, 'ORG_NOT_REACHED']);
  });

  test('a connection that was closed while it was kept is no failure for a GET', async () => {
    const { socket } = await before((incoming, outgoing) => {
      outgoing.writeHead(200).end('ok');
      // Closed after the answer, without telling so.
      outgoing.on('finish', () => setImmediate(() => incoming.socket.destroy()));
    });
    for (let round = 0; round < 5; round += 1) {
      const { status } = await ask(socket, '/v1/proxy/nightly/services/data');
      expect(status).toBe(200);
    }
  });
});

describe('what a caller may reach', () => {
  test.each([
    '/services/../secret',
    '/services/data/%2e%2e/x',
    '/services/data/%2E./x',
    '/services/data/..%2f..%2fx',
    '/services/data/%252e%252e/x',
    '/services/data/..;/x',
    '/services/data/.',
    '/services//evil.example/x',
    '/services/data\\..\\x',
    '/services/%5c..%5cx',
    '/services/data/%00',
    '/services/data/%0d%0aX-Evil:1',
    '/services/data/%zz',
    '/services/data/%c0%ae%c0%ae/x',
    '/services/data/..%c0%af..',
    '/services/data/%ff',
    '/services',
    '/services/',
    '/secur/frontdoor.jsp?sid=1',
    '/id/00D/005',
    '/services/oauth2/singleaccess',
    '/services/oauth2/token',
    '/services/OAuth2/revoke',
    '/services/%6fauth2/token',
    '//evil.example/services/data',
    '@evil.example/services/data',
    '.evil.example/services/data',
    ':80/services/data',
    '?/services/data',
  ])('%s goes nowhere', async (path) => {
    let asked = 0;
    const { socket } = await before((_incoming, outgoing) => {
      asked += 1;
      outgoing.end();
    });
    const { status } = await ask(socket, `/v1/proxy/nightly${path}`);
    expect([403, 404]).toContain(status);
    expect(asked).toBe(0);
  });

  test('a target in absolute form is refused', async () => {
    const { socket, url } = await before(echo);
    const { status, json } = await ask(socket, `${url}/services/data`);
    expect([status, json['code']]).toEqual([400, 'REQUEST_MALFORMED']);
  });

  const rules: Partial<Caller> = {
    permissions: ['proxy'],
    requests: [
      {
        methods: ['GET'],
        paths: ['/services/data/*/query', '/services/data/*/sobjects/Account/**'],
      },
      { methods: ['POST'], paths: ['/services/apexrest/orders'] },
    ],
  };

  test.each([
    ['GET', '/services/data/v67.0/query?q=SELECT', 200],
    ['GET', '/services/data/v67.0/sobjects/Account/001', 200],
    ['GET', '/services/data/v67.0/sobjects/Account/Ext__c/a%20b', 200],
    ['POST', '/services/apexrest/orders', 200],
    ['POST', '/services/data/v67.0/query', 403],
    ['GET', '/services/data/v67.0/queryAll', 403],
    ['GET', '/services/data/v67.0/sobjects/Account', 403],
    ['GET', '/services/data/v67.0/sobjects/Contact/003', 403],
    ['GET', '/services/data/v67.0/sobjects/Account%2F..%2FContact/003', 403],
    ['GET', '/services/data/v67.0/sobjects%2FContact/query', 403],
    ['GET', '/services/data/v67.0%2Fsobjects%2FContact/query', 403],
    ['GET', '/services/data/v67.0/sobjects/Account/%252e%252e/Contact', 403],
    ['GET', '/services/data//query', 403],
    ['POST', '/services/apexrest/orders/1', 403],
    ['DELETE', '/services/apexrest/orders', 403],
    ['POST', '/services/apexrest/orders?_HttpMethod=DELETE', 403],
    ['POST', '/services/apexrest/orders?%5FhttpMETHOD=patch', 403],
    ['POST', '/services/apexrest/orders?a=1&_HttpMethod=POST&_HttpMethod=PUT', 403],
    ['POST', '/services/apexrest/orders?_HttpMethod=post', 200],
    ['POST', '/services/data/v67.0/query?_HttpMethod=GET', 403],
  ])('by its rules: %s %s is %i', async (method, path, status) => {
    const { socket } = await before(echo, { caller: rules });
    expect((await ask(socket, `/v1/proxy/nightly${path}`, { method })).status).toBe(status);
  });

  test.each(['X-HTTP-Method-Override', 'x-http-method', 'X-Method-Override'])(
    'by its rules: a POST that asks to be taken for a DELETE by %s is 403',
    async (name) => {
      const { socket } = await before(echo, { caller: rules });
      const asked = (value: string): Promise<number> =>
        ask(socket, '/v1/proxy/nightly/services/apexrest/orders', {
          method: 'POST',
          headers: { [name]: value },
        }).then(({ status }) => status);
      expect([await asked('DELETE'), await asked('POST')]).toEqual([403, 200]);
    },
  );

  test('who is bound by rules is given no token to get round them', async () => {
    const { socket } = await before(echo, { caller: rules });
    for (const path of ['/v1/token/nightly', '/v1/headers/nightly']) {
      const { status, json } = await ask(socket, path);
      expect([status, json['code']]).toEqual([403, 'CALLER_FORBIDDEN']);
    }
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    const body = 'grant_type=client_credentials&client_id=nightly';
    const oauth = await ask(socket, '/services/oauth2/token', { method: 'POST', headers, body });
    expect(oauth.status).toBe(401);
  });
});
