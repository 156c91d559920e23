// Connections that are given one store share one token per identity, and one token request. The
// store here is a file of its own kind; `memoryTokenStore()` does it within a process.
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { AccessToken, connect } from '@sfjwt/client';
import type { AccessTokenFields, TokenStore } from '@sfjwt/client';

const file = process.env['TOKEN_FILE'] ?? 'token.json';

/** A token is a password for an hour: only this user may read the file. */
const store: TokenStore = {
  async get(key) {
    const text = await readFile(file, 'utf8').catch(() => '{}');
    const tokens = JSON.parse(text) as Record<string, AccessTokenFields>;
    const fields = tokens[key];
    return fields === undefined ? undefined : new AccessToken(fields);
  },
  async set(key, token) {
    // `toJSON` hides the value, so it has to be asked for.
    const fields = { ...token.toJSON(), value: token.value };
    await writeFile(`${file}.new`, JSON.stringify({ [key]: fields }), { mode: 0o600 });
    await rename(`${file}.new`, file);
  },
  async remove(key, token) {
    if ((await store.get(key))?.equals(token) === true) await rm(file, { force: true });
  },
};

const salesforce = connect({
  store,
  onEvent: ({ type }) => {
    if (type === 'tokenRequested') console.log('a login');
  },
});
console.log((await salesforce.fetch('/services/data/v67.0')).status);
