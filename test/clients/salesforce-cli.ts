/** The Salesforce CLI, unmodified, in a process of its own that reaches this machine alone. */

import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'vitest';
import { unlessOffline } from '../npm.ts';
import { installNode } from '../runtimes/runtimes.ts';
import { makeSurroundings } from './actor.ts';
import { installClients } from './installation.ts';
import { openLocalOrg } from './local-org.ts';
import type { SignInSettings } from './local-org.ts';
import { newerNode } from './tried.ts';

const installed = await unlessOffline(
  (async () => {
    const { folder } = await installClients('node-22');
    const { command } = await installNode(newerNode);
    return {
      node: command[0] ?? '',
      program: join(folder, 'node_modules/@salesforce/cli/bin/run.js'),
    };
  })(),
);
export const tested = test.skipIf('offline' in installed);

/** What a command ends with. */
export interface Ending {
  code: number;
  /** The envelope of `--json`; of other commands what they print. */
  said: unknown;
}

/** An org, and the CLI in surroundings of its own. */
export async function stage(scheme: 'http' | 'https') {
  const { org, settings } = await openLocalOrg(scheme);
  const surroundings = makeSurroundings(org.certificateAuthority);
  /** The commands that ended well, by their first words. */
  const passed = new Set<string>();
  const sf = (words: readonly string[], variables: object = {}): Promise<Ending> =>
    new Promise((resolve, reject) => {
      if (!('value' in installed)) return reject(new Error(installed.offline));
      const { node, program } = installed.value;
      const { home: cwd, environment } = surroundings;
      const env = { ...environment, ...variables };
      execFile(node, [program, ...words], { cwd, env, timeout: 120_000 }, (error, stdout) => {
        const code = error === null ? 0 : Number(error.code);
        const flags = words.findIndex((word) => /^[-/]/.test(word));
        if (code === 0) passed.add(words.slice(0, flags).join(' '));
        resolve({
          code,
          said: words.includes('--json') ? (JSON.parse(stdout) as unknown) : stdout,
        });
      });
    });
  const login = (changed: Partial<SignInSettings> = {}): Promise<Ending> => {
    const { username, clientId, loginUrl, privateKey } = { ...settings, ...changed };
    const keyFile = join(surroundings.home, 'salesforce.key');
    writeFileSync(keyFile, privateKey);
    return sf([
      ...['org', 'login', 'jwt', '--username', username, '--jwt-key-file', keyFile],
      ...['--client-id', clientId, '--instance-url', loginUrl, '--alias', 'local', '--json'],
    ]);
  };
  /** A command for the org that was logged in to. */
  const local = (...words: string[]) => sf([...words, '--target-org', 'local', '--json']);
  return { org, surroundings, sf, local, login, passed };
}
