/**
 * Node holds the signal inside a `Request` weakly: once the request is collected as garbage, an
 * abort is lost and a time-out never comes. The client must not depend on it.
 */

import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { setTimeout as wait } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { connect, fetchTransport } from '../src/node.ts';
import type { ConnectOptions } from '../src/node.ts';
import { privateKey } from './key-pair.ts';
import { json, startTokenEndpoint, tokenBody } from './token-endpoint.ts';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

const settings = { clientId: 'a', username: 'b', privateKey } satisfies ConnectOptions;

/** Long enough for the collector, which works between turns of the event loop. */
async function forget(): Promise<void> {
  for (let round = 0; round < 5; round += 1) {
    await wait(10);
    collectGarbage();
  }
}

test('an API request is aborted after its request was collected', async () => {
  const { url } = await startTokenEndpoint((response, { path }, at) => {
    if (path.endsWith('/token')) json(response, 200, tokenBody(at));
  });
  const salesforce = connect({ ...settings, loginUrl: url });
  await salesforce.token();
  const controller = new AbortController();
  const outcome = salesforce
    .fetch('/silence', { signal: controller.signal })
    .catch((error) => error);
  await forget();
  controller.abort();
  expect(await outcome).toMatchObject({ code: 'ABORTED', cause: { name: 'AbortError' } });
});

test('a token request over fetch ends at its time-out, and when its caller gives up', async () => {
  const { url } = await startTokenEndpoint(() => {});
  const transport = fetchTransport((request, init) => fetch(request, init));
  const request = { method: 'GET', url, headers: {}, maximumBytes: 1000 } as const;
  const late = transport.send({ ...request, timeoutMilliseconds: 200 }).catch((error) => error);
  const controller = new AbortController();
  const { signal } = controller;
  const aborted = transport
    .send({ ...request, timeoutMilliseconds: 60_000, signal })
    .catch((error) => error);
  await forget();
  controller.abort();
  expect(await late).toMatchObject({ code: 'TIMED_OUT' });
  expect(await aborted).toMatchObject({ code: 'ABORTED' });
});

test('a fetch that heeds no signal does not hold the caller up', async () => {
  const transport = fetchTransport(() => new Promise<never>(() => {}));
  const request = {
    method: 'GET',
    url: 'https://acme.example',
    headers: {},
    maximumBytes: 1,
  } as const;
  await expect(transport.send({ ...request, timeoutMilliseconds: 5 })).rejects.toMatchObject({
    code: 'TIMED_OUT',
  });
});

test('nothing is sent for a caller who has given up before', async () => {
  let sent = false;
  const transport = fetchTransport(() => {
    sent = true;
    return new Response();
  });
  const request = {
    method: 'GET',
    url: 'https://acme.example',
    headers: {},
    maximumBytes: 1,
    timeoutMilliseconds: 1000,
    signal: AbortSignal.abort(),
  } as const;
  await expect(transport.send(request)).rejects.toMatchObject({ code: 'ABORTED' });
  expect(sent).toBe(false);
});
