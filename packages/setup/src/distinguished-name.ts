/**
 * The subject of a certificate, as people write it and as ASN.1 wants it. Written by hand because
 * @peculiar/x509 skips what its pattern does not match: a name with a stray comma would lose a part
 * without a word.
 */

import { SetupError } from './errors.ts';

/** One attribute of a distinguished name: an object identifier, its string type and its value. */
export interface NameAttribute {
  oid: string;
  encoding: 'utf8String' | 'printableString' | 'ia5String';
  value: string;
}

interface AttributeType {
  oid: string;
  encoding: NameAttribute['encoding'];
  /** RFC 5280 appendix A.1, in characters: OpenSSL enforces the same bounds. */
  maximum: number;
}

const utf8 = (oid: string, maximum: number): AttributeType => ({
  oid,
  encoding: 'utf8String',
  maximum,
});

const ia5 = (oid: string, maximum: number): AttributeType => ({
  oid,
  encoding: 'ia5String',
  maximum,
});

/** The names of RFC 4514 section 3 and the e-mail address, with the string types OpenSSL picks. */
const attributeTypes: Readonly<Record<string, AttributeType>> = {
  CN: utf8('2.5.4.3', 64),
  O: utf8('2.5.4.10', 64),
  OU: utf8('2.5.4.11', 64),
  L: utf8('2.5.4.7', 128),
  ST: utf8('2.5.4.8', 128),
  STREET: utf8('2.5.4.9', 128),
  UID: utf8('0.9.2342.19200300.100.1.1', 256),
  C: { oid: '2.5.4.6', encoding: 'printableString', maximum: 2 },
  DC: ia5('0.9.2342.19200300.100.1.25', 63),
  EMAILADDRESS: ia5('1.2.840.113549.1.9.1', 128),
};

/** One character of a name as written. An escaped one is never a separator and never trimmed. */
interface Character {
  text: string;
  escaped: boolean;
}

/**
 * Reads a subject: RFC 4514 ("CN=Nightly Sync,O=Acme") or the form of `openssl req -subj`
 * ("/CN=Nightly Sync/O=Acme"). The attributes come in the order of the certificate, which RFC 4514
 * writes backwards and OpenSSL forwards.
 *
 * @throws SetupError CERTIFICATE_SUBJECT_INVALID
 */
export function parseDistinguishedName(text: string): NameAttribute[] {
  if (text.startsWith('/')) {
    const parts = split(readSlashForm(text.slice(1)), '/');
    return parts.map((part) => readAttribute(part, '+\\'));
  }
  // Blanks around a value do not count: "CN=a, O=b" is RFC 2253 section 4 and what people write.
  const parts = split(readCommaForm(text), ',').toReversed();
  return parts.map((part) => readAttribute(trim(part), '"+;<>\\'));
}

/**
 * Writes a name as RFC 4514 does, from the form in which `X509Certificate` of `node:crypto` gives
 * it: one line per part, in the order of the certificate, escapes already in place.
 */
export function formatDistinguishedName(lines: string | undefined): string {
  // `X509Certificate` gives undefined for a name without parts, whatever its declaration says.
  if (lines === undefined) return '';
  // A plus sign inside a value is escaped, so this one stands between attributes of one part.
  const parts = lines.split('\n').map((line) => line.replaceAll(' + ', '+'));
  return parts.toReversed().join(',');
}

function readSlashForm(text: string): Character[] {
  return Array.from(text.matchAll(/\\(.)|(.)/gsu), ([, escaped, plain = '']) =>
    escaped === undefined ? { text: plain, escaped: false } : { text: escaped, escaped: true },
  );
}

/** RFC 4514 section 3: a backslash before a character, or before two digits of a UTF-8 octet. */
function readCommaForm(text: string): Character[] {
  const pattern = /((?:\\[0-9A-Fa-f]{2})+)|\\(.)|(.)/gsu;
  return Array.from(text.matchAll(pattern)).flatMap(([, octets, escaped, plain = '']) => {
    if (octets !== undefined) return readOctets(octets);
    return escaped === undefined
      ? [{ text: plain, escaped: false }]
      : [{ text: escaped, escaped: true }];
  });
}

