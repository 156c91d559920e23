/** axios, got and undici, unmodified: one token, one renewal, and never outside of the org. */

import { Readable } from 'node:stream';
import { authorizeAxios } from '@sfjwt/client/axios';
import type { AxiosLike } from '@sfjwt/client/axios';
import { gotOptions } from '@sfjwt/client/got';
import { authorizeInterceptor } from '@sfjwt/client/undici';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { installAdapted } from './adapted.ts';
import { notForApi, openGateway, sessionEnded } from './gateway.ts';
import type { Gateway } from './gateway.ts';

const adapted = await installAdapted();

interface Answered {
  status: number;
  body: string;
}

/** A client of HTTP as its users call it, behind one shape. */
interface Client {
  get(path: string): Promise<Answered>;
  post(path: string, body: string): Promise<Answered>;
}

interface AxiosInstance extends AxiosLike {
  request(config: object): Promise<{ status: number; data: string }>;
}

interface Got {
  (url: string, options: object): Promise<{ statusCode: number; body: string }>;
  extend(options: object): Got;
}

interface Undici {
  Agent: new () => {
    compose(...interceptors: unknown[]): object;
    close(): Promise<void>;
  };
  interceptors: { redirect(options: { maxRedirections: number }): unknown };
  request: (
    url: string,
    options: object,
  ) => Promise<{ statusCode: number; body: { text(): Promise<string> } }>;
}

function load<T>(name: string): Promise<T> {
  if (!('value' in adapted)) throw new Error(adapted.offline);
  return import(adapted.value.resolve(name)) as Promise<T>;
}

async function axiosOf({ salesforce }: Gateway, settings: object = {}): Promise<Client> {
  const { default: axios } = await load<{
    default: { create(config: object): AxiosInstance };
  }>('axios');
  const instance = authorizeAxios(axios.create(settings), salesforce);
  const call = async (config: object): Promise<Answered> => {
    const { status, data } = await instance.request({
      responseType: 'text',
      validateStatus: () => true,
      ...config,
    });
    return { status, body: data };
  };
  return {
    get: (url) => call({ url }),
    post: (url, data) => call({ method: 'post', url, data }),
  };
}

