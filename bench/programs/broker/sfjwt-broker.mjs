// Ours: as many profiles as are asked for, a port, one caller with a secret.
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { profileToServe, readConfiguration, runBroker } from '@sfjwt/broker/broker';

/** @param {{ host: string; secret: string; identities?: number }} settings */
export async function open({ host, secret, identities = 1 }) {
  const folder = mkdtempSync(join(tmpdir(), 'sfjwt-bench-'));
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  const { privateKey } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  });
  const privateKeyFile = join(folder, 'salesforce.key');
  writeFileSync(privateKeyFile, privateKey, { mode: 0o600 });
  process.env['BENCH_SECRET'] = secret;
  const file = join(folder, 'broker.json');
  const callers = [{ name: 'bench', secrets: [{ environment: 'BENCH_SECRET' }], profiles: ['*'] }];
  writeFileSync(file, JSON.stringify({ version: 1, doors: [{ port: 0 }], callers }));
  const profiles = Array.from({ length: identities }, (_, index) => {
    const name = index === 0 ? 'nightly' : `user-${index}`;
    const profile = {
      loginUrl: host,
      clientId: '3MVG9',
      username: `${name}@acme.example`,
      privateKeyFile,
    };
    return /** @type {const} */ ([name, profileToServe(profile)]);
  });
  const configuration = await readConfiguration(file);
  const { addresses } = await runBroker({ configuration, profiles: new Map(profiles) });
  return addresses[0];
}
