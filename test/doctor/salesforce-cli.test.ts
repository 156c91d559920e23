/** What the Salesforce CLI says of the same faults: the last column of docs/doctor.md. */

import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { expect, test } from 'vitest';
import { makeSurroundings } from '../clients/actor.ts';
import { installClients } from '../clients/installation.ts';
import { newerNode } from '../clients/tried.ts';
import { unlessOffline } from '../npm.ts';
import { installNode } from '../runtimes/runtimes.ts';
import { faults } from './faults.ts';
import { keptWords, readPage, renewedPage, writePage } from './page.ts';
import { Stage } from './stage.ts';
import type { Scene } from './stage.ts';

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
const tested = test.skipIf('offline' in installed);

/** With this in the environment the page is written, and not compared. */
const isWriting = process.env['DOCTOR_PAGE'] === 'write';

/** Where nobody answers, the CLI waits for half an hour. */
const patience = 20_000;

/** A busy machine may take its time for the others. */
const limit = 120_000;

const words = new Map(keptWords(readPage()));

tested.each(faults)('$fault', async ({ fault, cause, isSilent }) => {
  if (!('value' in installed)) throw new Error(installed.offline);
  const stage = new Stage();
  try {
    const said = await login(
      await cause(stage),
      installed.value,
      isSilent === true ? patience : limit,
    );
    if (isWriting) keep(fault, said);
    else expect(said).toBe(words.get(fault));
  } finally {
    await stage.end();
  }
});

/** Written one by one: what was heard is not lost with what comes after it. */
function keep(fault: string, said: string): void {
  words.set(fault, said);
  writePage(renewedPage(readPage(), words));
}

async function login(
  scene: Scene,
  { node, program }: { node: string; program: string },
  timeout: number,
): Promise<string> {
  const surroundings = makeSurroundings(scene.ca);
  const { loginUrl = '', clientId = '', username = '', keyFile = '', audience, proxy } = scene;
  const env = {
    ...surroundings.environment,
    ...(audience === undefined ? {} : { SF_AUDIENCE_URL: audience }),
    ...(proxy === undefined ? {} : { HTTPS_PROXY: proxy, https_proxy: proxy }),
  };
  const output = await new Promise<string>((resolve) => {
    execFile(
      node,
      [
        ...[program, 'org', 'login', 'jwt', '--username', username, '--jwt-key-file', keyFile],
        ...['--client-id', clientId, '--instance-url', loginUrl, '--json'],
      ],
      { cwd: surroundings.home, env, timeout },
      (error, stdout) => resolve(error?.killed === true ? '' : stdout),
    );
  });
  return output === '' ? 'nothing, for 20 seconds' : inShort(messageIn(output));
}

function messageIn(output: string): string {
  try {
    const { status, message = '' } = JSON.parse(output) as { status: number; message?: string };
    return status === 0 ? 'logs in' : message;
  } catch {
    return output;
  }
}

/** What every refusal of it begins with, and says nothing. */
const preamble =
  /^We encountered a JSON web token error, which is likely not an issue with Salesforce CLI\. Here.s the error: (?:\w*Error::)?(?:Error authenticating with JWT\.\s*Errors encountered:\s*)?/;

/** The first thing it says, and how often it tried: without what differs from run to run. */
function inShort(message: string): string {
  const [first = '', ...others] = stripVTControlCharacters(message)
    .replace(preamble, '')
    .split('\n')
    .map((line) => line.trim());
  const said = first
    .replaceAll(/127\.0\.0\.1:\d+/g, '127.0.0.1:PORT')
    .replaceAll(/\/\S*sfjwt-(?:doctor|client)-\w+\//g, '')
    .replaceAll('|', String.raw`\|`)
    .slice(0, 180);
  return others.length === 0 ? said : `${said} (the first of ${others.length + 1} tries)`;
}
