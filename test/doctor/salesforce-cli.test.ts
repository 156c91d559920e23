/** What the Salesforce CLI says of the same faults: the last column of docs/doctor.md. */

import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
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

/** It would wait for half an hour. */
const patience = 20_000;

const words = new Map(keptWords(readPage()));

tested.each(faults)('$fault', async ({ fault, cause }) => {
  if (!('value' in installed)) throw new Error(installed.offline);
  const stage = new Stage();
  try {
    const said = await login(await cause(stage), installed.value);
    if (isWriting) words.set(fault, said);
    else expect(said).toBe(words.get(fault));
  } finally {
    await stage.end();
  }
});

afterAll(() => {
  if (isWriting) writePage(renewedPage(readPage(), words));
});

async function login(
  scene: Scene,
  { node, program }: { node: string; program: string },
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
      { cwd: surroundings.home, env, timeout: patience },
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

/** Its first sentence that says something, without what differs from run to run. */
function inShort(message: string): string {
  const lines = message
    .replaceAll(/\u001B\[\d+m/g, '')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  const telling = lines.filter(
    (line) => !/^We encountered a JSON web token error|^(?:Error )?details?:?$/i.test(line),
  );
  return (telling[0] ?? lines[0] ?? '')
    .replaceAll(/127\.0\.0\.1:\d+/g, '127.0.0.1:PORT')
    .replaceAll(/\/\S*sfjwt-(?:doctor|client)-\w+\//g, '')
    .replaceAll('|', String.raw`\|`)
    .slice(0, 180);
}
