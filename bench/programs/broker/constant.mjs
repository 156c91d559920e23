// The floor of a cached token: node:http, a secret compared, JSON that is always the same.
import { createHash, timingSafeEqual } from 'node:crypto';
import { createServer } from 'node:http';
import { listening } from './listening.mjs';

/** @param {{ secret: string }} settings */
export function open({ secret }) {
  /** @param {string} text */
  const digest = (text) => createHash('sha256').update(text).digest();
  const own = digest(secret);
  const text = JSON.stringify({
    accessToken: `00D${'x'.repeat(109)}`,
    tokenType: 'Bearer',
    instanceUrl: 'http://127.0.0.1:7523',
    scopes: ['api'],
    organizationId: '00DLOCAL00000012HA',
    userId: '005LOCAL0000003YHA',
    identityUrl: 'http://127.0.0.1:7523/id/00DLOCAL00000012HA/005LOCAL0000003YHA',
    receivedAt: new Date().toISOString(),
  });
  const server = createServer((incoming, outgoing) => {
    const shown = incoming.headers.authorization?.replace('Bearer ', '') ?? '';
    const status = timingSafeEqual(digest(shown), own) ? 200 : 401;
    outgoing.writeHead(status, {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(text),
      'cache-control': 'no-store',
    });
    outgoing.end(text);
  });
  return listening(server);
}
