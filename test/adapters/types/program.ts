/** A program as a user writes it, against the types that the packages themselves bring. */

import * as grpc from '@grpc/grpc-js';
import { Connection as NodeConnection } from '@jsforce/jsforce-node';
import { connect } from '@sfjwt/client';
import { authorizeAxios } from '@sfjwt/client/axios';
import { gotOptions } from '@sfjwt/client/got';
import { pubSub } from '@sfjwt/client/grpc';
import { authorizeConnection, createConnection } from '@sfjwt/client/jsforce';
import { authorizeInterceptor } from '@sfjwt/client/undici';
import axios from 'axios';
import type { AxiosInstance } from 'axios';
import got from 'got';
import { Connection } from 'jsforce';
import { Agent, request } from 'undici';

const salesforce = connect();

export async function jsforce(): Promise<string> {
  const connection: Connection = await createConnection(Connection, salesforce, {
    version: '67.0',
  });
  const other: NodeConnection = await createConnection(NodeConnection, salesforce);
  const present: Connection = await authorizeConnection(new Connection(), salesforce);
  // @ts-expect-error: what jsforce's constructor does not take, is not taken.
  await createConnection(Connection, salesforce, { version: 67 });
  const { records } = await connection.query<{ Name: string }>('SELECT Name FROM Account');
  await other.identity();
  await present.identity();
  return records[0]?.Name ?? '';
}

export async function http(): Promise<unknown[]> {
  const instance: AxiosInstance = authorizeAxios(axios.create({ timeout: 1000 }), salesforce);
  const { data } = await instance.get<{ totalSize: number }>('/services/data');
  const api = got.extend(await gotOptions(salesforce), { timeout: { request: 1000 } });
  const limits = await api('services/data/v67.0/limits').json();
  const dispatcher = new Agent().compose(authorizeInterceptor(salesforce));
  const { body } = await request('https://acme.my.salesforce.com/services/data', { dispatcher });
  return [data.totalSize, limits, await body.json()];
}

export async function events(): Promise<grpc.Metadata> {
  const { credentials, interceptor, metadata } = pubSub(grpc, salesforce);
  const channel: grpc.ChannelCredentials = grpc.credentials.combineChannelCredentials(
    grpc.credentials.createSsl(),
    credentials,
  );
  const options: grpc.ClientOptions = { interceptors: [interceptor] };
  const client = new grpc.Client('api.pubsub.salesforce.com:7443', channel, options);
  client.close();
  return metadata();
}
