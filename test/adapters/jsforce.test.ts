/** jsforce and `@jsforce/jsforce-node`, unmodified, kept signed in by us. */

import { Readable } from 'node:stream';
import type { Writable } from 'node:stream';
import { authorizeConnection, createConnection } from '@sfjwt/client/jsforce';
import type { JsforceConnection } from '@sfjwt/client/jsforce';
import { describe, expect, test } from 'vitest';
import { installAdapted } from './adapted.ts';
import { notForApi, openGateway, sessionEnded, username } from './gateway.ts';

const adapted = await installAdapted();

interface Config {
  version?: string;
  loginUrl?: string;
  instanceUrl?: string;
  accessToken?: string;
}

/** What is used here of jsforce. */
interface Jsforce extends JsforceConnection {
  version: string;
  accessToken: string | null | undefined;
  query(soql: string): Promise<{ totalSize: number; records: { Name: string }[] }>;
  identity(): Promise<{ username: string }>;
  request(request: object): Promise<unknown> & { stream(): Writable };
  logout(): Promise<void>;
  metadata: { describe(): Promise<unknown> };
}

const soql = 'SELECT Name FROM Account ORDER BY Name';

describe.each(['jsforce', '@jsforce/jsforce-node'])('%s', (name) => {
  const load = (): new (config?: Config) => Jsforce => {
    if (!('value' in adapted)) throw new Error(adapted.offline);
    return (adapted.value.load(name) as { Connection: new (config?: Config) => Jsforce })
      .Connection;
  };

  async function signedIn() {
    const gateway = await openGateway();
    const connection = await createConnection(load(), gateway.salesforce, { version: '67.0' });
    return { gateway, connection };
  }

  test.skipIf('offline' in adapted)('signs in and queries', async () => {
    const { gateway, connection } = await signedIn();
    expect(connection.version).toBe('67.0');
    expect(connection.instanceUrl).toBe(gateway.url);
    expect((await connection.query(soql)).records[0]?.Name).toBe('Acme');
    expect(gateway.logins()).toBe(1);
    await connection.logout();
    expect(gateway.org.sessions.list()).toEqual([]);
  });

  test.skipIf('offline' in adapted)('renews when its session was ended', async () => {
    const { gateway, connection } = await signedIn();
    const before = connection.accessToken;
    gateway.endSessions();
    expect((await connection.query(soql)).totalSize).toBe(3);
    expect(connection.accessToken).not.toBe(before);
    expect(connection.accessToken).toBe((await gateway.salesforce.token()).value);
    expect(gateway.logins()).toBe(2);
    expect(gateway.requests).toHaveLength(2);
  });

  test.skipIf('offline' in adapted)('20 refusals at once are one login', async () => {
    const { gateway, connection } = await signedIn();
    gateway.endSessions();
    const answers = await Promise.all(Array.from({ length: 20 }, () => connection.query(soql)));
    expect(answers.map(({ totalSize }) => totalSize)).toEqual(Array(20).fill(3));
    expect(gateway.logins()).toBe(2);
    expect(gateway.requests).toHaveLength(40);
  });

  test.skipIf('offline' in adapted)(
    'a new token that is refused too ends the request',
    async () => {
      const { gateway, connection } = await signedIn();
      gateway.answer = () => sessionEnded;
      await expect(connection.query(soql)).rejects.toMatchObject({
        name: 'ClientError',
        code: 'SESSION_INVALID',
        errorCode: 'INVALID_SESSION_ID',
      });
      expect(gateway.requests).toHaveLength(2);
      expect(gateway.logins()).toBe(2);
      // And it did not spoil the connection.
      gateway.answer = () => undefined;
      expect((await connection.query(soql)).totalSize).toBe(3);
    },
  );

  test.skipIf('offline' in adapted)('a refusal that no login cures is told at once', async () => {
    const { gateway, connection } = await signedIn();
    gateway.answer = () => notForApi;
    await expect(connection.query(soql)).rejects.toMatchObject({ code: 'SESSION_NOT_FOR_API' });
    expect(gateway.requests).toHaveLength(1);
    gateway.answer = () => ({ status: 401, body: [{ message: 'No', errorCode: 'UNAUTHORIZED' }] });
    await expect(connection.query(soql)).rejects.toMatchObject({ code: 'API_REFUSED' });
    expect(gateway.requests).toHaveLength(2);
    expect(gateway.logins()).toBe(1);
  });

  test.skipIf('offline' in adapted)('SOAP is renewed with its body, once', async () => {
    const { gateway, connection } = await signedIn();
    const fault =
      '<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body><e:Fault>' +
      '<faultcode>sf:INVALID_SESSION_ID</faultcode><faultstring>INVALID_SESSION_ID</faultstring>' +
      '</e:Fault></e:Body></e:Envelope>';
    gateway.endSessions();
    gateway.answer = () => ({ status: 500, body: fault, headers: { 'content-type': 'text/xml' } });
    await expect(connection.metadata.describe()).rejects.toMatchObject({ code: 'SESSION_INVALID' });
    expect(gateway.requests).toHaveLength(2);
    expect(gateway.logins()).toBe(2);
    const [first, second] = gateway.requests.map(({ body }) => /sessionId>([^<]+)/.exec(body)?.[1]);
    expect(first).toMatch(/^00D/);
    expect(second).toMatch(/^00D/);
    expect(second).not.toBe(first);
  });

  test.skipIf('offline' in adapted)('the token is in no URL, at the org alone', async () => {
    const { gateway, connection } = await signedIn();
    expect(await connection.identity()).toMatchObject({ username });
    gateway.endSessions();
    expect(await connection.identity()).toMatchObject({ username });
    // What Salesforce names is often the login host: the org answers as well.
    const { organizationId, userId } = await gateway.salesforce.token();
    connection.userInfo = { url: `https://login.example.org/id/${organizationId}/${userId}` };
    expect(await connection.identity()).toMatchObject({ username });
    expect(gateway.requests).toHaveLength(4);
    for (const { url, authorization } of gateway.requests) {
      expect(url).not.toMatch(/oauth_token|00D\w+!/);
      expect(authorization).toMatch(/^Bearer 00D/);
    }
    const elsewhere = connection.request({ method: 'GET', url: 'http://localhost:9/services' });
    await expect(elsewhere).rejects.toMatchObject({ code: 'FOREIGN_ORIGIN' });
  });

  test.skipIf('offline' in adapted)('a spent stream is not sent again as nothing', async () => {
    const { gateway, connection } = await signedIn();
    gateway.endSessions();
    const upload = connection.request({
      method: 'POST',
      url: '/services/data/v67.0/upload',
      headers: { 'content-type': 'text/csv' },
    });
    Readable.from(['Name\n', 'Acme\n']).pipe(upload.stream());
    await expect(upload).rejects.toMatchObject({ code: 'SESSION_INVALID' });
    expect(gateway.requests.map(({ body }) => body)).toEqual(['Name\nAcme\n']);
    expect((await connection.query(soql)).totalSize).toBe(3);
    expect(gateway.requests).toHaveLength(2);
  });

  test.skipIf('offline' in adapted)('takes over a connection that is there already', async () => {
    const gateway = await openGateway();
    const Connection = load();
    const connection = await authorizeConnection(new Connection(), gateway.salesforce);
    expect((await connection.query(soql)).totalSize).toBe(3);
    gateway.endSessions();
    expect((await connection.query(soql)).totalSize).toBe(3);
    expect(gateway.logins()).toBe(2);
  });
});
