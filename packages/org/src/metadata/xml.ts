/**
 * XML as the Metadata API speaks it: elements and text. Read from strangers, so within bounds, and
 * with no entities but the five that XML itself has.
 */

import { XMLBuilder, XMLParser, XMLValidator } from 'fast-xml-parser';

export const metadataNamespace = 'http://soap.sforce.com/2006/04/metadata';

export interface XmlElement {
  /** Without its prefix. */
  name: string;
  /** Its own, without that of its children. */
  text: string;
  children: readonly XmlElement[];
  /** `xsi:type`, for one, as `type`. */
  attributes: Readonly<Record<string, string>>;
}

/** What an element is written from; a list becomes several elements of one name. */
export type XmlValue = string | number | boolean | null | readonly XmlValue[] | XmlFields;
export interface XmlFields {
  readonly [name: string]: XmlValue | undefined;
}

/** Not XML, or XML that nobody should read. The message is what the reader of an API is told. */
export class XmlError extends Error {
  override readonly name = 'XmlError';
}

/** Nothing of the Metadata API is nested deeper than a dozen levels. */
const deepest = 50;
const mostElements = 200_000;

const parser = new XMLParser({
  preserveOrder: true,
  ignoreAttributes: false,
  attributeNamePrefix: '',
  removeNSPrefix: true,
  parseTagValue: false,
  parseAttributeValue: false,
  trimValues: false,
  processEntities: false,
  ignoreDeclaration: true,
  ignorePiTags: true,
  maxNestedTags: deepest,
});

/** The root element. @throws XmlError */
export function parseXml(text: string): XmlElement {
  const source = text.replace(/^\uFEFF/, '');
  // A document type can only be a trap: no file of Salesforce's has one.
  if (/<!(?:DOCTYPE|ENTITY)/i.test(source)) throw new XmlError('DOCTYPE is disallowed');
  if (source.trim() === '') throw new XmlError('Premature end of file');
  const verdict = XMLValidator.validate(source);
  if (verdict !== true) {
    const { msg, line, col } = verdict.err;
    throw new XmlError(`${msg} (line ${line}, column ${col})`);
  }
  let nodes: Node[];
  try {
    nodes = parser.parse(source) as Node[];
  } catch (error) {
    throw new XmlError(error instanceof Error ? error.message : String(error));
  }
  const count = { left: mostElements };
  const [root, ...more] = nodes.flatMap((node) => toElement(node, count) ?? []);
  if (root === undefined) throw new XmlError('Content is not allowed in prolog');
  if (more.length > 0) throw new XmlError('Only one root element is allowed');
  return root;
}

/** As the parser gives it: one name with a list, beside its attributes; or a text. */
type Node = Record<string, unknown>;

function toElement(node: Node, count: { left: number }): XmlElement | undefined {
  const name = Object.keys(node).find((key) => key !== ':@');
  if (name === undefined || name === '#text') return undefined;
  count.left -= 1;
  if (count.left < 0) throw new XmlError(`More than ${mostElements} elements`);
  const nodes = node[name] as Node[];
  const attributes = (node[':@'] ?? {}) as Record<string, unknown>;
  return {
    name,
    text: decode(nodes.map((child) => textOf(child)).join('')),
    children: nodes.flatMap((child) => toElement(child, count) ?? []),
    attributes: Object.fromEntries(
      Object.entries(attributes).map(([key, value]) => [key, decode(String(value))]),
    ),
  };
}

const textOf = (node: Node): string => (typeof node['#text'] === 'string' ? node['#text'] : '');

const predefined: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
};

/** XML section 4.6; any other entity would need a document type. */
function decode(text: string): string {
  return text.replace(
    /&(?:#x([\da-f]{1,6})|#(\d{1,7})|(\w{1,10}));/gi,
    (whole, hexadecimal: string | undefined, decimal: string | undefined, name = '') => {
      const code = hexadecimal === undefined ? Number(decimal) : Number.parseInt(hexadecimal, 16);
      if (Number.isNaN(code)) return predefined[String(name)] ?? whole;
      return code <= 0x10ffff ? String.fromCodePoint(code) : whole;
    },
  );
}

/** The first child of this name. */
export function childOf(element: XmlElement, name: string): XmlElement | undefined {
  return element.children.find((child) => child.name === name);
}

/** Text of the first child of this name, without space around it. */
export function childText(element: XmlElement, name: string): string | undefined {
  return childOf(element, name)?.text.trim();
}

export function childrenText(element: XmlElement, name: string): string[] {
  return element.children.flatMap((child) => (child.name === name ? [child.text.trim()] : []));
}

const builders = {
  file: new XMLBuilder({
    format: true,
    indentBy: '    ',
    ignoreAttributes: false,
    attributeNamePrefix: '@',
    suppressEmptyNode: true,
  }),
  wire: new XMLBuilder({
    format: false,
    ignoreAttributes: false,
    attributeNamePrefix: '@',
    suppressEmptyNode: true,
  }),
};

/**
 * A document with this root. Names that begin with `@` are attributes; what is undefined is left
 * out.
 *
 * @param layout `file` is indented, as Salesforce retrieves it
 */
export function writeXml(
  root: string,
  fields: XmlFields,
  layout: keyof typeof builders = 'file',
): string {
  const body = builders[layout].build({ [root]: writable(fields) });
  return `<?xml version="1.0" encoding="UTF-8"?>${layout === 'file' ? '\n' : ''}${body}`;
}

function writable(value: XmlValue): unknown {
  if (value === null) return '';
  if (typeof value === 'string') return value.replace(unwritable, '\uFFFD');
  if (typeof value !== 'object') return String(value);
  if (Array.isArray(value)) return value.map((one: XmlValue) => writable(one));
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, one]: [string, XmlValue | undefined]) =>
      one === undefined ? [] : [[name, writable(one)]],
    ),
  );
}

/** What no XML 1.0 document can hold: section 2.2. */
// oxlint-disable-next-line no-control-regex
const unwritable = /[\u0000-\u0008\u000B\u000C\u000E-\u001F\uFFFE\uFFFF]/g;
