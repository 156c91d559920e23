/** The clients that are tried, as docs/local-org.md lists them. */

import { readFileSync } from 'node:fs';
import type { Floor } from './installation.ts';

/** What is tried; with some clients it is the user who does it with the token they hand over. */
const deeds = [
  'sign-in',
  'query',
  'query more',
  'records',
  'identity',
  'introspect',
  'refusals',
  'ended session',
  'renewal',
  'revoke',
] as const;

export type Deed = (typeof deeds)[number];

export interface TriedClient {
  /** Of its package, and of its driver. */
  name: string;
  /** Where it stands in the list, when that is not under its own name. */
  alias?: string;
  floor: Floor;
  deeds: readonly Deed[];
  /** After a refusal it tries other login URLs and audiences that might have been meant. */
  guesses?: true;
}

const always = ['sign-in', 'query', 'identity', 'refusals', 'revoke'] as const;
const tokenOnly = [...always, 'ended session'] as const;

/** Each is driven by `drivers/NAME.mjs`. */
export const libraries: readonly TriedClient[] = [
  {
    name: 'jsforce',
    floor: 'node-20',
    deeds: [...tokenOnly, 'renewal', 'records', 'query more'],
  },
  {
    name: 'jsforce',
    floor: 'node-22',
    deeds: [...tokenOnly, 'renewal', 'records', 'query more'],
  },
  {
    name: 'jsforce',
    alias: 'jsforce-1',
    floor: 'node-20',
    deeds: [...tokenOnly, 'renewal', 'records'],
  },
  {
    name: '@salesforce/core',
    floor: 'node-22',
    deeds: [...always, 'renewal', 'records'],
    guesses: true,
  },
  { name: 'salesforce-jwt-bearer-token-flow', floor: 'node-20', deeds: tokenOnly },
  { name: 'sf-jwt-token', floor: 'node-20', deeds: tokenOnly },
  { name: 'salesforce-jwt-promise', floor: 'node-20', deeds: tokenOnly },
  { name: 'node-salesforce-jwt', floor: 'node-20', deeds: tokenOnly },
  { name: 'sf-jwt-bearer-token-flow', floor: 'node-20', deeds: tokenOnly },
  { name: 'openid-client', floor: 'node-20', deeds: [...tokenOnly, 'introspect'] },
  { name: 'oauth4webapi', floor: 'node-20', deeds: [...tokenOnly, 'introspect'] },
];

export const salesforceCli = {
  name: '@salesforce/cli',
  floor: 'node-22',
  commands: [
    'org login jwt',
    'org display',
    'org list',
    'data query',
    'api request rest',
    'sobject describe',
    'org auth show-access-token',
    'data create record',
    'data get record',
    'data delete record',
    'org logout',
  ],
  /** The same of what it does with metadata. */
  metadataCommands: [
    'project deploy start',
    'org list metadata',
    'org list metadata-types',
    'project retrieve start',
    'project deploy validate',
    'project deploy quick',
    'project deploy report',
    'org assign permset',
    'project delete source',
  ],
} as const;

/** The rows of the table in docs/local-org.md. */
export function triedRows(): string[][] {
  const row = (
    client: Pick<TriedClient, 'name' | 'alias' | 'floor'>,
    passed: readonly string[],
  ) => [client.name, versionOf(client), client.floor.replace('node-', ''), passed.join(', ')];
  return [
    row(
      salesforceCli,
      [...salesforceCli.commands, ...salesforceCli.metadataCommands].map(
        (command) => `\`sf ${command}\``,
      ),
    ),
    ...libraries.map((client) =>
      row(
        client,
        deeds.filter((deed) => client.deeds.includes(deed)),
      ),
    ),
  ];
}

/** What Salesforce's own clients run on. */
export const newerNode = '22.23.3';

/** The file in `drivers` that knows how the client is used. */
export function driverOf({ name, alias = name }: TriedClient): string {
  return alias.replace(/^@/, '').replace('/', '-');
}

export function versionOf({
  name,
  alias = name,
  floor,
}: Pick<TriedClient, 'name' | 'alias' | 'floor'>): string {
  const list = readFileSync(new URL(`./${floor}/package.json`, import.meta.url), 'utf8');
  const { dependencies } = JSON.parse(list) as { dependencies: Record<string, string> };
  return dependencies[alias]?.replace(/^npm:.*@/, '') ?? '';
}
