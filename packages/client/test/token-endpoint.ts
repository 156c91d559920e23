import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';

export interface ReceivedRequest {
  method: string;
  path: string;
  headers: IncomingMessage['headers'];
  body: string;
}

export interface TokenEndpoint {
  url: string;
  received: ReceivedRequest[];
}

export type Answer = (response: ServerResponse, request: ReceivedRequest, url: string) => unknown;

/** A real socket that answers as the test says; it ends with the test. */
export async function startTokenEndpoint(answer: Answer): Promise<TokenEndpoint> {
  const received: ReceivedRequest[] = [];
  const server = createServer((incoming, response) => {
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.on('end', () => {
      const { method = '', url: path = '', headers } = incoming;
      const request = { method, path, headers, body: Buffer.concat(chunks).toString() };
      received.push(request);
      void answer(response, request, url);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  onTestFinished(
    () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  );
  return { url, received };
}

let counter = 0;

/** Salesforce's five fields with a token of its own each time. */
export function tokenBody(url: string): string {
  counter += 1;
  return JSON.stringify({
    access_token: `00DLOCAL0000001!token.${counter}`,
    scope: 'api id',
    instance_url: url,
    id: `${url}/id/00DLOCAL0000001EAA/005LOCAL0000001EAA`,
    token_type: 'Bearer',
  });
}

export function json(response: ServerResponse, status: number, body: string): void {
  response.writeHead(status, { 'content-type': 'application/json;charset=UTF-8' }).end(body);
}
