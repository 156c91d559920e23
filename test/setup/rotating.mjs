// @ts-check
/**
 * A process that rotates a key, and kills itself at the point that it is told: nothing of it gets to
 * clean up.
 */

import { writeSync } from 'node:fs';
import { openAdminSession, rollBackRotation, rotateCertificate } from '@sfjwt/setup';

const { accessToken, killAt, verb, ...options } = JSON.parse(process.argv[2] ?? '{}');
const session = await openAdminSession({ instanceUrl: options.loginUrl, accessToken });
const run = verb === 'rollBack' ? rollBackRotation : rotateCertificate;
const outcome = await run({
  ...options,
  session,
  onPhase: (phase, at) => {
    if (`${phase} ${at}` === killAt) process.kill(process.pid, 'SIGKILL');
  },
});
writeSync(1, JSON.stringify(outcome));
