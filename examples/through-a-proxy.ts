// Through a proxy that inspects TLS: where it is, and whose certificates are to be trusted beside
// the usual ones. With HTTPS_PROXY and NODE_EXTRA_CA_CERTS in the environment, neither is needed.
import { readFile } from 'node:fs/promises';
import { connect } from '@sfjwt/client';

const salesforce = connect({
  proxy: process.env['PROXY'],
  ca: await readFile(process.env['CA_FILE'] ?? 'proxy-ca.pem', 'utf8'),
});
const response = await salesforce.fetch('/services/data/v67.0');
console.log(response.status);
