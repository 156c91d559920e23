/** Walks the ASN.1 of a PKCS#12 file: what is not there, or not of its type, is damage. */

import forge from 'node-forge';
import type { asn1 } from 'node-forge';
import { damaged } from './key-store-errors.ts';

const { Type } = forge.asn1;

/** BER or DER, of which nothing is left over. */
export function parse(bytes: Buffer): asn1.Asn1 {
  try {
    return forge.asn1.fromDer(bytes.toString('latin1'), true);
  } catch (cause) {
    throw damaged('its structure cannot be read', cause);
  }
}

/** The elements of a constructed one. */
export function inside(element: asn1.Asn1 | undefined): asn1.Asn1[] {
  if (element === undefined || !Array.isArray(element.value)) {
    throw damaged('a part of its structure is missing');
  }
  return element.value;
}

/** The one element of an explicit tag. */
export function only(element: asn1.Asn1 | undefined): asn1.Asn1 {
  const [first] = inside(element);
  if (first === undefined) throw damaged('a part of its structure is empty');
  return first;
}

export function oid(element: asn1.Asn1 | undefined): string {
  if (element?.type !== Type.OID || typeof element.value !== 'string') {
    throw damaged('a part of its structure has no type');
  }
  return forge.asn1.derToOid(element.value);
}

/** An octet string or another primitive; BER may have cut it into pieces. */
export function octets(element: asn1.Asn1 | undefined): Buffer {
  if (element === undefined) throw damaged('a part of its structure is missing');
  if (typeof element.value === 'string') return Buffer.from(element.value, 'latin1');
  return Buffer.concat(element.value.map((piece) => octets(piece)));
}

/** A count, from 0 to 2^31: infinity where it is larger, and no file of anybody asks for that. */
export function wholeNumber(element: asn1.Asn1 | undefined): number {
  const bytes = octets(element);
  if (element?.type !== Type.INTEGER || bytes.length === 0) {
    throw damaged('a number of its structure is missing');
  }
  if (bytes.length > 4) return Number.POSITIVE_INFINITY;
  const number = bytes.readIntBE(0, bytes.length);
  if (number < 0) throw damaged('a number of its structure is negative');
  return number;
}
