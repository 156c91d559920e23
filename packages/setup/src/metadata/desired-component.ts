/** A component as it should be, set against the one that an org has. */

import { readKnownCertificate } from '../certificate-match.ts';
import { sameScopes, scopeOf } from '../scope-token.ts';
import type { Component, MetadataType } from './component.ts';
import type { MetadataFields, MetadataValue, ReadFields, ReadValue } from './metadata-xml.ts';

export type FieldValue = string | number | boolean | readonly string[];

/** Path of a field, such as `label` or `oauthConfig.certificate`, -> its value. */
export type DesiredFields = Readonly<Record<string, FieldValue>>;

export interface DesiredComponent {
  type: MetadataType;
  fullName: string;
  /** What has to hold, whoever made the component. */
  always: DesiredFields;
  /** What it begins with; left alone afterwards. */
  initially: DesiredFields;
}

export interface FieldDifference {
  field: string;
  /** Undefined when the org has no value. */
  from: string | undefined;
  to: string;
}

/** Written by Salesforce, or valid at creation alone: sent again they bind a file to one org, or fail. */
const neverSentAgain: readonly string[] = [
  'consumerKey',
  'consumerSecret',
  'orgScopedExternalApp',
  'oauthLink',
  'oauthConfig.consumerKey',
  'oauthConfig.consumerSecret',
];

/** What an update would change: fields that hold already are not in it. */
export function differences(
  { always }: DesiredComponent,
  current: ReadFields,
): readonly FieldDifference[] {
  return Object.entries(always).flatMap(([field, wanted]) => {
    const found = readPath(current, field);
    if (holds(field, found, wanted)) return [];
    const from = found === undefined ? undefined : told(field, plain(found));
    return [{ field, from, to: told(field, wanted) }];
  });
}

/** The component of an org that has none of it yet. */
export function newComponent({ type, fullName, always, initially }: DesiredComponent): Component {
  return { type, fullName, fields: expanded({}, { ...initially, ...always }) };
}

/** The component of the org with what has to hold, and everything else as it is there. */
export function changedComponent(desired: DesiredComponent, current: ReadFields): Component {
  const kept = structuredClone(current);
  for (const path of neverSentAgain) removePath(kept, path);
  const { type, fullName, always } = desired;
  return { type, fullName, fields: expanded(kept, always) };
}

function expanded(base: ReadFields, fields: DesiredFields): MetadataFields {
  const whole: MetadataFields = { ...base };
  for (const [path, value] of Object.entries(fields)) {
    const names = path.split('.');
    const last = names.pop() ?? path;
    let place = whole;
    for (const name of names) {
      const inner = place[name];
      const next: MetadataFields =
        typeof inner === 'object' && !Array.isArray(inner) ? { ...(inner as MetadataFields) } : {};
      place[name] = next;
      place = next;
    }
    place[last] = value;
  }
  return sorted(whole);
}

/** In the order of the alphabet, as Salesforce writes them. */
function sorted(fields: MetadataFields): MetadataFields {
  const entries = Object.entries(fields).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(
    entries.map(([name, value]): [string, MetadataValue] => [
      name,
      typeof value === 'object' && !Array.isArray(value) ? sorted(value as MetadataFields) : value,
    ]),
  );
}

function readPath(fields: ReadFields, path: string): ReadValue | undefined {
  let value: ReadValue | undefined = fields;
  for (const name of path.split('.')) {
    if (typeof value !== 'object' || Array.isArray(value)) return undefined;
    value = value[name];
  }
  return value;
}

function removePath(fields: ReadFields, path: string): void {
  const names = path.split('.');
  const last = names.pop() ?? path;
  const place = names.length === 0 ? fields : readPath(fields, names.join('.'));
  if (typeof place === 'object' && !Array.isArray(place)) delete place[last];
}

const isCertificate = (field: string): boolean => /(?:^|\.)certificate$/.test(field);
const isScopes = (field: string): boolean => /scopes$/i.test(field);
const isList = (field: string): boolean => field.startsWith('commaSeparated');

function holds(field: string, found: ReadValue | undefined, wanted: FieldValue): boolean {
  if (found === undefined) return wanted === '' || (Array.isArray(wanted) && wanted.length === 0);
  const has = plain(found);
  if (isCertificate(field)) {
    const ours = readKnownCertificate(String(wanted))?.fingerprint256;
    return ours !== undefined && readKnownCertificate(String(has))?.fingerprint256 === ours;
  }
  if (isScopes(field)) return sameScopes(scopesOf(has), scopesOf(wanted));
  if (isList(field) || Array.isArray(wanted)) return sameNames(namesOf(has), namesOf(wanted));
  return String(has).trim() === String(wanted).trim();
}

/** A value as text or texts. */
function plain(value: ReadValue): string | readonly string[] {
  if (Array.isArray(value)) return value.filter((one) => typeof one === 'string');
  return typeof value === 'string' ? value : '';
}

/** The names in a list, however it is written: separated by commas, or one an element. */
export function namesOf(value: FieldValue): string[] {
  const words = Array.isArray(value) ? (value as readonly string[]) : String(value).split(',');
  return words.map((word) => word.trim()).filter((word) => word !== '');
}

function scopesOf(value: FieldValue): string[] {
  return namesOf(value).map(scopeOf);
}

/** API names are the same in upper and lower case. */
function sameNames(some: readonly string[], others: readonly string[]): boolean {
  const words = (names: readonly string[]): string =>
    [...new Set(names.map((name) => name.toLowerCase()))].toSorted().join('\n');
  return words(some) === words(others);
}

/** A value for a person: of a certificate what tells it from another. */
function told(field: string, value: FieldValue): string {
  if (isCertificate(field)) {
    const certificate = readKnownCertificate(String(value));
    if (certificate === undefined) return 'a certificate that cannot be read';
    const { fingerprint256, notAfter } = certificate;
    return `${fingerprint256.slice(0, 23)}…, valid until ${notAfter.toISOString().slice(0, 10)}`;
  }
  if (isScopes(field)) return scopesOf(value).join(', ');
  return Array.isArray(value) ? value.join(', ') : String(value);
}
