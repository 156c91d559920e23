// The floor of the proxy: node:http on both sides, connections kept, the token attached, nothing judged.
import { Agent, createServer, request } from 'node:http';
import { listening } from './listening.mjs';

/** @param {{ host: string }} settings */
export function open({ host }) {
  const { hostname, port } = new URL(host);
  const agent = new Agent({ keepAlive: true });
  const server = createServer((incoming, outgoing) => {
    const headers = {
      ...incoming.headers,
      host: `${hostname}:${port}`,
      authorization: `Bearer 00DLOCAL0000001!${'x'.repeat(96)}`,
    };
    const { method, url } = incoming;
    const path = (url ?? '').replace('/v1/proxy/nightly', '');
    const onward = request({ agent, hostname, port, method, path, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
    });
    incoming.pipe(onward);
  });
  return listening(server);
}
