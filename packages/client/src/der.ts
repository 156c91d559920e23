/**
 * As much of DER (ITU-T X.690) as it takes to tell one key format from another and to wrap one
 * into another. Nothing here reads a secret number.
 */

export interface DerElement {
  /** The identifier octet: 0x30 for a sequence, 0x02 for an integer. */
  readonly tag: number;
  /** The contents octets. */
  readonly contents: Uint8Array;
  /** Bytes the element takes in all, as its own length says: more than there are when it was cut off. */
  readonly size: number;
}

export const derTag = {
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  objectIdentifier: 0x06,
  sequence: 0x30,
} as const;

/** The element at the start of the bytes, if they begin like one. */
export function readElement(bytes: Uint8Array): DerElement | undefined {
  const [tag, first] = bytes;
  if (tag === undefined || first === undefined) return undefined;
  let length = first;
  let start = 2;
  if (first > 0x80) {
    const octets = first - 0x80;
    if (octets > 4 || bytes.length < 2 + octets) return undefined;
    start += octets;
    length = bytes.subarray(2, start).reduce((sum, octet) => sum * 256 + octet, 0);
  } else if (first === 0x80) {
    return undefined;
  }
  return { tag, contents: bytes.subarray(start, start + length), size: start + length };
}

/** The elements inside a constructed one; as many as can be read. */
export function readElements(contents: Uint8Array): DerElement[] {
  const elements: DerElement[] = [];
  let rest = contents;
  for (let next = readElement(rest); next !== undefined; next = readElement(rest)) {
    elements.push(next);
    rest = rest.subarray(next.size);
  }
  return elements;
}

/** An object identifier in dotted form. */
export function toDotted({ contents }: DerElement): string {
  const [first = 0, ...others] = contents;
  const arcs = [Math.floor(first / 40), first % 40];
  let arc = 0;
  for (const octet of others) {
    arc = arc * 128 + (octet & 0x7f);
    if (octet < 0x80) {
      arcs.push(arc);
      arc = 0;
    }
  }
  return arcs.join('.');
}

/** AlgorithmIdentifier of rsaEncryption, and the version before it (RFC 5208 section 5). */
const pkcs8Head = [2, 1, 0, 0x30, 0x0d, 6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 1, 5, 0];

/** A PKCS#1 private key as PKCS#8, the only form that Web Crypto imports. */
export function wrapPkcs1(pkcs1: Uint8Array): Uint8Array<ArrayBuffer> {
  return encode(derTag.sequence, [...pkcs8Head, ...encode(derTag.octetString, pkcs1)]);
}

function encode(tag: number, contents: ArrayLike<number>): Uint8Array<ArrayBuffer> {
  const { length } = contents;
  const head =
    length < 0x80
      ? [tag, length]
      : length < 0x100
        ? [tag, 0x81, length]
        : [tag, 0x82, length >> 8, length & 0xff];
  const encoded = new Uint8Array(head.length + length);
  encoded.set(head);
  encoded.set(contents, head.length);
  return encoded;
}