function readOctets(escapes: string): Character[] {
  const bytes = Buffer.from(escapes.replaceAll('\\', ''), 'hex');
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    return Array.from(text, (character) => ({ text: character, escaped: true }));
  } catch (cause) {
    throw invalid(`${escapes} is not UTF-8`, [], cause);
  }
}

function split(characters: readonly Character[], separator: string): Character[][] {
  const parts: Character[][] = [];
  let part: Character[] = [];
  for (const character of characters) {
    if (isPlain(character, separator)) {
      parts.push(part);
      part = [];
    } else part.push(character);
  }
  return [...parts, part];
}

function trim(part: readonly Character[]): Character[] {
  const counts = (character: Character): boolean => !isPlain(character, ' ');
  return part.slice(part.findIndex(counts), part.findLastIndex(counts) + 1);
}

function readAttribute(part: readonly Character[], forbidden: string): NameAttribute {
  const equals = part.findIndex((character) => isPlain(character, '='));
  const name = textOf(part.slice(0, equals)).trim();
  if (part.length === 0) throw invalid('a part of it is empty');
  if (equals === -1) {
    throw invalid(`${JSON.stringify(textOf(part))} is not NAME=value`, [
      'Put a backslash before a comma or slash that belongs to a value.',
    ]);
  }
  const upper = name.toUpperCase();
  const type = Object.hasOwn(attributeTypes, upper) ? attributeTypes[upper] : undefined;
  if (type === undefined) {
    throw invalid(`${JSON.stringify(name)} is not a known attribute`, [
      'Known are CN, O, OU, L, ST, STREET, C, DC, UID and emailAddress.',
    ]);
  }
  const written = part.slice(equals + 1);
  // Only the comma form has blanks to drop here; in the slash form every blank counts.
  const commaForm = forbidden.includes('"');
  const value = commaForm ? trim(written) : written;
  const special = value.find(
    ({ text, escaped }, index) =>
      // RFC 4514 section 2.4: a number sign at the start announces BER in hex.
      !escaped && (forbidden.includes(text) || (commaForm && index === 0 && text === '#')),
  );
  if (special !== undefined) {
    throw invalid(`the value of ${name} has a bare ${special.text}`, [
      `Write \\${special.text} instead.`,
    ]);
  }
  return checkAttribute(name, textOf(value), type);
}

function checkAttribute(name: string, value: string, type: AttributeType): NameAttribute {
  const { oid, encoding, maximum } = type;
  const length = Array.from(value).length;
  if (length === 0) throw invalid(`${name} has no value`);
  if (length > maximum) {
    throw invalid(`the value of ${name} has ${length} characters; at most ${maximum} are allowed`);
  }
  // A log or a Setup page would show something else than what is in the certificate.
  if (/[\p{Cc}\p{Cs}\p{Zl}\p{Zp}]/u.test(value)) {
    throw invalid(`the value of ${name} has a line break or another control character`);
  }
  if (encoding === 'printableString' && !/^[A-Z]{2}$/.test(value)) {
    throw invalid(`${name} is a country: two upper-case letters (ISO 3166), like US`);
  }
  if (encoding === 'ia5String' && !/^[ -~]*$/.test(value)) {
    throw invalid(`the value of ${name} has a character that is not ASCII`);
  }
  return { oid, encoding, value };
}

function isPlain({ text, escaped }: Character, wanted: string): boolean {
  return !escaped && text === wanted;
}

function textOf(characters: readonly Character[]): string {
  return characters.map(({ text }) => text).join('');
}

function invalid(reason: string, hints: readonly string[] = [], cause?: unknown): SetupError {
  return new SetupError('CERTIFICATE_SUBJECT_INVALID', `The subject cannot be used: ${reason}`, {
    cause,
    hints: [...hints, "Write the subject like 'CN=Nightly Sync,O=Acme'."],
  });
}
