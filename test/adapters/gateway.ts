/** A local org behind a gateway that counts what passes and answers in its place when told to. */

import { createServer } from 'node:http';
import type { IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { connect } from '@sfjwt/client';
import type { ClientEvent, Connection } from '@sfjwt/client';
import { createOrg } from '@sfjwt/org';
import type { Org } from '@sfjwt/org';
import { createCertificate, createKeyPair } from '@sfjwt/setup';
import { onTestFinished } from 'vitest';

export const username = 'integration@local-org.example';

/** One answer in place of the org's. */
export interface Answer {
  status: number;
  body?: unknown;
  headers?: Record<string, string>;
}

export interface PassedRequest {
  method: string;
  url: string;
  authorization: string | undefined;
  body: string;
}

export interface Gateway {
  /** What clients know as the org. */
  url: string;
  org: Org;
  salesforce: Connection;
  events: ClientEvent[];
  /** Token requests that passed; each is a login. */
  logins(): number;
  /** API requests that passed, in order. */
  requests: PassedRequest[];
  /** When it gives an answer, the org is not asked. */
  answer: (request: PassedRequest) => Answer | undefined;
  /** Ends every session, as an administrator does in Session Management. */
  endSessions(): void;
}

const key = await createKeyPair();
const certificate = await createCertificate({ privateKey: key.privateKey });

export const sessionEnded: Answer = {
  status: 401,
  body: [{ message: 'Session expired or invalid', errorCode: 'INVALID_SESSION_ID' }],
};

export const notForApi: Answer = {
  status: 401,
  body: [
    {
      message: 'This session is not valid for use with the REST API',
      errorCode: 'INVALID_SESSION_ID',
    },
  ],
};

export async function openGateway(): Promise<Gateway> {
  const org = await createOrg({
    seed: {
      clientApps: [
        {
          kind: 'connectedApp',
          name: 'Nightly Sync',
          contactEmail: 'ops@example.org',
          consumerKey: 'nightly-sync',
          certificate: certificate.pem,
          scopes: ['api', 'id'],
          permittedUsers: 'adminApproved',
          profiles: ['Minimum Access - API Only Integrations'],
        },
      ],
    },
  });
  await org.listen({ port: 0 });
  const requests: PassedRequest[] = [];
  let logins = 0;

  const server = createServer((incoming, outgoing) => {
    const pass = async (): Promise<void> => {
      const body = await textOf(incoming);
      const { method = '', url = '', headers } = incoming;
      const { authorization } = headers;
      const isLogin = url === '/services/oauth2/token';
      if (isLogin) logins += 1;
      const passed = { method, url, authorization, body };
      if (!isLogin) requests.push(passed);
      const own = isLogin ? undefined : gateway.answer(passed);
      if (own !== undefined) {
        outgoing.writeHead(own.status, { 'content-type': 'application/json', ...own.headers });
        outgoing.end(typeof own.body === 'string' ? own.body : JSON.stringify(own.body));
        return;
      }
      const response = await fetch(org.url + url, {
        method,
        headers: {
          ...(authorization === undefined ? {} : { authorization }),
          'content-type': headers['content-type'] ?? 'text/plain',
        },
        ...(method === 'GET' ? {} : { body }),
        redirect: 'manual',
      });
      const text = (await response.text()).replaceAll(org.url, gateway.url);
      const type = response.headers.get('content-type') ?? 'text/plain';
      outgoing.writeHead(response.status, { 'content-type': type });
      outgoing.end(text);
    };
    pass().catch((error: unknown) => outgoing.destroy(error as Error));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  const events: ClientEvent[] = [];
  const salesforce = connect({
    clientId: 'nightly-sync',
    username,
    privateKey: key.privateKeyPem,
    loginUrl: url,
    audience: org.url,
    onEvent: (event) => events.push(event),
  });
  const gateway: Gateway = {
    url,
    org,
    salesforce,
    events,
    logins: () => logins,
    requests,
    answer: () => undefined,
    endSessions: () => org.sessions.list().forEach(({ id }) => org.sessions.remove(id)),
  };
  onTestFinished(async () => {
    salesforce.close();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    await org.close();
  });
  return gateway;
}

/** The settings of a connection through a gateway, for a program that reads its environment. */
export function settingsOf({ url, org }: Gateway): Record<string, string> {
  return {
    SFJWT_LOGIN_URL: url,
    SFJWT_AUDIENCE: org.url,
    SFJWT_CLIENT_ID: 'nightly-sync',
    SFJWT_USERNAME: username,
    SFJWT_PRIVATE_KEY: key.privateKeyPem,
  };
}

async function textOf(incoming: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}
