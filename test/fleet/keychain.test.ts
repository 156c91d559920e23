/** The key of the machine in a real keychain: gnome-keyring, on a session bus of the test's own. */

import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, onTestFinished, test } from 'vitest';
import { root } from '../acme.ts';

const run = promisify(execFile);

const lacking = ['dbus-run-session', 'gnome-keyring-daemon'].filter(
  (name) =>
    !(process.env['PATH'] ?? '').split(delimiter).some((folder) => existsSync(join(folder, name))),
);
const missing =
  lacking.length === 0 ? undefined : `needs ${lacking.join(', ')} (Debian: dbus, gnome-keyring)`;
if (missing !== undefined && process.env['CI'] === 'true') throw new Error(missing);

const program = `
import { machineSeal } from '@sfjwt/broker/machine';
const [, , home, sealed] = process.argv;
const seal = await machineSeal({ home });
console.log(sealed === undefined ? seal.seal('text', 'place') : seal.open(sealed, 'place'));
`;

describe.skipIf(missing !== undefined)(
  `a keychain${missing === undefined ? '' : `: ${missing}`}`,
  () => {
    test('keeps the key of the machine, so that its folder alone opens nothing', async () => {
      // Inside the checkout, so that the packages are found.
      await mkdir(join(root, '.cache'), { recursive: true });
      const folder = await mkdtemp(join(root, '.cache', 'keychain-'));
      onTestFinished(() => rm(folder, { recursive: true, force: true }));
      const home = join(folder, 'home');
      await writeFile(join(folder, 'program.mjs'), program);
      /** Each time a new session, of a person who has signed in to the same desktop. */
      const inSession = async (...words: string[]): Promise<string> => {
        const unlock = 'printf pw | gnome-keyring-daemon --unlock --components=secrets >/dev/null';
        const script = `${unlock}; exec "$0" "$@"`;
        const { PATH = '' } = process.env;
        const env = {
          PATH,
          HOME: folder,
          XDG_RUNTIME_DIR: folder,
          XDG_DATA_HOME: join(folder, 'data'),
        };
        const node = [process.execPath, join(folder, 'program.mjs'), home, ...words];
        const { stdout } = await run('dbus-run-session', ['--', 'sh', '-c', script, ...node], {
          env,
        });
        return stdout.trim();
      };
      const sealed = await inSession();
      const text = await readFile(join(home, 'key.json'), 'utf8');
      expect(JSON.parse(text)).toEqual({
        version: 1,
        keychain: expect.stringMatching(/^store key [\da-f]{8}$/),
      });
      expect(await inSession(sealed)).toBe('text');

      // Without the session nobody opens it, and no other key is made in its place.
      const { PATH = '' } = process.env;
      const alone = run(process.execPath, [join(folder, 'program.mjs'), home, sealed], {
        env: { PATH },
      });
      await expect(alone).rejects.toMatchObject({
        stderr: expect.stringContaining('STORE_KEY_UNAVAILABLE'),
      });
      expect(await readFile(join(home, 'key.json'), 'utf8')).toBe(text);
    });
  },
);
