/**
 * The org's own key pairs: they sign JWT-based access tokens and ID tokens, and their public halves
 * are published at /id/keys. Made at the first need, never at start: an RSA key takes its time.
 */

import { createPrivateKey, createPublicKey, generateKeyPair } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { promisify } from 'node:util';
import type { Organization } from '../directory/organization.ts';
import type { Database } from '../store/database.ts';

export interface SigningKey {
  kid: string;
  privateKey: KeyObject;
  publicKey: KeyObject;
}

export class SigningKeys {
  readonly #database: Database;
  readonly #now: () => number;
  readonly #organization: Pick<Organization, 'id'>;
  readonly #parsed = new Map<string, SigningKey>();
  #making: Promise<SigningKey> | undefined;

  constructor(options: {
    database: Database;
    now: () => number;
    organization: Pick<Organization, 'id'>;
  }) {
    this.#database = options.database;
    this.#now = options.now;
    this.#organization = options.organization;
  }

  /** The key to sign with; made when there is none. */
  async current(): Promise<SigningKey> {
    const row = this.#database.prepare('SELECT "_kid" FROM "_SigningKey" LIMIT 1').get();
    const key = row === undefined ? undefined : this.find(String(row['_kid']));
    if (key !== undefined) return key;
    this.#making ??= this.#make().finally(() => {
      this.#making = undefined;
    });
    return this.#making;
  }

  find(kid: string): SigningKey | undefined {
    const row = this.#database
      .prepare('SELECT "_privateKey" FROM "_SigningKey" WHERE "_kid" = ?')
      .get(kid);
    if (row === undefined) return undefined;
    const pem = String(row['_privateKey']);
    let key = this.#parsed.get(pem);
    if (key === undefined) {
      const privateKey = createPrivateKey(pem);
      key = { kid, privateKey, publicKey: createPublicKey(privateKey) };
      this.#parsed.set(pem, key);
    }
    return key;
  }

  async #make(): Promise<SigningKey> {
    const { privateKey, publicKey } = await promisify(generateKeyPair)('rsa', {
      modulusLength: 2048,
    });
    const kid = `CORE_ATJWT.${this.#organization.id}.${this.#now()}`;
    const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    this.#database
      .prepare('INSERT INTO "_SigningKey" ("_kid", "_privateKey") VALUES (?, ?)')
      .run(kid, pem);
    const key = { kid, privateKey, publicKey };
    this.#parsed.set(pem, key);
    return key;
  }
}
