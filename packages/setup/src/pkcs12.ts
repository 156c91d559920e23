/**
 * PKCS#12 (RFC 7292): `.p12` and `.pfx`, of openssl old and new, Java, Windows and macOS. ASN.1, in
 * BER as in DER, is read by node-forge.
 */

import { createHmac, timingSafeEqual } from 'node:crypto';
import forge from 'node-forge';
import type { asn1 } from 'node-forge';
import { SetupError } from './errors.ts';
import { damaged, needsPassword, wrongKeyPassword, wrongPassword } from './key-store-errors.ts';
import type { KeyStorePasswords, OpenKeyStore } from './open-key-store.ts';
import { Decryption, spellings } from './pkcs12-encryption.ts';
import { inside, octets, oid, only, parse, wholeNumber } from './pkcs12-structure.ts';

/** RFC 2315, and RFC 7292 sections 4.2 and 4.1. */
const types = {
  data: '1.2.840.113549.1.7.1',
  signedData: '1.2.840.113549.1.7.2',
  encryptedData: '1.2.840.113549.1.7.6',
  keyBag: '1.2.840.113549.1.12.10.1.1',
  shroudedKeyBag: '1.2.840.113549.1.12.10.1.2',
  certificateBag: '1.2.840.113549.1.12.10.1.3',
  safeContentsBag: '1.2.840.113549.1.12.10.1.6',
  x509: '1.2.840.113549.1.9.22.1',
  friendlyName: '1.2.840.113549.1.9.20',
};

/** A safe in a safe is allowed, and nobody has been seen to do it. */
const maximumNesting = 8;

/**
 * Checks the integrity of the whole, then takes it apart.
 *
 * @throws SetupError PASSWORD_MISSING, PASSWORD_WRONG, KEY_PASSWORD_WRONG, KEYSTORE_DAMAGED,
 *   KEYSTORE_UNSUPPORTED
 */
export async function openPkcs12(
  bytes: Buffer,
  { password, keyPassword }: KeyStorePasswords,
): Promise<OpenKeyStore> {
  const [version, contentInfo, macData] = inside(parse(bytes));
  // Version 3 and PKCS#7 contents: anything else is a key or a certificate on its own.
  if (version?.type !== forge.asn1.Type.INTEGER || wholeNumber(version) !== 3) throw notPkcs12();
  const contents = authenticatedSafe(contentInfo);
  const decryption = new Decryption();
  const safes = inside(parse(contents)).map(readSafe);
  const locked = password === undefined;
  if (macData === undefined) {
    if (locked && safes.some(({ encrypted }) => encrypted)) throw needsPassword();
  } else if (!(await integrityHolds(macData, contents, password ?? '', decryption))) {
    if (locked) throw needsPassword();
    throw (await opensAny(safes, password, decryption))
      ? damaged('its check sum is not that of its contents')
      : wrongPassword();
  }
  const candidates = [password ?? '', ...(keyPassword === undefined ? [] : [keyPassword])];
  // Once a check sum has proved the password of the file, only the other one can be wrong.
  const refusal = (): SetupError => {
    if (macData !== undefined) return wrongKeyPassword(keyPassword !== undefined);
    return locked ? needsPassword() : wrongPassword();
  };
  const bags: Bag[] = [];
  for (const safe of safes) {
    const opened = await safe.open(candidates, decryption);
    if (opened === undefined) throw refusal();
    bags.push(...readBags(opened));
  }
  const ofKeys = keyPassword ?? password ?? '';
  return {
    keys: bags.flatMap(({ alias, key }) => {
      if (key === undefined) return [];
      const open = async (): Promise<Buffer> => {
        const opened = await key.open([ofKeys], decryption);
        if (opened === undefined) throw refusal();
        return opened;
      };
      return [{ alias, chain: [], open }];
    }),
    certificates: bags.flatMap(({ certificate }) => certificate ?? []),
    warnings:
      macData === undefined
        ? ['The file has no check sum: nobody can tell whether it was changed.']
        : [],
  };
}

function notPkcs12(): SetupError {
  return new SetupError(
    'FILE_NOT_RECOGNISED',
    'This is neither PKCS#12 (.p12, .pfx) nor a Java keystore (.jks)',
    {
      hints: ['See what is in it: sfjwt key inspect FILE'],
    },
  );
}

function authenticatedSafe(contentInfo: asn1.Asn1 | undefined): Buffer {
  const [type, content] = inside(contentInfo);
  if (oid(type) === types.signedData) {
    throw new SetupError(
      'KEYSTORE_UNSUPPORTED',
      'The file is protected by a certificate in place of a password, which is not read here',
      { hints: ['Export it again with a password.'] },
    );
  }
  if (oid(type) !== types.data) throw notPkcs12();
  return octets(only(content));
}

