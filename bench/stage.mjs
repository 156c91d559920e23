// What every contestant finds: the token endpoint, a private key, an empty home, and an environment
// without a word of the person who runs the benchmark.
import { fork } from 'node:child_process';
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * @typedef {object} Stage
 * @property {string} home A scratch folder.
 * @property {string} privateKeyFile
 * @property {string} loginUrl
 * @property {Record<string, string>} environment
 * @property {() => Promise<number>} tokenRequests How many since it was last asked.
 * @property {() => void} close
 */

/** @returns {Promise<Stage>} */
export async function openStage() {
  const home = mkdtempSync(join(tmpdir(), 'sfjwt-bench-'));
  const privateKeyFile = join(home, 'bench.key');
  const { privateKey } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  });
  writeFileSync(privateKeyFile, privateKey, { mode: 0o600 });

  const token = `00D000000000001!${randomBytes(48).toString('hex')}`;
  const program = fileURLToPath(new URL('token-endpoint.mjs', import.meta.url));
  const endpoint = fork(program, { env: { BENCH_TOKEN: token } });
  const [{ url }] = await once(endpoint, 'message');

  const environment = {
    PATH: process.env['PATH'] ?? '',
    HOME: home,
    BENCH_TOKEN: token,
    BENCH_LOGIN_URL: url,
    BENCH_PRIVATE_KEY_FILE: privateKeyFile,
    // The Salesforce CLI and its libraries: nothing beside the work that is measured.
    SF_DISABLE_TELEMETRY: 'true',
    SF_AUTOUPDATE_DISABLE: 'true',
    SF_SKIP_NEW_VERSION_CHECK: 'true',
    SF_DISABLE_DNS_CHECK: 'true',
    SF_DISABLE_LOG_FILE: 'true',
    SF_USE_GENERIC_UNIX_KEYCHAIN: 'true',
  };
  return {
    home,
    privateKeyFile,
    loginUrl: url,
    environment,
    async tokenRequests() {
      endpoint.send('count');
      const [{ count }] = await once(endpoint, 'message');
      return count;
    },
    close() {
      endpoint.disconnect();
      rmSync(home, { recursive: true, force: true });
    },
  };
}
