// As a test of one's own uses it: without a socket.
import { createOrg } from '@sfjwt/org';

/** @type {import('../server-runner.mjs').OpenServer} */
export async function open({ seed }) {
  const org = await createOrg({ seed });
  const tokenEndpoint = `${org.url}/services/oauth2/token`;
  const headers = { 'content-type': 'application/x-www-form-urlencoded' };
  return {
    tokenEndpoint,
    answer: (form) =>
      org.fetch(new Request(tokenEndpoint, { method: 'POST', headers, body: form })),
  };
}
