/** package.xml, and the destructive changes beside it: which components are meant. */

import { DeployProblem, shortened } from './deploy-problem.ts';
import { childrenText, childText, metadataNamespace, parseXml, writeXml, XmlError } from './xml.ts';
import type { XmlElement } from './xml.ts';

/** Names of components by their type; `*` stands for all. */
export interface Manifest {
  types: ReadonlyMap<string, readonly string[]>;
  /** API version, such as `67.0`. */
  version: string | undefined;
}

/** @throws DeployProblem */
export function readManifest(file: Uint8Array): Manifest {
  let root: XmlElement;
  try {
    root = parseXml(new TextDecoder().decode(file));
  } catch (error) {
    const reason = error instanceof XmlError ? error.message : String(error);
    throw new DeployProblem('unreadable', reason);
  }
  if (root.name !== 'Package') {
    throw new DeployProblem('unknownElement', shortened(root.name), 'Package');
  }
  return toManifest(root);
}

/** The same as an element of a SOAP request. */
export function toManifest(element: XmlElement): Manifest {
  const types = new Map<string, string[]>();
  for (const child of element.children) {
    if (child.name !== 'types') continue;
    const name = childText(child, 'name') ?? '';
    types.set(name, [...(types.get(name) ?? []), ...childrenText(child, 'members')]);
  }
  return { types, version: childText(element, 'version') };
}

export function writeManifest({ types, version }: Manifest): string {
  return writeXml('Package', {
    '@xmlns': metadataNamespace,
    types: [...types].map(([name, members]) => ({ members: [...members], name })),
    version,
  });
}
