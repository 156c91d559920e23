/** The keychain of the operating system: Keychain, Credential Manager or Secret Service. */

/** A prompt to unlock it that nobody answers must not hold up a process for longer. */
const timeoutMilliseconds = 5000;

export interface KeychainEntry {
  /** Undefined when the keychain has no such entry. */
  read(): Promise<string | undefined>;
  write(secret: string): Promise<void>;
}

/** An entry of sfjwt in the keychain. What reads it is loaded when it is read: 3 ms, and 10 to ask. */
export function keychainEntry(name: string): KeychainEntry {
  async function entry(): Promise<import('@napi-rs/keyring').AsyncEntry> {
    const { AsyncEntry } = await import('@napi-rs/keyring');
    // Never the keyring of the kernel, which forgets at the end of the session.
    return new AsyncEntry('sfjwt', name, { linux: { store: 'secret-service' } });
  }
  return {
    async read() {
      const asked = (await entry()).getPassword(AbortSignal.timeout(timeoutMilliseconds));
      return (await inTime(asked)) ?? undefined;
    },
    async write(secret) {
      await inTime((await entry()).setPassword(secret, AbortSignal.timeout(timeoutMilliseconds)));
    },
  };
}

async function inTime<T>(promise: Promise<T>): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(
      () => reject(new Error('the keychain does not answer')),
      timeoutMilliseconds,
    );
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}
