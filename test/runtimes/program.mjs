// @ts-check
/** Runs the conformance module in a process: Node, Bun, Deno. Says what it found as JSON. */

import { createPrivateKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { inspect } from 'node:util';
import { conformance } from './conformance.mjs';

const [given = ''] = process.argv.slice(2);
const facts = JSON.parse(readFileSync(given, 'utf8'));
const outcomes = await conformance({
  ...facts,
  keyObject: createPrivateKey(facts.keys.pkcs8),
  inspect: (/** @type {unknown} */ value) => inspect(value, { depth: 20, showHidden: true }),
});
// No exit: a connection that nobody let go of would keep the process, and the test would tell.
console.log(
  JSON.stringify({
    outcomes,
    entry: import.meta.resolve('@sfjwt/client'),
    version: process.version,
  }),
);
