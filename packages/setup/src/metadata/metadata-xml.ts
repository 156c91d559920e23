/** Metadata XML: elements, lists and text, no attributes but the namespace. */

const namespace = 'http://soap.sforce.com/2006/04/metadata';

/** Fields of a component or of a part of it; a list stands for an element that is repeated. */
export interface MetadataFields {
  [name: string]: MetadataValue;
}

export type MetadataValue = string | boolean | number | MetadataFields | readonly MetadataValue[];

/** What is read: every value is text, every element that is repeated a list. */
export interface ReadFields {
  [name: string]: ReadValue;
}

export type ReadValue = string | ReadFields | ReadValue[];

/** A file of the Metadata API. What a value holds becomes text of an element, never an element. */
export async function writeMetadata(root: string, fields: MetadataFields): Promise<string> {
  const { XMLBuilder } = await import('fast-xml-parser');
  const builder = new XMLBuilder({
    format: true,
    indentBy: '    ',
    ignoreAttributes: false,
    attributeNamePrefix: '@',
    processEntities: false,
  });
  const body = builder.build({ [root]: { '@xmlns': namespace, ...escaped(fields) } });
  return `<?xml version="1.0" encoding="UTF-8"?>\n${body}`;
}

function escaped(value: MetadataFields): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [name, escapedValue(inner)]),
  );
}

function escapedValue(value: MetadataValue): unknown {
  if (Array.isArray(value)) return value.map((inner: MetadataValue) => escapedValue(inner));
  if (typeof value === 'object') return escaped(value as MetadataFields);
  return escapeText(String(value));
}

/** Characters that XML 1.0 does not have at all are left out: a file with one is no XML. */
export function escapeText(text: string): string {
  return text
    .replaceAll(/[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/gu, '')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&apos;');
}

/**
 * The fields of an XML document, with the name of its root. Namespace prefixes are left out, and so
 * are attributes. Undefined when it is not XML.
 */
export async function readMetadata(
  xml: string,
): Promise<{ root: string; fields: ReadFields } | undefined> {
  // No document of Salesforce declares entities; one that does is an attack.
  if (/<!(?:DOCTYPE|ENTITY)/i.test(xml)) return undefined;
  const { XMLParser, XMLValidator } = await import('fast-xml-parser');
  const parser = new XMLParser({
    ignoreAttributes: true,
    ignoreDeclaration: true,
    ignorePiTags: true,
    removeNSPrefix: true,
    parseTagValue: false,
    trimValues: false,
    processEntities: false,
  });
  if (XMLValidator.validate(xml) !== true) return undefined;
  const parsed = parser.parse(xml) as Record<string, unknown>;
  const root = Object.keys(parsed).find((name) => !name.startsWith('#'));
  if (root === undefined) return undefined;
  const value = unescaped(parsed[root]);
  return { root, fields: typeof value === 'string' || Array.isArray(value) ? {} : value };
}

function unescaped(value: unknown): ReadValue {
  if (Array.isArray(value)) return value.map(unescaped);
  if (typeof value !== 'object' || value === null) {
    return typeof value === 'string' ? unescapeText(value) : '';
  }
  // Blanks between elements.
  const entries = Object.entries(value).filter(([name]) => name !== '#text');
  return Object.fromEntries(
    entries.map(([name, inner]: [string, unknown]) => [name, unescaped(inner)]),
  );
}

const entities: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
};

function unescapeText(text: string): string {
  return text.replaceAll(/&(?:#x([\da-f]+)|#(\d+)|(\w+));/gi, (entity, hex, decimal, name) => {
    if (typeof name === 'string') return entities[name] ?? entity;
    const point = typeof hex === 'string' ? Number.parseInt(hex, 16) : Number(decimal);
    return point <= 0x10_ffff ? String.fromCodePoint(point) : entity;
  });
}

/** An element as text; empty when it is missing or has elements of its own. */
export function textOf(fields: ReadFields | undefined, name: string): string {
  const value = fields?.[name];
  return typeof value === 'string' ? value.trim() : '';
}

/** An element as a list, whether it comes once, several times or not at all. */
function listOf(fields: ReadFields | undefined, name: string): ReadValue[] {
  const value = fields?.[name];
  if (value === undefined) return [];
  return Array.isArray(value) ? value : [value];
}

/** The same, of an element that has text. */
export function textsOf(fields: ReadFields | undefined, name: string): string[] {
  return listOf(fields, name).filter((value) => typeof value === 'string');
}

/** An element that has elements. */
export function fieldsOf(fields: ReadFields | undefined, name: string): ReadFields | undefined {
  return objectsOf(fields, name)[0];
}

/** The same of one that is repeated. */
export function objectsOf(fields: ReadFields | undefined, name: string): ReadFields[] {
  return listOf(fields, name).filter(
    (value): value is ReadFields => typeof value === 'object' && !Array.isArray(value),
  );
}
