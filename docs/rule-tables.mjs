// @ts-check
/** The tables of docs/local-org.md that come from the rules of the local org: `npm run docs` writes them. */

import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { grantRules, requestRules } from '@sfjwt/org';

const page = fileURLToPath(new URL('local-org.md', import.meta.url));

const jwtBearer = 'urn:ietf:params:oauth:grant-type:jwt-bearer';

/** @type {Record<string, readonly import('@sfjwt/org').Rule[] | undefined>} */
const tables = {
  'request rules': requestRules,
  'JWT bearer rules': grantRules[jwtBearer],
  'authorization code rules': grantRules['authorization_code'],
  'refresh token rules': grantRules['refresh_token'],
};

/** @param {{ error: string, description: string, status?: number }} refusal */
const words = ({ error, description, status = 400 }) =>
  `${status === 400 ? '' : `${status} `}\`${error}\` \`${description}\``;

/** @param {import('@sfjwt/org').Rule} rule */
const row = ({ name, source, assumption, refusal, otherRefusals = [] }) =>
  `| ${[
    name,
    [refusal, ...otherRefusals].map(words).join('<br>'),
    refusal.loginStatus,
    assumption === true ? `**Assumption.** ${source}` : source,
  ].join(' | ')} |`;

/** @param {readonly import('@sfjwt/org').Rule[]} rules */
const table = (rules) =>
  [
    '| Step | Refusal | Login History | Source |',
    '| --- | --- | --- | --- |',
    ...rules.map(row),
  ].join('\n');

/**
 * The page with its tables as the rules are now.
 *
 * @param {string} text
 */
export function withRules(text) {
  return Object.entries(tables).reduce(
    (before, [name, rules = []]) =>
      before.replace(
        new RegExp(`(<!-- ${name}: made by npm run docs -->\\n)[^]*?(<!-- end -->)`),
        (_whole, start, end) => `${start}\n${table(rules)}\n\n${end}`,
      ),
    text,
  );
}

/** The names of the tables, each of which the page has to have. */
export const ruleTables = Object.keys(tables);

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  writeFileSync(page, withRules(readFileSync(page, 'utf8')));
}
