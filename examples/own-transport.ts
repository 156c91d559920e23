// Token requests and API requests over a way of your own: here the usual one, with a header that a
// gateway asks for, and each request told.
import { connect, createTransport } from '@sfjwt/client';
import type { Transport } from '@sfjwt/client';

const usual = createTransport();
const transport: Transport = {
  send(request) {
    console.log(request.method, new URL(request.url).pathname);
    return usual.send({ ...request, headers: { ...request.headers, 'x-gateway': 'nightly-sync' } });
  },
  close: () => usual.close(),
};

const salesforce = connect({
  transport,
  fetch(request) {
    console.log(request.method, new URL(request.url).pathname);
    request.headers.set('x-gateway', 'nightly-sync');
    return fetch(request);
  },
});
console.log((await salesforce.fetch('/services/data/v67.0')).status);
