// The verify-and-store floor, for whoever builds on fastify.
import { randomBytes } from 'node:crypto';
import fastify from 'fastify';
import { assertionCheck } from '../../servers/assertion-check.mjs';

export async function open({ publicKey }) {
  const check = assertionCheck(publicKey);
  const sessions = new Map();
  const app = fastify();
  const form = 'application/x-www-form-urlencoded';
  app.addContentTypeParser(form, { parseAs: 'string' }, (_request, body, done) => done(null, body));
  const issue = async (request) => {
    const username = await check(request.body);
    const token = randomBytes(72).toString('base64url');
    sessions.set(token, username);
    return { access_token: token, token_type: 'Bearer' };
  };
  app.route({ method: 'POST', url: '/token', handler: issue });
  app.get('/userinfo', (request, reply) => {
    const username = sessions.get(request.headers.authorization?.split(' ')[1]);
    if (username === undefined) reply.code(401).send({});
    else reply.send({ username });
  });
  const url = await app.listen({ port: 0, host: '127.0.0.1' });
  return { tokenEndpoint: `${url}/token`, resource: `${url}/userinfo` };
}
