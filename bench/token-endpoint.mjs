// Answers every token request with the same token, checks nothing and counts: the same work for
// every contestant, and as little of it as can be. A process of its own, so that its work is on
// nobody's account. Started with `fork`; a message asks for the count of token requests and sets it
// back to zero.
import { createServer } from 'node:http';

const accessToken = process.env['BENCH_TOKEN'] ?? '';
let count = 0;

const server = createServer((request, response) => {
  request.resume();
  request.on('end', () => {
    const { url = '', method } = request;
    const isTokenRequest = method === 'POST' && /\/(?:token|access_tokens)$/.test(url);
    if (isTokenRequest) count++;
    const body = JSON.stringify(isTokenRequest ? tokenResponse(url) : resource(url));
    response.writeHead(url.endsWith('/access_tokens') ? 201 : 200, {
      'content-type': 'application/json;charset=UTF-8',
      'content-length': Buffer.byteLength(body),
    });
    response.end(body);
  });
});
// A connection that is closed while a contestant pauses would look like a failure of its.
server.keepAliveTimeout = 600_000;

/** @param {string} url */
function tokenResponse(url) {
  if (url.endsWith('/access_tokens')) {
    const expiresAt = new Date(Date.now() + 3_600_000).toISOString();
    return { token: accessToken, expires_at: expiresAt, permissions: {} };
  }
  return {
    access_token: accessToken,
    scope: 'api',
    instance_url: origin(),
    id: `${origin()}/id/00D000000000001AAA/005000000000001AAA`,
    token_type: 'Bearer',
    // Google's own path. Salesforce sends no such field.
    ...(url === '/token' && { expires_in: 3600 }),
  };
}

/** What the Salesforce CLI and its libraries ask for after the token. @param {string} url */
function resource(url) {
  if (url === '/services/data')
    return [{ label: 'Bench', url: '/services/data/v67.0', version: '67.0' }];
  if (!url.includes('/query')) return {};
  const organization = {
    Name: 'Bench',
    InstanceName: 'BENCH1',
    IsSandbox: false,
    TrialExpirationDate: null,
    NamespacePrefix: null,
    OrganizationType: 'Developer Edition',
  };
  return { totalSize: 1, done: true, records: [organization] };
}

function origin() {
  const address = server.address();
  return typeof address === 'object' && address !== null ? `http://127.0.0.1:${address.port}` : '';
}

server.listen(0, '127.0.0.1', () => process.send?.({ url: origin() }));
process.on('message', () => {
  process.send?.({ count });
  count = 0;
});
process.on('disconnect', () => process.exit());
