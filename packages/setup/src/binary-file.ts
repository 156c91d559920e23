import { createPrivateKey, createPublicKey, X509Certificate } from 'node:crypto';
import {
  describeCertificate,
  describeContainer,
  describeEncryptedKey,
  describePrivateKey,
  describePublicKey,
} from './file-entry.ts';
import type { Inspection } from './file-entry.ts';

/**
 * What a binary file holds, undefined when it is none that is known.
 *
 * @param now in milliseconds since 1970
 */
export function describeBinary(contents: Buffer, now: number): Inspection | undefined {
  // Sun's two keystore formats begin with a magic number: JKS and JCEKS.
  if (['feedfeed', 'cececece'].includes(contents.toString('hex', 0, 4))) {
    return describeContainer('javaKeystore');
  }
  // A DER sequence. The length that follows tells it from text, which may begin with a zero too.
  const length = contents[1] ?? 0;
  if (contents[0] !== 0x30 || (length < 0x80 && length !== contents.length - 2)) return undefined;
  for (const reader of readers) {
    try {
      return reader(contents, now);
    } catch {
      // Not this one: the next may fit.
    }
  }
  const start = contents.toString('hex', 0, 64);
  return patterns.find(([pattern]) => pattern.test(start))?.[1]();
}

type Reader = (contents: Buffer, now: number) => Inspection;

const readPublicKey = (key: Buffer, type: 'spki' | 'pkcs1') =>
  createPublicKey({ key, format: 'der', type });

const readers: readonly Reader[] = [
  (contents, now) => describeCertificate(new X509Certificate(contents), now),
  readPrivateKey,
  (contents) => describePublicKey(readPublicKey(contents, 'spki')),
  (contents) => describePublicKey(readPublicKey(contents, 'pkcs1')),
];

/** The head of a DER sequence in hex: its length takes one to four bytes, or comes at its end. */
const sequence = '30(?:80|[0-7].|81.{2}|82.{4}|83.{6})';

/**
 * Which of the three private key formats it is: told by what follows the version, since newer
 * Nodes read any of them whatever they are told to expect.
 */
const privateKeyFormats = [
  // RFC 5208 section 5: a sequence, the algorithm.
  [new RegExp(`^${sequence}0201..30`), 'pkcs8', 'PKCS#8'],
  // RFC 8017 appendix A.1.2: an integer, the modulus.
  [new RegExp(`^${sequence}0201..02`), 'pkcs1', 'PKCS#1'],
  // RFC 5915 section 3: an octet string, the key.
  [new RegExp(`^${sequence}0201..04`), 'sec1', 'SEC 1'],
] as const;

function readPrivateKey(key: Buffer): Inspection {
  const start = key.toString('hex', 0, 16);
  const found = privateKeyFormats.find(([pattern]) => pattern.test(start));
  if (found === undefined) throw new TypeError('No private key begins like this');
  const [, type, format] = found;
  return describePrivateKey(createPrivateKey({ key, format: 'der', type }), format);
}

/** What Node does not read, by its first bytes in hex. Only recognised, never taken apart. */
const patterns: readonly (readonly [RegExp, () => Inspection])[] = [
  // RFC 7292 section 4: version 3, then PKCS#7 contents.
  [
    new RegExp(`^${sequence}020103${sequence}06..2a864886f70d0107`),
    () => describeContainer('pkcs12'),
  ],
  // RFC 5958 section 3: a scheme of RFC 8018 or of RFC 7292 appendix C.
  [
    new RegExp(`^${sequence}${sequence}06..2a864886f70d01(?:05|0c01)`),
    () => describeEncryptedKey('PKCS#8'),
  ],
  // RFC 2986 section 4: a sequence that begins with version 0 and a name.
  [
    new RegExp(`^${sequence}${sequence}020100${sequence}`),
    () => describeContainer('certificateRequest'),
  ],
  // RFC 2315 section 9.
  [new RegExp(`^${sequence}06092a864886f70d010702`), () => describeContainer('pkcs7')],
];
