// The floor F2: node:http, a checked assertion, and a session kept in a Map by its random token.
import { randomBytes } from 'node:crypto';
import { serveChecked } from './node-http-verify.mjs';

/** @type {import('../server-runner.mjs').OpenServer} */
export function open(settings) {
  /** @type {Map<string, string>} */
  const sessions = new Map();
  return serveChecked(
    settings,
    (username) => {
      const token = randomBytes(72).toString('base64url');
      sessions.set(token, username);
      return token;
    },
    (token) => sessions.get(token),
  );
}
