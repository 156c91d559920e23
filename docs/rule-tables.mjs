// @ts-check
/** The tables of docs/ that come from the rules of the local org: `npm run docs` writes them. */

import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { grantRules, requestRules } from '@sfjwt/org';
import { deployRules } from '@sfjwt/org/deploy-rules';

const pages = ['local-org.md', 'metadata-api.md'].map((name) =>
  fileURLToPath(new URL(name, import.meta.url)),
);

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
    told(source, assumption),
  ].join(' | ')} |`;

/** @param {readonly import('@sfjwt/org').Rule[]} rules */
const table = (rules) =>
  [
    '| Step | Refusal | Login History | Source |',
    '| --- | --- | --- | --- |',
    ...rules.map(row),
  ].join('\n');

/** @param {string} source @param {true | undefined} assumption */
const told = (source, assumption) => (assumption === true ? `**Assumption.** ${source}` : source);

/** The rules of a deployment. */
export const deployTable = 'deploy rules';

const deployRows = () =>
  [
    ['When', 'Problem', 'Source'],
    ['---', '---', '---'],
    ...Object.values(deployRules).map(({ when, words: sentence, source, assumption, warning }) => [
      when,
      `${warning === true ? 'Warning: ' : ''}\`${sentence
        .replaceAll('{{', '{')
        .replaceAll('}}', '}')
        .replaceAll(/\{\d\}/g, '…')}\``,
      told(source, assumption),
    ]),
  ]
    .map((cells) => `| ${cells.join(' | ')} |`)
    .join('\n');

/**
 * The page with its tables as the rules are now.
 *
 * @param {string} text
 */
export function withRules(text) {
  /** @type {[name: string, rows: string][]} */
  const made = [
    ...Object.entries(tables).map(
      ([name, rules = []]) => /** @type {[string, string]} */ ([name, table(rules)]),
    ),
    [deployTable, deployRows()],
  ];
  return made.reduce(
    (before, [name, rows]) =>
      before.replace(
        new RegExp(`(<!-- ${name}: made by npm run docs -->\\n)[^]*?(<!-- end -->)`),
        (_whole, start, end) => `${start}\n${rows}\n\n${end}`,
      ),
    text,
  );
}

/** The names of the tables, each of which the page has to have. */
export const ruleTables = Object.keys(tables);

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const page of pages) writeFileSync(page, withRules(readFileSync(page, 'utf8')));
}
