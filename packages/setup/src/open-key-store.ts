/** What every format of key store comes down to, once it is open. */

export interface KeyStorePasswords {
  /** Opens the file. Left out, only a file without a password, or with an empty one, opens. */
  password?: string | undefined;
  /** Opens the private key where it has a password of its own; the one of the file when left out. */
  keyPassword?: string | undefined;
}

/** A file whose password fitted and whose integrity was checked. */
export interface OpenKeyStore {
  keys: readonly StoredKey[];
  /** Every certificate of the file, as DER, in its order. */
  certificates: readonly Buffer[];
  warnings: readonly string[];
}

export interface StoredKey {
  alias: string | undefined;
  /** Where the certificate of the key is looked for first, as DER. */
  chain: readonly Buffer[];
  /**
   * The key as PKCS#8 in DER.
   *
   * @throws SetupError KEY_PASSWORD_WRONG
   */
  open(): Promise<Buffer>;
}
