import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** The registry did not answer at all; an answer that says no is an ordinary failure. */
export class RegistryUnreachable extends Error {
  override readonly name = 'RegistryUnreachable';
}

const unreachable =
  /^npm error code (?:ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ENETUNREACH|EHOSTUNREACH|E?TIMEDOUT|ERR_SOCKET_TIMEOUT)$/m;

// On CI npm may try for minutes. On a train the answer is known at once.
const patience =
  process.env['CI'] === undefined
    ? { npm_config_fetch_retries: '1', npm_config_fetch_retry_mintimeout: '500' }
    : {};

/** Runs npm in a folder and gives back what it wrote to standard output. */
export async function npm(folder: string, ...args: string[]): Promise<string> {
  try {
    const { stdout } = await run('npm', args, {
      cwd: folder,
      // Its words are read below, also under `npm run --silent`.
      env: { ...process.env, npm_config_loglevel: 'error', ...patience },
      maxBuffer: 2 ** 26,
      shell: process.platform === 'win32',
    });
    return stdout;
  } catch (error) {
    const { stderr } = error as { stderr?: string };
    const message = `npm ${args.join(' ')}\n${stderr ?? String(error)}`;
    if (unreachable.test(stderr ?? '')) throw new RegistryUnreachable(message, { cause: error });
    throw new Error(message, { cause: error });
  }
}

/**
 * Tests that need the registry cannot run on a train: there they are skipped by name. On CI a
 * registry that does not answer is a failure, or one day nobody would notice that nothing is tested.
 */
export async function unlessOffline<T>(
  needed: Promise<T>,
  ci: boolean = process.env['CI'] !== undefined,
): Promise<{ value: T } | { offline: string }> {
  try {
    return { value: await needed };
  } catch (error) {
    if (ci || !(error instanceof RegistryUnreachable)) throw error;
    return { offline: 'the package registry cannot be reached' };
  }
}
