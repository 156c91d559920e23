/** A component: one thing in Setup as a file of XML, or as what is in the file. */

import { DeployProblem, shortened } from './deploy-problem.ts';
import type { ElementKind, Elements, MetadataType } from './metadata-type.ts';
import { metadataNamespace, parseXml, writeXml, XmlError } from './xml.ts';
import type { XmlElement, XmlFields, XmlValue } from './xml.ts';

export type ComponentValue =
  | string
  | number
  | boolean
  | readonly ComponentValue[]
  | { readonly [name: string]: ComponentValue };

/** What is in a component, by the names of its elements. */
export type ComponentFields = { readonly [name: string]: ComponentValue };

/** What a file holds. @throws DeployProblem */
export function readComponent(type: MetadataType, file: Uint8Array): ComponentFields {
  let root: XmlElement;
  try {
    root = parseXml(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(file));
  } catch (error) {
    if (error instanceof XmlError) throw new DeployProblem('unreadable', error.message);
    throw new DeployProblem('unreadable', 'Invalid byte of a UTF-8 sequence');
  }
  const expected = type.root ?? type.name;
  if (root.name !== expected) {
    throw new DeployProblem('unknownElement', shortened(root.name), expected);
  }
  return readElements(type, root);
}

/** What an element of this type holds. @throws DeployProblem */
export function readElements(type: MetadataType, element: XmlElement): ComponentFields {
  // Elements that every type has.
  const own = element.children.filter(({ name }) => name !== 'fullName');
  const fields = readGroup(type.root ?? type.name, type.elements, own);
  const missing = type.required.find((name) => fields[name] === undefined || fields[name] === '');
  if (missing !== undefined) throw new DeployProblem('required', missing);
  return fields;
}

function readGroup(
  type: string,
  elements: Elements,
  children: readonly XmlElement[],
): ComponentFields {
  const fields: Record<string, ComponentValue> = {};
  for (const child of children) {
    const kind = Object.hasOwn(elements, child.name) ? elements[child.name] : undefined;
    if (kind === undefined) {
      throw new DeployProblem('unknownElement', shortened(child.name), type);
    }
    if (typeof kind === 'object' && 'each' in kind) {
      const before = fields[child.name];
      fields[child.name] = [
        ...(Array.isArray(before) ? (before as readonly ComponentValue[]) : []),
        readValue(child, kind.each),
      ];
    } else if (child.name in fields) {
      throw new DeployProblem('repeatedElement', child.name, type);
    } else {
      fields[child.name] = readValue(child, kind);
    }
  }
  return fields;
}

function readValue(element: XmlElement, kind: ElementKind): ComponentValue {
  if (kind === 'any') return readAny(element);
  if (typeof kind === 'object' && 'elements' in kind) {
    return readGroup(kind.type, kind.elements, element.children);
  }
  const [inner] = element.children;
  if (inner !== undefined) {
    throw new DeployProblem('unknownElement', shortened(inner.name), 'string');
  }
  const text = element.text.trim();
  if (kind === 'text') return text;
  if (kind === 'boolean') {
    if (!/^(?:true|false|0|1)$/.test(text)) {
      throw new DeployProblem('notOfKind', shortened(text), 'xsd:boolean');
    }
    return text === 'true' || text === '1';
  }
  if (kind === 'int') {
    if (!/^[+-]?\d{1,9}$/.test(text)) {
      throw new DeployProblem('notOfKind', shortened(text), 'xsd:int');
    }
    return Number(text);
  }
  if (!kind.values.includes(text)) {
    throw new DeployProblem('notInEnumeration', shortened(text), kind.enumeration);
  }
  return text;
}

/** What has no effect here comes back as it was. */
function readAny(element: XmlElement): ComponentValue {
  if (element.children.length === 0) return element.text.trim();
  const fields: Record<string, ComponentValue> = {};
  for (const { name } of element.children) {
    if (Object.hasOwn(fields, name)) continue;
    const values = element.children.filter((child) => child.name === name).map(readAny);
    const [first = ''] = values;
    // Not by assignment: a name such as __proto__ is one like any other.
    Object.defineProperty(fields, name, {
      value: values.length === 1 ? first : values,
      enumerable: true,
    });
  }
  return fields;
}

/** A file as Salesforce writes it: elements by their names, those that are not set left out. */
export function writeComponent(type: MetadataType, fields: ComponentFields): string {
  return writeXml(type.root ?? type.name, { '@xmlns': metadataNamespace, ...sorted(fields) });
}

/** The same within an answer of `readMetadata`. */
export function sorted(fields: ComponentFields): XmlFields {
  return Object.fromEntries(
    Object.entries(fields)
      .filter(([, value]) => value !== '')
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, value]) => [name, toXmlValue(value)]),
  );
}

function toXmlValue(value: ComponentValue): XmlValue {
  if (typeof value !== 'object') return value;
  return isList(value) ? value.map(toXmlValue) : sorted(value);
}

function isList(value: ComponentValue | undefined): value is readonly ComponentValue[] {
  return Array.isArray(value);
}

export function textOf(fields: ComponentFields, name: string): string | undefined {
  const value = fields[name];
  return typeof value === 'string' && value !== '' ? value : undefined;
}

export function flagOf(fields: ComponentFields, name: string): boolean | undefined {
  const value = fields[name];
  return typeof value === 'boolean' ? value : undefined;
}

export function numberOf(fields: ComponentFields, name: string): number | undefined {
  const value = fields[name];
  return typeof value === 'number' ? value : undefined;
}

/** A group of elements within a component. */
export function groupOf(fields: ComponentFields, name: string): ComponentFields | undefined {
  const value = fields[name];
  return typeof value === 'object' && !isList(value) ? value : undefined;
}

export function listOf(fields: ComponentFields, name: string): readonly ComponentValue[] {
  const value = fields[name];
  return isList(value) ? value : [];
}
