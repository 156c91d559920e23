// Stands for Salesforce behind a proxy: gives a token for any assertion, 2 KB of JSON for a query, as
// many bytes as the query says, and takes what it is sent.
import { createServer } from 'node:http';
import { Readable } from 'node:stream';
import { listening } from './listening.mjs';

const records = JSON.stringify({
  totalSize: 20,
  records: Array.from({ length: 20 }, () => ({ Name: 'x'.repeat(80) })),
});
const piece = Buffer.alloc(64 * 1024, 'x');

export async function open() {
  let address = '';
  const server = createServer((incoming, outgoing) => {
    const { searchParams, pathname } = new URL(incoming.url ?? '/', 'http://localhost');
    const bytes = Number(searchParams.get('bytes') ?? 0);
    if (bytes > 0) {
      outgoing.writeHead(200, { 'content-length': bytes });
      let left = bytes;
      const body = new Readable({
        read() {
          const next = left > piece.length ? piece : piece.subarray(0, left);
          left -= next.length;
          this.push(next.length === 0 ? null : next);
        },
      });
      body.pipe(outgoing);
      return;
    }
    incoming.resume().on('end', () => {
      const isToken = pathname === '/services/oauth2/token';
      const text = isToken
        ? JSON.stringify({
            access_token: `00DLOCAL0000001!${'x'.repeat(96)}`,
            scope: 'api',
            instance_url: address,
            id: `${address}/id/00DLOCAL00000012HA/005LOCAL0000003YHA`,
            token_type: 'Bearer',
          })
        : records;
      outgoing.writeHead(200, {
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(text),
      });
      outgoing.end(text);
    });
  });
  address = await listening(server);
  return address;
}
