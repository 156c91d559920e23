// The floor F1: node:http and a checked assertion; every token is the same.
import { createServer } from 'node:http';
import { assertionCheck } from './assertion-check.mjs';

/** @type {import('../server-runner.mjs').OpenServer} */
export async function open(settings) {
  const { tokenEndpoint } = await serveChecked(
    settings,
    () => 'a-token',
    () => undefined,
  );
  return { tokenEndpoint };
}

/**
 * @param {import('../server-runner.mjs').ServerSettings} settings
 * @param {(username: string) => string} issue
 * @param {(token: string) => string | undefined} usernameOf
 * @returns {Promise<import('../server-runner.mjs').Server>}
 */
export function serveChecked({ publicKey }, issue, usernameOf) {
  const check = assertionCheck(publicKey);
  const server = createServer((incoming, outgoing) => {
    /** @param {number} status @param {object} body */
    const answer = (status, body) => {
      const text = JSON.stringify(body);
      outgoing.writeHead(status, {
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(text),
      });
      outgoing.end(text);
    };
    if (incoming.method === 'GET') {
      const [, token = ''] = incoming.headers.authorization?.split(' ') ?? [];
      const username = usernameOf(token);
      answer(username === undefined ? 401 : 200, { username });
      return;
    }
    let form = '';
    incoming.setEncoding('utf8');
    incoming.on('data', (chunk) => (form += chunk));
    incoming.on('end', () => {
      check(form).then(
        (username) => answer(200, { access_token: issue(username), token_type: 'Bearer' }),
        () => answer(400, { error: 'invalid_grant' }),
      );
    });
  });
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      const port = typeof address === 'object' && address !== null ? address.port : 0;
      const url = `http://127.0.0.1:${port}`;
      resolve({ tokenEndpoint: `${url}/token`, resource: `${url}/userinfo` });
    });
  });
}