/** RFC 7292 section 4 (MacData), and RFC 9579 where the algorithm is PBMAC1. */
async function integrityHolds(
  macData: asn1.Asn1,
  contents: Buffer,
  password: string,
  decryption: Decryption,
): Promise<boolean> {
  const [digestInfo, salt, iterations] = inside(macData);
  const [algorithm, digest] = inside(digestInfo);
  const expected = octets(digest);
  for (const spelling of spellings(password)) {
    const { hash, key } = await decryption.macKey(algorithm, spelling, {
      salt: octets(salt),
      iterations: iterations === undefined ? 1 : wholeNumber(iterations),
    });
    const actual = createHmac(hash, key).update(contents).digest();
    if (actual.length === expected.length && timingSafeEqual(actual, expected)) return true;
  }
  return false;
}

/** A part of the file, locked or not; undefined where no password of these opens it. */
interface Part {
  encrypted: boolean;
  open(passwords: readonly string[], decryption: Decryption): Promise<Buffer | undefined>;
}

function openPart(contents: Buffer): Part {
  return { encrypted: false, open: async () => contents };
}

function lockedPart(algorithm: asn1.Asn1 | undefined, encrypted: Buffer): Part {
  return {
    encrypted: true,
    open: async (passwords, decryption) => {
      for (const password of passwords) {
        const opened = await decryption.open(algorithm, encrypted, password);
        if (opened !== undefined) return opened;
      }
      return undefined;
    },
  };
}

/** ContentInfo: bags in the clear, or EncryptedData (RFC 2315 section 13). */
function readSafe(contentInfo: asn1.Asn1): Part {
  const [type, content] = inside(contentInfo);
  if (oid(type) === types.data) return openPart(octets(only(content)));
  if (oid(type) !== types.encryptedData) {
    throw new SetupError('KEYSTORE_UNSUPPORTED', 'A part of the file is locked by a certificate', {
      hints: ['Export it again with a password.'],
    });
  }
  const [, encryptedContentInfo] = inside(only(content));
  const [, algorithm, encrypted] = inside(encryptedContentInfo);
  return lockedPart(algorithm, octets(encrypted));
}

/** What a bag holds of what is wanted here: one of them, or nothing. */
interface Bag {
  alias: string | undefined;
  key?: Part;
  certificate?: Buffer;
}

function readBags(safeContents: Buffer, depth = 0): Bag[] {
  if (depth > maximumNesting) throw damaged('too many safes are nested in it');
  return inside(parse(safeContents)).flatMap((bag): Bag[] => {
    const [type, content, attributes] = inside(bag);
    const value = only(content);
    const alias = friendlyNameOf(attributes);
    switch (oid(type)) {
      case types.safeContentsBag:
        return readBags(encode(value), depth + 1);
      case types.keyBag:
        return [{ alias, key: openPart(encode(value)) }];
      case types.shroudedKeyBag: {
        const [algorithm, encrypted] = inside(value);
        return [{ alias, key: lockedPart(algorithm, octets(encrypted)) }];
      }
      case types.certificateBag: {
        const [kind, certificate] = inside(value);
        // The other kind, SDSI, has been dead for decades.
        return oid(kind) === types.x509 ? [{ alias, certificate: octets(only(certificate)) }] : [];
      }
      default:
        return [];
    }
  });
}

function encode(element: asn1.Asn1): Buffer {
  return Buffer.from(forge.asn1.toDer(element).getBytes(), 'latin1');
}

/** RFC 7292 section 4.2: attributes are a set; RFC 2985 section 5.5.1: the name is a BMPString. */
function friendlyNameOf(attributes: asn1.Asn1 | undefined): string | undefined {
  if (attributes === undefined) return undefined;
  for (const attribute of inside(attributes)) {
    const [type, values] = inside(attribute);
    if (oid(type) !== types.friendlyName) continue;
    // Text of two bytes a character, which node-forge has read already.
    const { type: kind, value } = only(values);
    return kind === forge.asn1.Type.BMPSTRING && typeof value === 'string' ? value : undefined;
  }
  return undefined;
}

/** Whether the password opens a part, which tells a damaged file from a wrong password. */
async function opensAny(
  safes: readonly Part[],
  password: string,
  decryption: Decryption,
): Promise<boolean> {
  for (const safe of safes) {
    try {
      const contents = await safe.open([password], decryption);
      if (contents === undefined) continue;
      if (safe.encrypted) return true;
      for (const { key } of readBags(contents)) {
        if (key?.encrypted === true && (await key.open([password], decryption)) !== undefined) {
          return true;
        }
      }
    } catch {
      // Not this part: the next may open.
    }
  }
  return false;
}
