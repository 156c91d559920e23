// The verify-and-store floor, for whoever builds on hono.
import { randomBytes } from 'node:crypto';
import { serve } from '@hono/node-server';
import { Hono } from 'hono';
import { assertionCheck } from '../../servers/assertion-check.mjs';

export async function open({ publicKey }) {
  const check = assertionCheck(publicKey);
  const sessions = new Map();
  const app = new Hono();
  app.post('/token', async (c) => {
    const username = await check(await c.req.text());
    const token = randomBytes(72).toString('base64url');
    sessions.set(token, username);
    return c.json({ access_token: token, token_type: 'Bearer' });
  });
  app.get('/userinfo', (c) => {
    const username = sessions.get(c.req.header('authorization')?.split(' ')[1]);
    return username === undefined ? c.json({}, 401) : c.json({ username });
  });
  const port = await new Promise((resolve) => {
    const options = { fetch: app.fetch, port: 0, hostname: '127.0.0.1' };
    serve({ ...options, overrideGlobalObjects: false }, (address) => resolve(address.port));
  });
  const url = `http://127.0.0.1:${port}`;
  return { tokenEndpoint: `${url}/token`, resource: `${url}/userinfo` };
}
