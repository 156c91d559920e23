/** A file that always holds a token that can be used, for programs that can read a file and no more. */

import { randomUUID } from 'node:crypto';
import { chmod, open, readdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { AccessToken, Clock, TokenSource } from '@sfjwt/client';
import { sleep, systemClock } from '@sfjwt/client';

export type TokenFileFormat = 'token' | 'json' | 'header';

export interface TokenFileOptions {
  readonly file: string;
  readonly source: TokenSource;
  /** 0600 when left out. */
  readonly mode?: number | undefined;
  readonly format?: TokenFileFormat | undefined;
  /** How often it is looked whether the token is another one, in seconds; 30 when left out. */
  readonly everySeconds?: number | undefined;
  readonly clock?: Clock | undefined;
  readonly onFault?: ((error: unknown) => void) | undefined;
}

export interface TokenFile {
  /** Resolves after the first attempt. */
  readonly first: Promise<void>;
  /** Stops, and takes the file away: a token must not outlive its broker. */
  close(): Promise<void>;
}

/**
 * Keeps the file up to date. The source renews the token ahead of its end; a failed attempt leaves
 * the file as it is, since the old token may still be good.
 */
export function keepTokenFile(options: TokenFileOptions): TokenFile {
  const { file, source, mode = 0o600, format = 'token' } = options;
  const { everySeconds = 30, clock = systemClock, onFault } = options;
  const end = new AbortController();
  let written: AccessToken | undefined;

  async function update(): Promise<void> {
    try {
      const token = await source.token({ signal: end.signal });
      if (written?.equals(token) === true) return;
      await writeWhole(file, contents(token, format), mode);
      written = token;
    } catch (error) {
      if (!end.signal.aborted) onFault?.(error);
    }
  }

  async function run(first: Promise<void>): Promise<void> {
    await first;
    while (!end.signal.aborted) {
      // A tenth more or less, so that many files do not ask in one moment.
      const wait = everySeconds * 1000 * (0.9 + Math.random() / 5);
      try {
        await sleep(clock, wait, end.signal);
      } catch {
        return;
      }
      await update();
    }
  }

  const first = removeLeftovers(file).then(update);
  const running = run(first);
  return {
    first,
    async close() {
      end.abort();
      await running;
      await rm(file, { force: true });
    },
  };
}

function contents(token: AccessToken, format: TokenFileFormat): string {
  if (format === 'token') return token.value;
  if (format === 'header') return `Authorization: Bearer ${token.value}\n`;
  const { value, instanceUrl, organizationId, userId } = token;
  return `${JSON.stringify({ accessToken: value, instanceUrl, organizationId, userId })}\n`;
}

/** What a broker that was killed had not renamed yet: a token that nobody else would take away. */
async function removeLeftovers(file: string): Promise<void> {
  const folder = dirname(file);
  // A folder that cannot be read is told of by the writing.
  const names = await readdir(folder).catch(() => []);
  const left = names.filter(
    (name) => name.startsWith(`${basename(file)}.`) && /\.[\da-f-]{36}\.tmp$/.test(name),
  );
  await Promise.all(left.map((name) => rm(join(folder, name), { force: true }).catch(() => {})));
}

/** A reader sees the old token or the new one, and never half of one. */
async function writeWhole(file: string, text: string, mode: number): Promise<void> {
  const temporary = `${file}.${randomUUID()}.tmp`;
  try {
    const handle = await open(temporary, 'wx', 0o600);
    try {
      await handle.writeFile(text);
      await handle.sync();
    } finally {
      await handle.close();
    }
    // After it is whole: the umask would have taken from a mode given at its making.
    await chmod(temporary, mode);
    await rename(temporary, file);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}