async function gotOf({ salesforce }: Gateway): Promise<Client> {
  const { default: got } = await load<{ default: Got }>('got');
  const instance = got.extend(await gotOptions(salesforce));
  const call = async (url: string, options: object): Promise<Answered> => {
    const { statusCode, body } = await instance(url, {
      throwHttpErrors: false,
      retry: { limit: 0 },
      ...options,
    });
    return { status: statusCode, body };
  };
  const relative = (url: string): string => url.replace(/^\//, '');
  return {
    get: (url) => call(relative(url), {}),
    post: (url, body) => call(relative(url), { method: 'POST', body }),
  };
}

async function undiciOf({ salesforce, url: origin }: Gateway): Promise<Client> {
  const { Agent, interceptors, request } = await load<Undici>('undici');
  const agent = new Agent();
  onTestFinished(() => agent.close());
  const dispatcher = agent.compose(
    authorizeInterceptor(salesforce),
    interceptors.redirect({ maxRedirections: 3 }),
  );
  const call = async (url: string, options: object): Promise<Answered> => {
    const { statusCode, body } = await request(new URL(url, origin).href, {
      dispatcher,
      ...options,
    });
    return { status: statusCode, body: await body.text() };
  };
  return {
    get: (url) => call(url, {}),
    post: (url, body) => call(url, { method: 'POST', body }),
  };
}

const query = '/services/data/v67.0/query?q=SELECT+Name+FROM+Account';

describe.each([
  ['axios', axiosOf],
  ['got', gotOf],
  ['undici', undiciOf],
])('%s', (_name, open) => {
  async function started(): Promise<{ gateway: Gateway; client: Client }> {
    const gateway = await openGateway();
    return { gateway, client: await open(gateway) };
  }

  test.skipIf('offline' in adapted)('asks the org by path', async () => {
    const { gateway, client } = await started();
    const { status, body } = await client.get(query);
    expect(status).toBe(200);
    expect(JSON.parse(body)).toMatchObject({ totalSize: 3 });
    await client.get(query);
    expect(gateway.logins()).toBe(1);
  });

  test.skipIf('offline' in adapted)('renews once, and sends the body again', async () => {
    const { gateway, client } = await started();
    await client.get(query);
    gateway.endSessions();
    gateway.answer = ({ method, authorization }) =>
      method === 'POST' && authorization === gateway.requests.at(0)?.authorization
        ? sessionEnded
        : { status: 201, body: { id: '001' } };
    expect(await client.post('/services/data/v67.0/sobjects/Account', '{"Name":"A"}')).toEqual({
      status: 201,
      body: '{"id":"001"}',
    });
    expect(gateway.requests.slice(1).map(({ body }) => body)).toEqual(
      Array(2).fill('{"Name":"A"}'),
    );
    expect(gateway.logins()).toBe(2);
  });

  test.skipIf('offline' in adapted)('20 refusals at once are one login', async () => {
    const { gateway, client } = await started();
    await client.get(query);
    gateway.endSessions();
    const answers = await Promise.all(Array.from({ length: 20 }, () => client.get(query)));
    expect(answers.map(({ status }) => status)).toEqual(Array(20).fill(200));
    expect(gateway.logins()).toBe(2);
    expect(gateway.requests).toHaveLength(41);
  });

  test.skipIf('offline' in adapted)('a second refusal is the answer', async () => {
    const { gateway, client } = await started();
    gateway.answer = () => sessionEnded;
    const { status, body } = await client.get(query);
    expect(status).toBe(401);
    expect(JSON.parse(body)).toEqual(sessionEnded.body);
    expect(gateway.requests).toHaveLength(2);
    expect(gateway.logins()).toBe(2);
  });

  test.skipIf('offline' in adapted)('a refusal that no login cures is the answer', async () => {
    const { gateway, client } = await started();
    gateway.answer = () => notForApi;
    const { status, body } = await client.get(query);
    expect(status).toBe(401);
    expect(JSON.parse(body)).toEqual(notForApi.body);
    expect(gateway.requests).toHaveLength(1);
    expect(gateway.logins()).toBe(1);
  });

  test.skipIf('offline' in adapted)('no redirect carries the token out of the org', async () => {
    const { gateway, client } = await started();
    const seen: (string | undefined)[] = [];
    const elsewhere = createServer(({ headers }, outgoing) => {
      seen.push(headers.authorization);
      outgoing.end('elsewhere');
    });
    await new Promise<void>((resolve) => elsewhere.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void elsewhere.close());
    const location = `http://127.0.0.1:${(elsewhere.address() as AddressInfo).port}/take`;
    gateway.answer = () => ({ status: 302, headers: { location } });
    await client.get(query).catch(() => {});
    expect(gateway.requests[0]?.authorization).toMatch(/^Bearer 00D/);
    expect(seen.filter((value) => value !== undefined)).toEqual([]);
    gateway.answer = ({ url }) =>
      url.startsWith('/old') ? { status: 302, headers: { location: query } } : undefined;
    expect((await client.get('/old')).status).toBe(200);
  });
});

test.skipIf('offline' in adapted)(
  'axios: another origin is refused, and no error holds the token',
  async () => {
    const gateway = await openGateway();
    const { default: axios } = await load<{
      default: { create(config?: object): AxiosInstance };
    }>('axios');
    const instance = authorizeAxios(axios.create(), gateway.salesforce);
    const foreign = instance.request({ url: 'http://localhost:9/services' });
    await expect(foreign).rejects.toMatchObject({ code: 'FOREIGN_ORIGIN' });

    gateway.answer = () => sessionEnded;
    const refused: unknown = await instance
      .request({ url: query })
      .catch((error: unknown) => error);
    expect(JSON.stringify(refused)).not.toMatch(/00D\w+!/);
    expect(gateway.requests).toHaveLength(2);
    gateway.answer = () => undefined;
    const answered = await instance.request({ url: query, responseType: 'json' });
    expect(answered.data).toMatchObject({ totalSize: 3 });

    // A stream is spent with its first sending, and is not sent again as nothing.
    gateway.endSessions();
    const data = Readable.from(['{"Name":"A"}']);
    const streamed = instance.request({ url: query, method: 'post', data });
    await expect(streamed).rejects.toMatchObject({ response: { status: 401 } });
    expect((await instance.request({ url: query })).status).toBe(200);
  },
);

test.skipIf('offline' in adapted)('got and undici: another origin is refused', async () => {
  const gateway = await openGateway();
  const { default: got } = await load<{ default: Got }>('got');
  const instance = got.extend(await gotOptions(gateway.salesforce));
  const foreign = instance('http://localhost:9/services', { prefixUrl: '', retry: { limit: 0 } });
  await expect(foreign).rejects.toThrow('The token is not sent to http://localhost:9');

  const { Agent, request } = await load<Undici>('undici');
  const agent = new Agent();
  onTestFinished(() => agent.close());
  const dispatcher = agent.compose(authorizeInterceptor(gateway.salesforce));
  await expect(request('http://localhost:9/services', { dispatcher })).rejects.toMatchObject({
    code: 'FOREIGN_ORIGIN',
  });
});
