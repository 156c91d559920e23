// @ts-check
/**
 * A process that signs in for every call, all the time, and counts. It knows nothing of a rotation. On
 * SIGTERM it tells how many calls went well, and what went wrong with others.
 */

import { writeSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { connect } from '@sfjwt/client';

const { loginUrl, clientId, username, privateKeyFile } = JSON.parse(process.argv[2] ?? '{}');
const salesforce = connect({
  loginUrl,
  clientId,
  username,
  privateKeyFile,
  // No token outlives its call, so that each one signs.
  tokenLifetimeSeconds: 0.000_001,
  refusalLifetimeSeconds: 0.000_001,
});

let done = 0;
/** @type {string[]} */
const failures = [];
const stop = new AbortController();
process.on('SIGTERM', () => stop.abort());

while (!stop.signal.aborted) {
  try {
    const response = await salesforce.fetch('/services/data/v67.0/limits');
    await response.arrayBuffer();
    if (response.ok) done += 1;
    else failures.push(`HTTP ${response.status}`);
  } catch (error) {
    failures.push(String(error));
  }
  if (done === 1) writeSync(1, 'first call done\n');
  await setTimeout(10);
}
salesforce.close();
writeSync(1, `${JSON.stringify({ done, failures })}\n`);
